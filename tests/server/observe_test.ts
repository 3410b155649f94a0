import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { test } from "node:test";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  createClient,
  lines,
  type ObservedEvent,
  serve,
  type ServeOptions,
} from "../../mod.ts";
import { connectMessages, serveMessages } from "../../src/message/mod.ts";
import { DIAGNOSTICS_CHANNELS } from "../../src/net/adapters/diagnostics.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { quick } from "../support/duplexes.ts";

const codec = lines();
const network = memoryNetwork();
const address = "memory:observed";
const at = { address, codec, network, ...quick } as const;

/** A client that is answered once by a server, and both are closed. */
async function exchange(
  ofServer: Partial<ServeOptions<string>>,
  ofClient: { observe?: (event: ObservedEvent) => void } = {},
): Promise<void> {
  await using server = await serve(
    { ...at, ...ofServer },
    (connection) => connection.forEach((line) => connection.send(line)),
  );
  void server;
  const client = await createClient({ ...at, ...ofClient });
  await client.send("hello");
  assertEquals(await client.receive(), "hello");
  await client.close();
}

/** What the tests compare of an event. */
function shown(event: ObservedEvent): string {
  const { type } = event;
  if (type === "refused") return `${type} ${event.reason}`;
  if (type === "request") return `${type} ${event.command}`;
  return type === "open"
    ? `${event.side} ${type}`
    : `${event.side} ${type} ${event.reason} ${event.stats.framesSent}`;
}

test("observe is told of the begin and the end of connections", async () => {
  const server: ObservedEvent[] = [];
  const client: ObservedEvent[] = [];
  await exchange(
    { observe: (event) => void server.push(event) },
    { observe: (event) => void client.push(event) },
  );
  assertEquals(server.map(shown), ["server open", "server close peer-done 1"]);
  assertEquals(client.map(shown), ["client open", "client close done 1"]);
  const ids = server.map((event) => "id" in event && event.id);
  assertEquals(ids[0], ids[1]);
  const [opened] = client;
  assert(opened?.type === "open" && opened.peer.transport === "memory");
  assertEquals(opened.peer.name, "observed");
});

test("observe is told of refused connections", async () => {
  const events: ObservedEvent[] = [];
  await using _server = await serve({
    ...at,
    maxConnections: 1,
    onError: () => undefined,
    observe: (event) => void events.push(event),
  }, (connection) => connection.forEach(() => undefined));
  await using _first = await createClient(at);
  await (await createClient(at)).closed;
  assertEquals(events.map(shown), ["server open", "refused maxConnections"]);
});

test("an observe hook that throws or rejects harms nothing", async () => {
  for (
    const observe of [
      () => {
        throw new Error("observe");
      },
      async () => {
        await Promise.resolve();
        throw new Error("observe");
      },
    ]
  ) {
    const errors: unknown[] = [];
    await exchange({
      observe,
      onError: (error) => void errors.push((error as Error).message),
    });
    assertEquals(errors, ["observe", "observe"]);
  }
});

test("an observe hook of a client that throws is told to the console", async () => {
  const { error } = console;
  const told: unknown[] = [];
  console.error = (...args: unknown[]) => void told.push(args[0]);
  try {
    await exchange({}, {
      observe() {
        throw new Error("observe");
      },
    });
  } finally {
    console.error = error;
  }
  assertEquals(told, [
    "framewire: observe itself failed:",
    "framewire: observe itself failed:",
  ]);
});

test("the channels of node:diagnostics_channel publish the same events", async () => {
  const events: ObservedEvent[] = [];
  const names: (string | symbol)[] = [];
  const onMessage = (message: unknown, name: string | symbol) => {
    events.push(message as ObservedEvent);
    names.push(name);
  };
  const { open, close } = DIAGNOSTICS_CHANNELS;
  for (const name of [open, close]) subscribe(name, onMessage);
  try {
    await exchange({});
  } finally {
    for (const name of [open, close]) unsubscribe(name, onMessage);
  }
  assertEquals(events.map(shown).sort(), [
    "client close done 1",
    "client open",
    "server close peer-done 1",
    "server open",
  ]);
  assertEquals([...new Set(names)].sort(), [close, open]);
  events.length = 0;
  await exchange({});
  assertEquals(events, []);
});

test("an observe that is no function is refused", async () => {
  const observe = "log" as unknown as (event: ObservedEvent) => void;
  for (
    const call of [
      () => serve({ ...at, observe }),
      () => createClient({ ...at, observe }),
      () => serveMessages({ address, network, observe }),
      () => connectMessages({ address, network, observe }),
    ]
  ) {
    const error = await assertRejects(call, TypeError);
    assertStringIncludes(error.message, "Cannot use observe");
  }
});
