/** The heartbeat of a link, with time that passes when the test says so. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import {
  createClient,
  framed,
  type HeartbeatOptions,
  lengthPrefixed,
  lines,
  NetError,
  serve,
} from "../../mod.ts";
import { nextTask } from "../../src/net/timer.ts";
import { Child } from "../interop/child.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";

const EVERY_MS = 1_600;
const TIMEOUT_MS = 800;

/** A link of lines with a heartbeat, and the time. */
function beating(options: Partial<HeartbeatOptions<string>> = {}) {
  const time = new HandTicker(TIMEOUT_MS);
  const wire = new ScriptedTransport();
  const link = framed(wire, lines(), {
    heartbeat: {
      ping: () => "ping",
      isPong: (line) => line === "pong",
      everyMs: EVERY_MS,
      timeoutMs: TIMEOUT_MS,
      ...options,
    },
  });
  const got: string[] = [];
  const receiving = link.forEach((line) => void got.push(line))
    .catch((error: unknown) => error);
  let isCut = false;
  void link.closed.then(() => isCut = true);
  return {
    wire,
    link,
    got,
    receiving,
    time,
    pings: () => wire.written.split("ping\n").length - 1,
    pass: (ms: number) => time.pass(ms, 100),
    isCut: () => isCut,
    [Symbol.dispose]() {
      link.abort();
      time[Symbol.dispose]();
    },
  };
}

test("heartbeat pings a peer that is silent, and hides its answer", async () => {
  using link = beating();
  await link.pass(EVERY_MS - 100);
  assertEquals(link.pings(), 0);
  await link.pass(100);
  assertEquals(link.pings(), 1);
  link.wire.data("pong\nhello\n");
  await turn();
  assertEquals(link.got, ["hello"]);
  await link.pass(EVERY_MS + TIMEOUT_MS);
  assert(!link.isCut(), "the peer had answered");
  assertEquals(link.pings(), 2);
});

test("heartbeat hands out the answers where isPong is not given", async () => {
  const wire = new ScriptedTransport();
  const link = framed(wire, lines(), { heartbeat: { ping: () => "ping" } });
  wire.data("pong\n");
  assertEquals(await link.receive(), "pong");
  link.abort();
});

test("heartbeat aborts with TIMED_OUT when no answer comes", async () => {
  using link = beating();
  await link.pass(EVERY_MS + TIMEOUT_MS);
  assert(!link.isCut(), "it was cut too early");
  await link.pass(100);
  const { by, error } = await link.link.closed;
  assertEquals(by, "local");
  assert(error instanceof NetError && error.code === "TIMED_OUT");
  assert(error.message.includes("(heartbeat.timeoutMs)"), error.message);
  assertEquals(await link.receiving, error);
  assertEquals(link.wire.ends, ["abort"]);
  assertEquals(link.time.members.size, 0);
});

test("heartbeat takes part of a frame for a sign of life", async () => {
  using link = beating();
  for (let i = 0; i < 10; i++) {
    await link.pass(1_000);
    link.wire.data("a");
  }
  assert(!link.isCut(), "it was cut");
});

test("heartbeat pings when this side has sent nothing, whatever the peer sends", async () => {
  using link = beating();
  for (let i = 0; i < 20; i++) {
    await link.pass(100);
    link.wire.data("talk\n");
  }
  assertEquals(link.pings(), 1);
  for (let i = 0; i < 20; i++) {
    await link.pass(100);
    link.wire.data("talk\n");
    void link.link.send("so do I");
  }
  assertEquals(link.pings(), 1);
});

test("heartbeat does not count the silence of a peer that is held back", async () => {
  using link = beating();
  const wire = new ScriptedTransport();
  const held = framed(wire, lines(), {
    heartbeat: {
      ping: () => "ping",
      everyMs: EVERY_MS,
      timeoutMs: TIMEOUT_MS,
    },
  });
  // Nobody receives.
  for (let i = 0; i < 100; i++) wire.data(`${"x".repeat(999)}\n`);
  assert(wire.paused);
  await link.pass(3 * (EVERY_MS + TIMEOUT_MS));
  await assertOpen(held);
  held.abort();
});

