import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { parseFaults } from "../../src/cli/faults/parse_faults.ts";
import { type ProxySettings, runProxy } from "../../src/cli/proxy/proxy.ts";
import type { ProxyWatcher } from "../../src/cli/proxy/watcher.ts";
import { lines } from "../../src/codec/mod.ts";
import type { Codec } from "../../src/codec/types.ts";
import { NetError } from "../../src/net/errors.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import type { Connection } from "../../src/net/types.ts";
import { utf8 } from "../support/bytes.ts";
import { until } from "../support/until.ts";

const codec = lines() as Codec<unknown>;

/** A client and a server with a proxy between them, in memory. */
class Between implements AsyncDisposable {
  readonly client: Connection;
  readonly server: Connection;
  /** What was told, in order. */
  readonly told: readonly string[];
  readonly #stop: () => Promise<void>;

  private constructor(
    client: Connection,
    server: Connection,
    told: readonly string[],
    stop: () => Promise<void>,
  ) {
    this.client = client;
    this.server = server;
    this.told = told;
    this.#stop = stop;
  }

  static async of(
    settings: Partial<ProxySettings> = {},
    network = memoryNetwork(),
  ): Promise<Between> {
    const told: string[] = [];
    const server = await network.listen("memory:server");
    const stop = new AbortController();
    const running = runProxy(await network.listen("memory:proxy"), {
      connect: () => network.connect("memory:server"),
      codec: undefined,
      faults: parseFaults(),
      seed: 1,
      bytesPerSecond: Infinity,
      watcher: watcher(told),
      onConnection: () => undefined,
      onUnconnected: (connection) => void told.push(`#${connection} failed`),
      ...settings,
    }, stop.signal);
    const client = await network.connect("memory:proxy");
    const accepted = await server[Symbol.asyncIterator]().next();
    await server.close();
    return new Between(client, accepted.value!, told, () => {
      stop.abort();
      return running;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.abort();
    this.server.abort();
    await this.#stop();
  }
}

function watcher(told: string[]): ProxyWatcher {
  const arrows = { toServer: ">", toClient: "<" };
  return {
    wantsBytes: true,
    arrived({ direction }, { offset, length, isFrame }) {
      const kind = isFrame ? "frame" : "chunk";
      told.push(`${arrows[direction]} ${kind} ${offset}+${length}`);
    },
    passed({ direction }, { offset }, faults) {
      if (faults.length === 0) return;
      told.push(`${arrows[direction]} ${offset} ${faults.join(", ")}`);
    },
    endArrived: ({ direction }, offset) =>
      void told.push(`${arrows[direction]} end ${offset}`),
    endPassed: () => undefined,
    bad: ({ direction }) => void told.push(`${arrows[direction]} bad`),
    fault: () => undefined,
    flush: () => undefined,
  };
}

/** Sends chunks, and the end. */
async function send(
  connection: Connection,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const writer = connection.writable.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

/** All bytes up to the end. */
async function received(connection: Connection): Promise<Uint8Array> {
  return new Uint8Array(await new Response(connection.readable).arrayBuffer());
}

async function text(connection: Connection): Promise<string> {
  return new TextDecoder().decode(await received(connection));
}

test("runProxy() passes on all bytes and both ends, whatever they are", async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
    fc.constantFrom(utf8("a\n"), utf8("\n"), utf8("b\r\nc")),
    fc.constant(new Uint8Array(20_000)),
  );
  const chunks = fc.array(chunk, { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      chunks,
      chunks,
      fc.boolean(),
      fc.constantFrom(undefined, "cut=1..9000", "delay=0ms..1ms"),
      fc.nat(),
      async (up, down, isFramed, faults, seed) => {
        await using between = await Between.of({
          codec: isFramed ? codec : undefined,
          faults: parseFaults(faults),
        }, memoryNetwork({ seed, delay: true }));
        const { client, server } = between;
        const [atServer, atClient] = await Promise.all([
          received(server),
          received(client),
          send(client, up),
          send(server, down),
        ]);
        assertEquals(atServer, joined(up));
        assertEquals(atClient, joined(down));
      },
    ),
    { numRuns: 20 },
  );
});

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

test("runProxy() passes a half-close on, and the other direction goes on", async () => {
  await using between = await Between.of();
  const { client, server, told } = between;
  await send(client, [utf8("request")]);
  assertEquals(await text(server), "request");
  await send(server, [utf8("reply")]);
  assertEquals(await text(client), "reply");
  assertEquals((await client.closed).error, undefined);
  assertEquals((await server.closed).error, undefined);
  assertEquals(told.at(-1), "< end 5");
});

for (const from of ["client", "server"] as const) {
  const to = from === "client" ? "server" : "client";
  test(`runProxy() passes a reset of the ${from} on`, async () => {
    await using between = await Between.of();
    const reader = between[to].readable.getReader();
    await between[from].writable.getWriter().write(utf8("a"));
    assertEquals((await reader.read()).value, utf8("a"));
    between[from].abort();
    const error = await assertRejects(() => reader.read(), NetError);
    assertEquals(error.code, "CONNECTION_RESET");
  });
}

test("runProxy() resets a client when there is no server, and tells of it", async () => {
  const network = memoryNetwork();
  const told: string[] = [];
  const stop = new AbortController();
  const running = runProxy(await network.listen("memory:proxy"), {
    connect: () => network.connect("memory:nobody"),
    codec: undefined,
    faults: parseFaults(),
    seed: 0,
    bytesPerSecond: Infinity,
    watcher: watcher(told),
    onConnection: () => undefined,
    onUnconnected: (connection, error) =>
      void told.push(`#${connection} ${(error as NetError).code}`),
  }, stop.signal);
  const client = await network.connect("memory:proxy");
  await assertRejects(() => client.readable.getReader().read(), NetError);
  assertEquals(told, ["#1 CONNECTION_REFUSED"]);
  stop.abort();
  await running;
});

test("runProxy() resets what is open when it is told to stop", async () => {
  await using between = await Between.of({ codec });
  const reading = between.client.readable.getReader().read();
  await between[Symbol.asyncDispose]();
  await assertRejects(() => reading, NetError);
});

test("runProxy() holds a sender back while the receiver does not read", async () => {
  for (const faults of ["toClient:drop=0%", "cut=65536"]) {
    await using between = await Between.of({ faults: parseFaults(faults) });
    const writer = between.client.writable.getWriter();
    let taken = 0;
    const chunk = new Uint8Array(65_536);
    const writing = (async () => {
      for (; taken < 100; taken++) await writer.write(chunk);
    })();
    for (let before = -1; before < taken;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert(taken < 50, `${taken} chunks were taken`);
    const reading = received(between.server);
    await writing;
    await writer.close();
    assertEquals((await reading).length, 100 * 65_536);
  }
});

test("runProxy() tells once of bytes that are no frame, and passes them on", async () => {
  const short = lines({ maxFrameLength: 4 }) as Codec<unknown>;
  await using between = await Between.of({ codec: short });
  const { client, server, told } = between;
  await send(client, [utf8("ab\ntoo long\nc\n")]);
  assertEquals(await text(server), "ab\ntoo long\nc\n");
  assertEquals(told, [
    "> frame 0+3",
    "> chunk 3+11",
    "> bad",
    "> end 14",
  ]);
});

test("runProxy() does the same faults for the same seed, however the bytes are cut", async () => {
  const faults = parseFaults(
    "drop=20%,dup=20%,corrupt=20%,reorder=3,delay=0ms..1ms,cut=1..3",
  );
  const input = Array.from({ length: 40 }, (_, i) => `message ${i}\n`).join("");
  const run = async (seed: number, maxChunkLength: number) => {
    const network = memoryNetwork({ seed: maxChunkLength, maxChunkLength });
    await using between = await Between.of({ codec, faults, seed }, network);
    const { client, server, told } = between;
    await send(client, [utf8(input)]);
    const bytes = await received(server);
    return { bytes, told: told.filter((line) => !line.includes("frame")) };
  };
  const first = await run(7, 1_000);
  assertEquals(await run(7, 3), first);
  const faultsTold = first.told.join("\n");
  for (const word of ["dropped", "duplicate", "corrupted", "reordered"]) {
    assert(faultsTold.includes(word), faultsTold);
  }
  assert((await run(8, 1_000)).told.join("\n") !== faultsTold);
});

const SPOILT: readonly (readonly [string, string, string])[] = [
  ["drop=100%", "", "> 0 dropped"],
  ["dup=100%", "a\na\nbc\nbc\nd\nd\n", "> 0 duplicate"],
  ["toClient:drop=100%", "a\nbc\nd\n", ""],
  ["delay=1ms", "a\nbc\nd\n", "> 0 delayed 1 ms"],
];

for (const [fault, expected, line] of SPOILT) {
  test(`runProxy() makes of three lines with ${fault} what is to come of them`, async () => {
    const faults = parseFaults(fault);
    await using between = await Between.of({ codec, faults });
    const { client, server, told } = between;
    await send(client, [utf8("a\nbc\nd\n")]);
    assertEquals(await text(server), expected);
    if (line !== "") assert(told.includes(line), told.join("\n"));
  });
}

test("runProxy() passes a frame on no earlier than delay says", async () => {
  const faults = parseFaults("delay=40ms..60ms");
  await using between = await Between.of({ codec, faults });
  const began = performance.now();
  await between.client.writable.getWriter().write(utf8("a\n"));
  await between.server.readable.getReader().read();
  assert(performance.now() - began > 38);
});

test("runProxy() leaves no timer when a frame waits and the connection has ended", async () => {
  const faults = parseFaults("delay=20s");
  await using between = await Between.of({ codec, faults });
  const { client, server, told } = between;
  await client.writable.getWriter().write(utf8("a\n"));
  await until(() => told.length > 0);
  server.abort();
  await assertRejects(() => client.readable.getReader().read(), NetError);
});

test("runProxy() tells of no failure when it is told to stop while it connects", async () => {
  const network = memoryNetwork();
  const told: string[] = [];
  const stop = new AbortController();
  const connecting = Promise.withResolvers<void>();
  const running = runProxy(await network.listen("memory:proxy"), {
    connect: () =>
      new Promise((_, reject) => {
        stop.signal.addEventListener("abort", reject);
        connecting.resolve();
      }),
    codec: undefined,
    faults: parseFaults(),
    seed: 0,
    bytesPerSecond: Infinity,
    watcher: watcher(told),
    onConnection: () => undefined,
    onUnconnected: () => void told.push("failed"),
  }, stop.signal);
  const client = await network.connect("memory:proxy");
  await connecting.promise;
  stop.abort();
  await running;
  await assertRejects(() => client.readable.getReader().read(), NetError);
  assertEquals(told, []);
});

test("runProxy() changes one byte of each frame with corrupt=100%", async () => {
  const faults = parseFaults("corrupt=100%");
  await using between = await Between.of({ codec, faults });
  const { client, server } = between;
  await send(client, [utf8("aaaa\nbbbb\n")]);
  const bytes = await received(server);
  const sent = utf8("aaaa\nbbbb\n");
  assertEquals(bytes.length, sent.length);
  const changed = (from: number, to: number) =>
    bytes.subarray(from, to).filter((byte, i) => byte !== sent[from + i]);
  assertEquals(changed(0, 5).length, 1);
  assertEquals(changed(5, 10).length, 1);
});

test("runProxy() lets a frame that is held back go when none comes to overtake it", async () => {
  const faults = parseFaults("reorder=1000");
  await using between = await Between.of({ codec, faults });
  const writer = between.client.writable.getWriter();
  await writer.write(utf8("a\n"));
  const { value } = await between.server.readable.getReader().read();
  assertEquals(value, utf8("a\n"));
});

test("runProxy() writes pieces of so many bytes with cut", async () => {
  const faults = parseFaults("cut=1..3");
  await using between = await Between.of({ faults });
  const { client, server } = between;
  const sending = send(client, [utf8("x".repeat(50))]);
  const lengths: number[] = [];
  for await (const { length } of server.readable) lengths.push(length);
  await sending;
  assertEquals(new Set(lengths), new Set([1, 2, 3]));
});

test("runProxy() resets both sides behind the bytes of reset@", async () => {
  for (const [mark, expected] of [["5", "a\nbb\n"], ["frame:1", "a\n"]]) {
    const faults = parseFaults(`toServer:reset@${mark}`);
    await using between = await Between.of({ codec, faults });
    const { client, server } = between;
    await client.writable.getWriter().write(utf8("a\nbb\nc\n"));
    let got = "";
    await assertRejects(async () => {
      for await (const chunk of server.readable) {
        got += new TextDecoder().decode(chunk);
      }
    }, NetError);
    assertEquals(got, expected);
    assertEquals((await client.closed).by, "remote");
  }
});

test("runProxy() resets a connection at its start with reset@0", async () => {
  await using between = await Between.of({ faults: parseFaults("reset@0") });
  await assertRejects(() => received(between.server));
});

test("runProxy() passes nothing on behind pause@, and the other direction goes on", async () => {
  for (
    const [mark, expected] of [["4", "a\nbb"], ["frame:1", "a\n"], ["0", ""]]
  ) {
    const faults = parseFaults(`toServer:pause@${mark}`);
    await using between = await Between.of({ codec, faults });
    const { client, server } = between;
    const writer = client.writable.getWriter();
    await writer.write(utf8("a\nbb\nc\n"));
    const atServer: number[] = [];
    const reading = (async () => {
      for await (const chunk of server.readable) atServer.push(...chunk);
    })().catch(() => undefined);
    await send(server, [utf8("reply\n")]);
    assertEquals(await text(client), "reply\n");
    await until(() => atServer.length === expected!.length);
    // What is written now waits, and the client is held back.
    let isTaken = false;
    void writer.write(new Uint8Array(1_000_000)).then(() => {
      isTaken = true;
    }, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert(!isTaken);
    assertEquals(new TextDecoder().decode(Uint8Array.from(atServer)), expected);
    await between[Symbol.asyncDispose]();
    await reading;
  }
});

test("runProxy() passes on so many bytes a second", async () => {
  await using between = await Between.of({ bytesPerSecond: 200_000 });
  const { client, server } = between;
  const began = performance.now();
  const sending = send(client, [new Uint8Array(20_000)]);
  assertEquals((await received(server)).length, 20_000);
  await sending;
  // The first twentieth of a second is free; how late timers are is not looked at.
  assert(performance.now() - began > 40);
});
