/** How much a client may send in a time, alone and with the others of its address. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  createClient,
  type FramedOptions,
  lines,
  NetError,
  serve,
} from "../../mod.ts";
import {
  FramedConnection,
  linkOf,
} from "../../src/framed/framed_connection.ts";
import { linkSettings } from "../../src/framed/settings.ts";
import { connectMessages, serveMessages } from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import type { Address } from "../../src/net/address.ts";
import type { RateOptions } from "../../src/server/rate.ts";
import { Rates } from "../../src/server/rates.ts";
import { type VirtualTime, withVirtualTime } from "../client/virtual_time.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";

/** A connection of a client, and its wire. */
function arrive(
  rates: Rates,
  options: FramedOptions = {},
  hostname = "192.0.2.1",
) {
  const wire = new ScriptedTransport();
  const remoteAddress: Address = { transport: "tcp", hostname, port: 1 };
  Object.assign(wire, { remoteAddress });
  const link = linkOf(wire, lines(), linkSettings(options));
  link.channel.whenClosed(() => rates.leave(remoteAddress));
  rates.pace(link);
  return { wire, connection: new FramedConnection(link) };
}

/** Runs something with rates, in virtual time, with an end for what it has begun. */
function withRates(
  rate: RateOptions | undefined,
  addressRate: RateOptions | undefined,
  body: (rates: Rates, time: VirtualTime) => Promise<void> | void,
): Promise<void> {
  return withVirtualTime(Math.random, async (time) => {
    const rates = new Rates(rate, addressRate);
    try {
      await body(rates, time);
    } finally {
      rates.end();
    }
  });
}

/** A program that reads until the end, whatever that is. */
function read(connection: FramedConnection<string>): void {
  connection.forEach(() => undefined).catch(() => undefined);
}

const line = (length: number) => "x".repeat(length - 1) + "\n";

test("rate.bytes has a peer that exceeds it not read, for as long as it owes", () =>
  withRates({ bytes: 1_000 }, undefined, async (rates, time) => {
    const { wire, connection } = arrive(rates);
    read(connection);
    // The burst is that of one second.
    wire.data(line(1_000));
    assert(!wire.paused);
    wire.data(line(500));
    assert(wire.paused);
    assert(connection.heldBack);
    assertEquals(connection.framesReceived, 2);
    await time.run(499);
    assert(wire.paused);
    await time.run(501);
    assert(!wire.paused);
    assert(!connection.heldBack);
    wire.data("\n");
    assert(!wire.paused);
    // What is saved up is no more than the burst.
    await time.run(100_000);
    wire.data(line(1_100));
    assert(wire.paused);
    await time.run(100_101);
    assert(!wire.paused);
    connection.abort();
  }));

test("rate.frames counts frames, and bytes do not count", () =>
  withRates({ frames: 10, burstMs: 500 }, undefined, async (rates, time) => {
    const { wire, connection } = arrive(rates);
    read(connection);
    wire.data(line(50_000));
    wire.data("\n".repeat(4));
    assert(!wire.paused);
    wire.data("\n");
    assert(wire.paused);
    await time.run(101);
    assert(!wire.paused);
    connection.abort();
  }));

test("rate charges one chunk that was read before the pause, and owes it all", () =>
  withRates({ bytes: 1_000 }, undefined, async (rates, time) => {
    const { wire, connection } = arrive(rates);
    read(connection);
    wire.data(line(2_000));
    wire.data(line(1_000));
    await time.run(1_999);
    assert(wire.paused);
    await time.run(2_001);
    assert(!wire.paused);
    connection.abort();
  }));

test("rate charges what had arrived before the connection had a handler", () =>
  withRates({ bytes: 1_000 }, undefined, (rates) => {
    const wire = new ScriptedTransport();
    const { open } = wire;
    wire.open = (sink) => {
      open.call(wire, sink);
      wire.data(line(1_001));
    };
    const link = linkOf(wire, lines(), linkSettings({}));
    wire.data(line(1_001));
    rates.pace(link);
    assert(wire.paused);
    link.channel.abort();
  }));

test("a rate and a program that does not read do not undo each other's pause", () =>
  withRates({ bytes: 100_000 }, undefined, async (rates, time) => {
    const { wire, connection } = arrive(rates);
    // Held for 0.2 s, and more is buffered than may be.
    wire.data(line(120_000));
    assert(wire.paused);
    await time.run(201);
    assert(!connection.heldBack);
    assert(wire.paused, "nobody reads");
    assertEquals((await connection.receive())?.length, 119_999);
    const second = connection.receive();
    assert(!wire.paused);
    wire.data(line(130_000));
    await second;
    assert(wire.paused);
    // Somebody waits, and the rate is exceeded still.
    void connection.receive().catch(() => undefined);
    assert(wire.paused, "it is held back");
    await time.run(2_000);
    assert(!wire.paused);
    connection.abort();
  }));

