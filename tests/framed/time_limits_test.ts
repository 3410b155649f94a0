/** The time limits of a link, with time that passes when the test says so. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  type Codec,
  createClient,
  type Framed,
  framed,
  type FramedOptions,
  lengthPrefixed,
  lines,
  NetError,
  serve,
} from "../../mod.ts";
import { tickerFor } from "../../src/net/ticker.ts";
import { after } from "../../src/net/timer.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";

const LIMIT_MS = 800;

/** A link with one time limit, and the time. */
function limited<In, Out>(
  codec: Codec<In, Out>,
  option: keyof FramedOptions,
) {
  const time = new HandTicker(LIMIT_MS);
  const wire = new ScriptedTransport();
  const link: Framed<In, Out> = framed(wire, codec, { [option]: LIMIT_MS });
  let isCut = false;
  void link.closed.then(() => isCut = true);
  return {
    wire,
    link,
    pass: (ms: number) => time.pass(ms, 100),
    [Symbol.dispose]() {
      link.abort();
      time[Symbol.dispose]();
    },
    ensureOpen() {
      assert(!isCut, "it was cut");
    },
    /** Just over the limit, it is cut, with an error that names the option. */
    async ensureCut() {
      await time.pass(200, 100);
      assert(isCut, "it was not cut");
      const { by, error } = await link.closed;
      assertEquals(by, "local");
      assert(error instanceof NetError && error.code === "TIMED_OUT");
      assert(error.message.includes(`(${option})`), error.message);
      assertEquals(error.limit, option);
      assertEquals(wire.ends, ["abort"]);
      // It is watched no more.
      assertEquals(time.members.size, 0);
    },
  };
}

test("firstFrameTimeoutMs cuts a peer whose first frame is late, and no other", async () => {
  using late = limited(lines(), "firstFrameTimeoutMs");
  void late.link.receive().catch(() => undefined);
  await late.pass(400);
  late.wire.data("not who");
  await late.pass(400);
  late.ensureOpen();
  await late.ensureCut();
  using early = limited(lines(), "firstFrameTimeoutMs");
  void early.link.forEach(() => undefined).catch(() => undefined);
  await early.pass(700);
  early.wire.data("whole\n");
  await early.pass(5_000);
  early.ensureOpen();
});

test("idleTimeoutMs cuts a peer that says nothing while it is waited for", async () => {
  using idle = limited(lines(), "idleTimeoutMs");
  void idle.link.forEach(() => undefined).catch(() => undefined);
  await idle.pass(700);
  idle.wire.data("alive\n");
  await idle.pass(800);
  idle.ensureOpen();
  await idle.ensureCut();
});

test("idleTimeoutMs does not count while bytes are on their way to the peer", async () => {
  using slow = limited(lines(), "idleTimeoutMs");
  void slow.link.receive().catch(() => undefined);
  slow.wire.holds = true;
  void slow.link.send("a reply that the peer has not taken yet");
  await slow.pass(5_000);
  slow.ensureOpen();
  await slow.wire.takeAll();
  await slow.pass(800);
  slow.ensureOpen();
  await slow.ensureCut();
});

test("idleTimeoutMs does not count while the program works, or is busy", async () => {
  using works = limited(lines(), "idleTimeoutMs");
  await works.pass(5_000);
  works.ensureOpen();
  void works.link.receive().catch(() => undefined);
  works.link.busy = true;
  await works.pass(5_000);
  works.ensureOpen();
  works.link.busy = false;
  await works.pass(800);
  await works.ensureCut();
});

test("frameTimeoutMs cuts a frame that drips, counted from its first byte", async () => {
  using drips = limited(lines(), "frameTimeoutMs");
  void drips.link.forEach(() => undefined).catch(() => undefined);
  for (let i = 0; i < 20; i++) {
    drips.wire.data("whole\nha");
    await drips.pass(100);
    drips.wire.data("lf\n");
  }
  // Between frames it does not count.
  await drips.pass(5_000);
  drips.ensureOpen();
  for (let i = 0; i < 8; i++) {
    drips.wire.data("x");
    await drips.pass(100);
  }
  drips.ensureOpen();
  await drips.ensureCut();
});

