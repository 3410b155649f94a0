/** Who gets a frame, who gives up, and what is kept meanwhile. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  delimited,
  type Framed,
  framed,
  lines,
  NetError,
  text,
} from "../../mod.ts";
import { connectedPair } from "../support/duplexes.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";
import { startTaking } from "../support/waiters.ts";

function make(): { wire: ScriptedTransport; link: Framed<string> } {
  const wire = new ScriptedTransport();
  return { wire, link: framed(wire, text(delimited({ delimiter: "\n" }))) };
}

// receive({ signal, timeoutMs })

test("receive() that gives up leaves the frame to the next", async () => {
  const { wire, link } = make();
  const stop = new AbortController();
  const first = assertRejects(() => link.receive({ signal: stop.signal }));
  const late = assertRejects(() => link.receive({ timeoutMs: 1 }), NetError);
  const patient = link.receive({ signal: stop.signal, timeoutMs: 60_000 });
  const last = link.receive();
  const error = await late;
  assertEquals(error.code, "TIMED_OUT");
  assert(error.message.includes("timeoutMs"));
  wire.data("");
  const reason = new Error("changed my mind");
  stop.abort(reason);
  assertEquals(await first, reason);
  assertEquals(await assertRejects(() => patient), reason);
  wire.data("one\ntwo\n");
  assertEquals(await last, "one");
  assertEquals(await link.receive({ timeoutMs: 1 }), "two");
  // To have waited in vain is no failure of the connection.
  assert(!link.failedWith(error));
  await link.send("fine");
  link.abort();
});

test("receive() that gives up holds the peer back again", async () => {
  const { wire, link } = make();
  await assertRejects(() => link.receive({ timeoutMs: 1 }), NetError);
  wire.data("x".repeat(65_537));
  assert(wire.paused);
  await assertRejects(async () => {
    const waiting = link.receive({ timeoutMs: 1 });
    assert(!wire.paused);
    await waiting;
  }, NetError);
  assert(wire.paused);
  link.abort();
});

test("receive() rejects at once where its signal has aborted", async () => {
  const { wire, link } = make();
  wire.data("one\n");
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  assertEquals(await assertRejects(() => link.receive({ signal })), reason);
  assertEquals(await link.receive(), "one");
  link.abort();
});

test("receive() leaves no listener and no timer behind, however it ends", async () => {
  const { setTimeout, clearTimeout } = globalThis;
  const timers = new Set<unknown>();
  const long = 123_456_789;
  Object.assign(globalThis, {
    setTimeout(run: () => void, ms?: number) {
      const timer = setTimeout(run, ms);
      if (ms === long) timers.add(timer);
      return timer;
    },
    clearTimeout(timer: number) {
      timers.delete(timer);
      clearTimeout(timer);
    },
  });
  try {
    const { wire, link } = make();
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    Object.assign(signal, {
      addEventListener(...args: Parameters<typeof addEventListener>) {
        listeners++;
        addEventListener.apply(signal, args);
      },
      removeEventListener(...args: Parameters<typeof removeEventListener>) {
        listeners--;
        removeEventListener.apply(signal, args);
      },
    });
    const options = { signal, timeoutMs: long };
    const taken = link.receive(options);
    const ended = link.receive(options);
    assertEquals([listeners, timers.size], [2, 2]);
    wire.data("one\n");
    assertEquals(await taken, "one");
    wire.end();
    assertEquals(await ended, undefined);
    assertEquals([listeners, timers.size], [0, 0]);
    link.abort();
    await assertRejects(() => link.receive(options));
    assertEquals([listeners, timers.size], [0, 0]);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
});

test("receive({ timeoutMs }) gets what lies in the socket already [tcp]", async () => {
  const [a, b] = await connectedPair();
  const [sender, receiver] = [framed(a, lines()), framed(b, lines())];
  const waiting = receiver.receive({ timeoutMs: 20 });
  await sender.send("in time");
  await sender.closeWrite();
  // The event loop stands still beyond the time limit.
  const until = performance.now() + 100;
  while (performance.now() < until) { /* as a long computation does */ }
  assertEquals(await waiting, "in time");
  await Promise.all([sender.close(), receiver.close()]);
});

// stop

test("stop() ends a wait when nothing has come for a while", async () => {
  using time = new HandTicker(20);
  const { wire, link } = make();
  const got = startTaking(link, "for await");
  await turn();
  link.stop();
  link.stop();
  await time.pass(16, 4);
  wire.data("late\n");
  await time.pass(16, 4);
  assertEquals(got, { frames: ["late"], outcome: undefined });
  await time.pass(16, 4);
  assertEquals(got, { frames: ["late"], outcome: "end" });
  assertEquals(await link.receive(), undefined);
  assertEquals(time.members.size, 0);
  // What comes now is read, and dropped.
  wire.data("too late\n".repeat(100_000));
  assert(!wire.paused);
  await link.send("goodbye");
  link.abort();
});