test("a rate that held a peer back lets it be read again where nobody waits", () =>
  withRates({ bytes: 1_000 }, undefined, async (rates, time) => {
    const { wire, connection } = arrive(rates);
    wire.data(line(1_500));
    assert(wire.paused);
    await time.run(501);
    // As without a rate: the end of the peer must be noticed.
    assert(!wire.paused);
    connection.abort();
  }));

for (const option of ["rate", "addressRate"] as const) {
  test(`${option} with "close" aborts with RATE_EXCEEDED`, () => {
    const limit: RateOptions = { frames: 10, onExceeded: "close" };
    const rate = option === "rate" ? limit : undefined;
    const addressRate = option === "rate" ? undefined : limit;
    return withRates(rate, addressRate, async (rates) => {
      const { wire, connection } = arrive(rates);
      const ended = connection.forEach(() => undefined)
        .catch((error: unknown) => error);
      wire.data("\n".repeat(10));
      assertEquals(wire.ends, []);
      wire.data("\n");
      assertEquals(wire.ends, ["abort"]);
      const { by, error } = await connection.closed;
      assertEquals(by, "local");
      assert(error instanceof NetError && error.code === "RATE_EXCEEDED");
      assertEquals(error.limit, option);
      assertEquals(await ended, error);
    });
  });
}

test("a connection that is held back for one rate is closed for the other", () =>
  withRates(
    { bytes: 1_000 },
    { frames: 10, onExceeded: "close" },
    (rates) => {
      const { wire, connection } = arrive(rates);
      read(connection);
      wire.data(line(2_000));
      assert(wire.paused);
      // What had been read before the pause.
      wire.data("\n".repeat(10));
      assertEquals(wire.ends, ["abort"]);
    },
  ));

test('rate with "close" cuts nobody for a stall of this process', () =>
  withVirtualTime(Math.random, async (time) => {
    using ticker = new HandTicker(1_024);
    const rates = new Rates({ frames: 10, onExceeded: "close" }, undefined);
    const { wire, connection } = arrive(rates);
    read(connection);
    wire.data("\n".repeat(10));
    let at = 0;
    const pass = async (ms: number) => {
      for (const end = at + ms; at < end;) {
        at += 128;
        await time.run(at);
        for (const member of ticker.members) member.tick(128);
      }
    };
    // It sends within its rate for 5 s, while nothing runs here.
    await pass(1_280);
    at += 5_000;
    await time.run(at);
    wire.data("\n".repeat(30));
    for (const member of ticker.members) member.tick(128);
    wire.data("\n".repeat(28));
    assertEquals(wire.ends, []);
    // Without a stall, the same is too much.
    await pass(12_800);
    wire.data("\n".repeat(30));
    assertEquals(wire.ends, ["abort"]);
    rates.end();
    assertEquals(ticker.members.size, 0);
  }));

test("addressRate is shared by the connections of an address, and outlives them", () =>
  withRates(undefined, { bytes: 1_000 }, async (rates, time) => {
    const first = arrive(rates, {}, "2001:db8::1");
    const second = arrive(rates, {}, "2001:db8::2");
    const other = arrive(rates, {}, "2001:db8:0:1::1");
    for (const { connection } of [first, second, other]) {
      read(connection);
    }
    first.wire.data(line(900));
    second.wire.data(line(200));
    assert(second.wire.paused);
    // The other is held back as soon as it sends.
    assert(!first.wire.paused);
    first.wire.data(line(100));
    assert(first.wire.paused);
    other.wire.data(line(900));
    assert(!other.wire.paused);
    for (const { connection } of [first, second, other]) {
      connection.abort();
      await connection.closed;
    }
    // To connect anew does not help; many addresses do not make it be forgotten.
    for (let i = 0; i < 200; i++) {
      const { connection } = arrive(rates, {}, `192.0.2.${i}`);
      connection.abort();
      await connection.closed;
    }
    const again = arrive(rates, {}, "2001:db8::3");
    read(again.connection);
    again.wire.data("\n");
    assert(again.wire.paused);
    await time.run(300);
    assert(!again.wire.paused);
    again.connection.abort();
  }));