test("frameTimeoutMs takes a frame that is passed over for progress", async () => {
  const codec = lengthPrefixed({
    lengthBytes: 1,
    maxFrameLength: 3,
    onOversize: "skip",
  });
  using skips = limited(codec, "frameTimeoutMs");
  void skips.link.forEach(() => undefined).catch(() => undefined);
  // Each ends a frame of 9 bytes and begins the next: none is ever handed out.
  skips.wire.data(Uint8Array.of(9, 1, 2));
  for (let i = 0; i < 30; i++) {
    await skips.pass(100);
    skips.wire.data(Uint8Array.of(3, 4, 5, 6, 7, 8, 9, 9, 1, 2));
  }
  skips.ensureOpen();
  for (let i = 0; i < 7; i++) {
    await skips.pass(200);
    skips.wire.data(Uint8Array.of(1));
  }
  await skips.ensureCut();
});

test("bodyTimeoutMs cuts a body that drips, and none that comes steadily", async () => {
  using steady = limited(lines(), "bodyTimeoutMs");
  const steadily = steady.link.receiveBytes(1_000_000).getReader();
  for (let i = 0; i < 9; i++) {
    const reading = steadily.read();
    await steady.pass(700);
    steady.wire.data(new Uint8Array(100_000));
    await reading;
  }
  steady.ensureOpen();
  // While nobody reads, the peer has the time it needs.
  await steady.pass(5_000);
  steady.ensureOpen();

  using drips = limited(lines(), "bodyTimeoutMs");
  const reading = (async () => {
    for await (const _ of drips.link.receiveBytes(1_000)) {
      /* until it fails */
    }
  })().catch((error) => error);
  for (let i = 0; i < 8; i++) {
    drips.wire.data("x");
    await turn();
    await drips.pass(100);
  }
  drips.ensureOpen();
  // It counts from the first tick at which the body is there.
  await drips.pass(100);
  await drips.ensureCut();
  assertEquals(await reading, (await drips.link.closed).error);
});

test("bodyTimeoutMs counts anew for each body", async () => {
  using time = limited(lines(), "bodyTimeoutMs");
  const small = time.link.receiveBytes(10).getReader().read();
  await time.pass(700);
  time.wire.data(new Uint8Array(10));
  await small;
  const large = time.link.receiveBytes(1_000_000).getReader();
  for (let i = 0; i < 9; i++) {
    const reading = large.read();
    await time.pass(200);
    time.wire.data(new Uint8Array(100_000));
    await reading;
  }
  time.ensureOpen();
});

test("writeTimeoutMs counts progress in bytes that the system took", async () => {
  using slow = limited(lengthPrefixed(), "writeTimeoutMs");
  slow.wire.holds = true;
  void slow.link.send(new Uint8Array(200_000));
  for (let i = 0; i < 50; i++) {
    await slow.pass(700);
    slow.wire.take(100);
  }
  slow.ensureOpen();
  await slow.pass(900);
  await slow.ensureCut();
});

test("handlerTimeoutMs cuts where the program asks for nothing more", async () => {
  using stuck = limited(lines(), "handlerTimeoutMs");
  void stuck.link.forEach((line) =>
    line === "stick" ? new Promise(() => {}) : undefined
  ).catch(() => undefined);
  await stuck.pass(5_000);
  stuck.wire.data("fine\n");
  await stuck.pass(5_000);
  stuck.ensureOpen();
  stuck.wire.data("stick\n");
  await stuck.pass(800);
  await stuck.ensureCut();
});

test("a link that is detached or has ended is watched no more", async () => {
  using time = new HandTicker(LIMIT_MS);
  const make = () => {
    const wire = new ScriptedTransport();
    const link = framed(wire, lines(), { idleTimeoutMs: LIMIT_MS });
    return { wire, link };
  };
  const ended = make();
  const detached = make();
  const broken = make();
  assertEquals(time.members.size, 3);
  await detached.link.detach();
  assertEquals(time.members.size, 2);
  broken.wire.fail(new NetError("NETWORK_ERROR", "The network is down"));
  assertEquals(time.members.size, 1);
  ended.wire.end();
  await ended.link.close();
  assertEquals(time.members.size, 0);
});