test("stop() waits for a frame that is half there, and for a program that works", async () => {
  using time = new HandTicker(20);
  const { wire, link } = make();
  const waiting = link.receive();
  wire.data("ha");
  link.stop();
  await time.pass(1_000, 4);
  wire.data("lf\nmore\n");
  assertEquals(await waiting, "half");
  // Nobody waits: what has arrived stays.
  await time.pass(1_000, 4);
  assertEquals(await link.receive(), "more");
  const last = link.receive();
  await time.pass(40, 4);
  assertEquals(await last, undefined);
  assertEquals(time.members.size, 0);
});

for (
  const [what, line, least, most] of [
    ["in time", "short", 100, 200],
    ["in bytes", "x".repeat(99_999), 40, 50],
  ] as const
) {
  test(`stop() has a bound ${what} where the peer never pauses`, async () => {
    using time = new HandTicker(20);
    const { wire, link } = make();
    const got = startTaking(link, "for await");
    await turn();
    link.stop();
    let sent = 0;
    for (; sent < 1_000 && got.outcome === undefined; sent++) {
      wire.data(`${line}\n`);
      await turn();
      await time.pass(4);
    }
    assertEquals(got.outcome, "end");
    assert(sent > least && sent < most, `it took ${sent} chunks`);
    assertEquals(got.frames.length, sent);
    assertEquals(time.members.size, 0);
    link.abort();
  });
}

test("stop() waits for the end of a frame that is half there", async () => {
  using time = new HandTicker(20);
  const { wire, link } = make();
  const got = startTaking(link, "for await");
  await turn();
  wire.data("ha");
  link.stop();
  await time.pass(2_000, 4);
  assertEquals(got.outcome, undefined);
  wire.data("lf\n");
  await turn();
  await time.pass(40, 4);
  assertEquals(got, { frames: ["half"], outcome: "end" });
  link.abort();
});

test("stop() that an end or an abort comes before leaves no timer", async () => {
  using time = new HandTicker(20);
  for (const how of ["end", "fail", "abort"] as const) {
    const { wire, link } = make();
    link.stop();
    assertEquals(time.members.size, 1);
    if (how === "abort") link.abort();
    else wire[how](new NetError("NETWORK_ERROR", "The network is down"));
    assertEquals(time.members.size, 0);
    link.stop();
    assertEquals(time.members.size, 0);
    await turn();
    link.abort();
  }
});

// Bodies

test("receiveBytes() throws RangeError for what is no number of bytes", async () => {
  const { wire, link } = make();
  const wrong = [-1, NaN, 1.5, Infinity, 2 ** 53, "3" as unknown as number];
  for (const length of wrong) {
    assertThrows(() => link.receiveBytes(length), RangeError, `${length}`);
  }
  // The stream has not been shifted.
  wire.data("one\n");
  assertEquals(await link.receive(), "one");
  const empty = await link.receiveBytes(0).getReader().read();
  assertEquals(empty.done, true);
  link.abort();
});

test("receiveBytes() that nobody reads ends with the connection", async () => {
  for (const how of ["end", "fail", "abort"] as const) {
    const { wire, link } = make();
    wire.data("body\nabc");
    assertEquals(await link.receive(), "body");
    const body = link.receiveBytes(10);
    const next = assertRejects(() => link.receive());
    await turn();
    const error = new NetError("NETWORK_ERROR", "The network is down");
    if (how === "abort") link.abort(error);
    else wire[how](error);
    const expected = await next;
    if (how !== "end") assertEquals(expected, error);
    assertEquals(
      await assertRejects(() => body.getReader().read()),
      expected,
    );
    link.abort();
  }
});

test("what nobody reads is held back above 64 KiB, and kept", async () => {
  const { wire, link } = make();
  wire.data("x\n".repeat(30_000));
  assert(!wire.paused);
  wire.data("x\n".repeat(10_000));
  assert(wire.paused);
  const got = startTaking(link, "forEach()");
  assert(!wire.paused);
  wire.end();
  await turn();
  assertEquals(got.frames.length, 40_000);
  link.abort();
});

test("one-byte chunks that nobody reads cost a small multiple of their size", () => {
  const { wire, link } = make();
  const before = heapUsed();
  const byte = () => Uint8Array.of(120);
  for (let i = 0; i < 1_000_000; i++) wire.data(byte());
  // Of which some are garbage that has not been collected yet.
  const cost = (heapUsed() - before) / 1_000_000;
  assert(cost < 60, `${cost} bytes each`);
  link.abort();
});

/** The memory that is in use, of arrays as well. */
function heapUsed(): number {
  const { gc, process } = globalThis as unknown as {
    gc?: () => void;
    process: { memoryUsage(): { heapUsed: number; arrayBuffers: number } };
  };
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + (arrayBuffers ?? 0);
}
