/** Clients, whose servers are by hand. */
import process from "node:process";
import {
  createClient,
  lengthPrefixed,
  reconnecting,
  type ReconnectingOptions,
} from "../../mod.ts";
import {
  type Commands,
  connectMessages,
  type MessageClientOptions,
  type Peer,
} from "../../src/message/mod.ts";
import { answer, block, givenSettings } from "./control.ts";

interface Settings {
  readonly reconnecting?: Partial<ReconnectingOptions<Uint8Array>>;
  readonly messages?: Partial<MessageClientOptions<Commands>>;
  /** Whether a request that failed is sent again, which nobody asked for. */
  readonly repeats?: boolean;
}

const settings = givenSettings<Settings>();
const codec = lengthPrefixed();
const sleep = (ms: number) =>
  new Promise<void>((resolve) => void setTimeout(resolve, ms));

async function keepConnected(port: number): Promise<void> {
  const address = { port };
  for await (
    const connection of reconnecting({
      ...settings.reconnecting,
      address,
      codec,
    })
  ) {
    // A connection that breaks is followed by the next one.
    await connection.forEach(() => undefined).catch(() => undefined);
  }
}

let messages: Peer<Commands> | undefined;
let closedAt: number | undefined;

// Requests to a server that is killed again and again.

const outcomes = new Map<number, number>();
let replies = 0;
let errors = 0;
let next = 0;
let stopped = false;
let atWork: Promise<unknown> = Promise.resolve();

async function askForever(port: number): Promise<void> {
  while (!stopped) {
    try {
      const peer = await connectMessages({ address: { port } });
      await Promise.all(Array.from({ length: 20 }, () => askUntilBroken(peer)));
      await peer.close();
    } catch {
      await sleep(10);
    }
  }
}

async function askUntilBroken(peer: Peer<Commands>): Promise<void> {
  for (let broken = false; !broken && !stopped;) {
    const number = next++;
    outcomes.set(number, 0);
    broken = !await ask(peer, number);
    // The wrong way: only the program knows what may be sent twice.
    if (broken && settings.repeats) lost.push(number);
    const again = broken ? undefined : lost.pop();
    if (again !== undefined) await ask(peer, again);
  }
}

const lost: number[] = [];

async function ask(peer: Peer<Commands>, number: number): Promise<boolean> {
  const settle = () => outcomes.set(number, outcomes.get(number)! + 1);
  return await peer.request("work", number).then(() => {
    settle();
    replies++;
    return true;
  }, () => {
    settle();
    errors++;
    return false;
  });
}

await answer({ pid: process.pid }, {
  keepConnected: ({ port, count }: { port: number; count: number }) => {
    for (let i = 0; i < count; i++) void keepConnected(port);
  },
  /** Connects to a server of requests and waits for it to fall silent. */
  watch: async (port: number) => {
    messages = await connectMessages({
      ...settings.messages,
      address: { port },
    });
    void messages.closed.then(() => closedAt = Date.now());
  },
  closedAt: () => closedAt,
  /** Asks, and then stands still while the reply arrives. */
  askAndBlock: async (
    { port, timeoutMs, blockMs }: Record<string, number>,
  ) => {
    const peer = await connectMessages({
      ...settings.messages,
      address: { port: port! },
    });
    const reply = peer.request("work", 7, { timeoutMs: timeoutMs! })
      .then((value) => `reply ${value}`, ({ code }) => String(code));
    // The request leaves before the loop stands still.
    await sleep(20);
    block(blockMs!);
    return await reply;
  },
  ask: (port: number) => {
    atWork = askForever(port);
  },
  finishAsking: async () => {
    stopped = true;
    await atWork;
    const counts = [...outcomes.values()];
    return {
      requests: counts.length,
      replies,
      errors,
      unsettled: counts.filter((count) => count === 0).length,
      twice: counts.filter((count) => count > 1).length,
    };
  },
  /** Gives up connecting over TLS to a server that says nothing. */
  abortConnecting: async ({ port, abortMs }: Record<string, number>) => {
    const reason = new Error("given up");
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), abortMs!);
    const start = performance.now();
    const error = await createClient({
      address: { port: port! },
      codec,
      tls: {},
      signal: abort.signal,
      timeoutMs: 1_000,
    }).then(() => undefined, (error) => error);
    return {
      isReason: error === reason,
      milliseconds: performance.now() - start - abortMs!,
    };
  },
});