test("a link without time limits is not watched", () => {
  using time = new HandTicker(1_000_000);
  const link = framed(new ScriptedTransport(), lines());
  assertEquals(time.members.size, 0);
  link.abort();
});

// While the event loop stands still, no time passes

test("time limits cut nobody for a delay of this process", async () => {
  const wire = new ScriptedTransport();
  const link = framed(wire, lines(), { idleTimeoutMs: 200 });
  const got: string[] = [];
  void link.forEach((line) => void got.push(line)).catch(() => undefined);
  let ticks = 0;
  const counter = { tick: () => void ticks++ };
  const ticker = tickerFor(200);
  ticker.add(counter);
  const nextTick = async () => {
    for (const before = ticks; ticks === before;) await turn();
  };
  await nextTick();
  const until = performance.now() + 600;
  while (performance.now() < until) { /* as a long computation does */ }
  await nextTick();
  wire.data("I was here all the time\n");
  await nextTick();
  ticker.delete(counter);
  assertEquals(got.length, 1);
  assertEquals(wire.ends, []);
  link.abort();
});

// What is accepted

const names = [
  "firstFrameTimeoutMs",
  "idleTimeoutMs",
  "frameTimeoutMs",
  "bodyTimeoutMs",
  "writeTimeoutMs",
  "handlerTimeoutMs",
  "closeTimeoutMs",
] as const;

for (const name of names) {
  test(`${name} must be more than 0, for links, servers and clients`, async () => {
    // Kept here, so that nothing is left open where it is accepted.
    await using server = await serve({ address: { port: 0 }, codec: lines() });
    const { address } = server;
    for (const wrong of [0, -1, NaN, -Infinity, "100", null]) {
      const options = { [name]: wrong } as FramedOptions;
      const wire = new ScriptedTransport();
      const attempts: (() => unknown)[] = [
        () => framed(wire, lines(), options),
        () => createClient({ address, codec: lines(), ...options }),
        () => serve({ address: { port: 0 }, codec: lines(), ...options }),
      ];
      for (const attempt of attempts) {
        const error = await (async () => await attempt())().then(
          () => undefined,
          (error) => error,
        );
        assert(error instanceof RangeError, `${name}: ${wrong} was accepted`);
        assert(error.message.includes(name), error.message);
        assert(error.message.includes(`${wrong}`), error.message);
      }
      // What was refused has not been taken over.
      framed(wire, lines()).abort();
    }
    for (const fine of [Infinity, 0.5, 2 ** 40]) {
      const options = { [name]: fine };
      framed(new ScriptedTransport(), lines(), options).abort();
    }
  });
}

test("timeoutMs must be more than 0, for receive()", async () => {
  const link = framed(new ScriptedTransport(), lines());
  for (const timeoutMs of [0, -1, NaN]) {
    const error = await link.receive({ timeoutMs }).catch((error) => error);
    assert(error instanceof RangeError, `${timeoutMs}`);
    assert(error.message.includes("timeoutMs"));
  }
  link.abort();
});

test("highWaterMark and maxSendBuffer must be 0 or more", () => {
  for (const name of ["highWaterMark", "maxSendBuffer"]) {
    for (const wrong of [-1, NaN, "1"]) {
      const options = { [name]: wrong } as FramedOptions;
      assertThrows(
        () => framed(new ScriptedTransport(), lines(), options),
        RangeError,
        name,
      );
    }
  }
});

test("a timer that is longer than the runtime can set does not ring at once", async () => {
  let rang = false;
  const callOff = after(2 ** 40, () => rang = true);
  await turn();
  callOff();
  assert(!rang);
});

// Clients have them too

test("time limits of createClient() cut a server", async () => {
  const codec = lines();
  await using server = await serve(
    { address: { port: 0 }, codec },
    async (peer) => {
      await peer.send("hello");
      await peer.receive();
    },
  );
  const { address } = server;
  const client = await createClient({ address, codec, idleTimeoutMs: 40 });
  assertEquals(await client.receive(), "hello");
  const error = await client.receive().catch((error) => error);
  assert(error instanceof NetError && error.code === "TIMED_OUT");
  assert(error.message.includes("idleTimeoutMs"));
  assertEquals(await client.closed, { by: "local", error });
});
