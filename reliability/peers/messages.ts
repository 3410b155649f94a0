/** A server of requests. */
import { openSync, writeSync } from "node:fs";
import process from "node:process";
import {
  type Commands,
  type MessageServerOptions,
  serveMessages,
} from "../../src/message/mod.ts";
import { answer, block, givenSettings } from "./control.ts";

interface Settings {
  readonly options?: Partial<MessageServerOptions<Commands>>;
  /** Where to listen. */
  readonly port?: number;
  /** How long a request takes. */
  readonly workMs?: number;
  /** The grace time at SIGTERM. */
  readonly graceMs?: number;
  /** A file that gets the number of each request that was handled. */
  readonly journal?: string;
  /** Whether clients are asked who they are before they are served. */
  readonly asksWho?: boolean;
}

const { options, port = 0, workMs = 0, graceMs, journal, asksWho } =
  givenSettings<Settings>();
const file = journal === undefined ? undefined : openSync(journal, "a");
const closes: { at: number; by: string; error: string }[] = [];
let started = 0;

const server = await serveMessages({
  ...options,
  address: { port },
  onError: () => undefined,
  handlers: {
    hello: () => null,
    work: async (n) => {
      started++;
      if (workMs > 0) {
        await new Promise((resolve) => void setTimeout(resolve, workMs));
      }
      if (file !== undefined) writeSync(file, `${n}\n`);
      return n ?? null;
    },
    throw: () => {
      throw new Error("A handler that throws");
    },
    hang: () => new Promise<never>(() => undefined),
  },
}, async (peer, connection) => {
  void connection.closed.then(({ by, error }) => {
    closes.push({ at: Date.now(), by, error: String(error) });
  });
  if (asksWho) await peer.request("who", null);
});

process.on("SIGTERM", async () => {
  await server.close({ graceMs: graceMs! });
  process.exit();
});

await answer({ port: "port" in server.address ? server.address.port : 0 }, {
  report: () => ({ closes, started, open: server.peers.size }),
  block,
});