for (const option of ["idleTimeoutMs", "frameTimeoutMs"] as const) {
  test(`${option} does not count while a rate holds the peer back`, async () => {
    using ticker = new HandTicker(800);
    const rates = new Rates({ bytes: 100 }, undefined);
    const { wire, connection } = arrive(rates, { [option]: 800 });
    let isCut = false;
    void connection.closed.then(() => isCut = true);
    read(connection);
    wire.data(option === "idleTimeoutMs" ? line(10_000) : "x".repeat(10_000));
    await ticker.pass(5_000, 100);
    assert(!isCut);
    connection.stop();
    if (option === "idleTimeoutMs") return connection.abort();
    // Without the rate, the limit counts.
    await ticker.pass(1_000, 100);
    assert(isCut);
  });
}

test("writeTimeoutMs counts while a rate holds the peer back", async () => {
  using ticker = new HandTicker(800);
  const rates = new Rates({ bytes: 100 }, undefined);
  const { wire, connection } = arrive(rates, { writeTimeoutMs: 800 });
  read(connection);
  wire.data(line(10_000));
  wire.holds = true;
  void connection.send("never taken")?.catch(() => undefined);
  await turn();
  await ticker.pass(1_000, 100);
  assertEquals(wire.ends, ["abort"]);
});

test("stop(), detach() and the end of a connection end its rate", () =>
  withRates({ bytes: 100 }, undefined, async (rates, time) => {
    for (const how of ["stop", "detach", "abort"] as const) {
      const { wire, connection } = arrive(rates);
      wire.data(line(1_000));
      assert(wire.paused);
      if (how === "stop") {
        connection.stop();
        assert(!wire.paused);
        wire.data(line(1_000));
        assert(!wire.paused);
        connection.abort();
      } else if (how === "detach") {
        // Its next owner has it paused, which the rate must not undo.
        const { transport } = await connection.detach();
        transport.open({ data() {}, end() {}, fail() {} });
        transport.pause();
        await time.run(60_000);
        assert(wire.paused);
      } else connection.abort();
      await time.run(60_000);
      assert(!connection.heldBack);
    }
  }));

const networks = { sockets: undefined, memory: memoryNetwork() };

for (const [name, network] of Object.entries(networks)) {
  const place = network === undefined
    ? { address: { port: 0 } }
    : { address: "memory:rate", network };

  test(`serve() with a rate handles all that a client sends, at that rate, over ${name}`, async () => {
    const LENGTH = 2_000_000;
    let received = 0;
    await using server = await serve(
      {
        ...place,
        codec: lines(),
        rate: { bytes: 4_000_000, burstMs: 10 },
      },
      (connection) =>
        connection.forEach((line) => {
          received += line.length + 1;
          return line === "last" ? connection.send("done") : undefined;
        }),
    );
    await using client = await createClient({
      ...place,
      address: server.address,
      codec: lines(),
    });
    const before = performance.now();
    for (let sent = 0; sent < LENGTH; sent += 100) {
      await client.send("x".repeat(99));
    }
    await client.send("last");
    assertEquals(await client.receive(), "done");
    assertEquals(received, LENGTH + 5);
    // All but the burst, and the last chunk, of 512 KiB at most, has been waited for.
    const ms = performance.now() - before;
    assert(ms > 200, `${ms} ms`);
  });

  test(`serve() with a rate and "close" tells onError which limit it was, over ${name}`, async () => {
    const errors: unknown[] = [];
    await using server = await serve({
      ...place,
      codec: lines(),
      addressRate: { frames: 10, onExceeded: "close" },
      onError: (error) => void errors.push(error),
    }, (connection) => connection.forEach(() => undefined));
    await using client = await createClient({
      ...place,
      address: server.address,
      codec: lines(),
    });
    const ended = client.receive().catch(() => undefined);
    for (let i = 0; i < 1_000; i++) void client.send("x");
    await ended;
    while (errors.length === 0) await turn();
    const [error] = errors;
    assert(error instanceof NetError && error.code === "RATE_EXCEEDED");
    assertEquals(error.limit, "addressRate");
  });
}

test("serveMessages() cuts no client whose answers to pings wait for its rate", async () => {
  const network = memoryNetwork();
  await using server = await serveMessages({
    address: "memory:held",
    network,
    heartbeatMs: 20,
    heartbeatTimeoutMs: 20,
    rate: { bytes: 20_000, burstMs: 10 },
    handlers: { length: (text) => (text as string).length },
  });
  await using client = await connectMessages({
    address: server.address,
    network,
    heartbeatMs: Infinity,
  });
  // Each is not read for a fifth of a second.
  for (let i = 0; i < 2; i++) {
    const length = await client.request("length", "x".repeat(4_000));
    assertEquals(length, 4_000);
  }
});