test("heartbeat sends nothing into a body, and cuts nobody for that", async () => {
  using link = beating();
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const body = async function* () {
    yield await promise;
  };
  const sending = link.link.sendBytes(body(), 4);
  await link.pass(3 * (EVERY_MS + TIMEOUT_MS));
  assertEquals(link.pings(), 0);
  assert(!link.isCut(), "it was cut");
  resolve(new TextEncoder().encode("body"));
  await sending;
  assertEquals(link.wire.written, "body");
  await link.pass(EVERY_MS);
  assertEquals(link.pings(), 1);
});

test("heartbeat ends with closeWrite() and with switchCodec()", async () => {
  using closed = beating();
  await closed.link.closeWrite();
  await closed.pass(3 * (EVERY_MS + TIMEOUT_MS));
  assert(!closed.isCut(), "the peer cannot be asked");
  assertEquals(closed.pings(), 0);
  using switched = beating();
  switched.link.switchCodec(lengthPrefixed());
  await switched.pass(3 * (EVERY_MS + TIMEOUT_MS));
  assert(!switched.isCut(), "it is of another format");
  assertEquals(switched.wire.written, "");
});

test("heartbeat aborts with what ping throws", async () => {
  const wrong = new Error("of the program");
  using link = beating({
    ping: () => {
      throw wrong;
    },
  });
  await link.pass(EVERY_MS);
  assertEquals((await link.link.closed).error, wrong);
});

test("heartbeat of a server and a client notices a process that has stopped", async () => {
  await using child = new Child([
    ...thisRuntime,
    projectFile("tests/framed/heartbeat_client.ts"),
  ]);
  const errors: unknown[] = [];
  const { promise: told, resolve } = Promise.withResolvers<void>();
  await using server = await serve({
    address: { port: 0 },
    codec: lines(),
    heartbeat: { ping: () => "ping", everyMs: 200, timeoutMs: 200 },
    onError: (error) => {
      errors.push(error);
      resolve();
    },
  }, (connection) =>
    connection.forEach((line) => {
      if (line.startsWith("pid ")) {
        process.kill(Number(line.slice(4)), "SIGSTOP");
      }
    }));
  child.write(`${JSON.stringify(server.address)}\n`);
  await told;
  const [error] = errors;
  assert(error instanceof NetError && error.code === "TIMED_OUT");
});

test("heartbeat of both sides keeps a healthy idle connection", async () => {
  const heartbeat = {
    ping: () => "ping",
    isPong: (line: string) => line === "pong",
    everyMs: 20,
    timeoutMs: 500,
  };
  let pings = 0;
  const answer =
    (connection: { send(line: string): unknown }) => (line: string) => {
      if (line !== "ping") return;
      pings++;
      void connection.send("pong");
    };
  await using server = await serve(
    { address: { port: 0 }, codec: lines(), heartbeat },
    (connection) => connection.forEach(answer(connection)),
  );
  await using client = await createClient({
    address: server.address,
    codec: lines(),
    heartbeat,
  });
  void client.forEach(answer(client));
  while (pings < 20) await new Promise<void>(nextTask);
  assertEquals(server.connections.size, 1);
});

test("framed() refuses a heartbeat that cannot work, by name", () => {
  const stream = () => new TransformStream<Uint8Array, Uint8Array>();
  const ping = () => "ping";
  for (const heartbeat of [{ ping, everyMs: 0 }, { ping, timeoutMs: NaN }]) {
    assertThrows(
      () => framed(stream(), lines(), { heartbeat }),
      RangeError,
      "heartbeat.",
    );
  }
  const wrong = [{}, { ping: "ping" }, { ping, interval: 5 }];
  for (const heartbeat of wrong as unknown as { ping(): string }[]) {
    assertThrows(() => framed(stream(), lines(), { heartbeat }), TypeError);
  }
});

async function assertOpen(link: { readonly closed: Promise<unknown> }) {
  const isOpen = await Promise.race([
    link.closed.then(() => false),
    turn().then(() => true),
  ]);
  assert(isOpen, "it was cut");
}
