/**
 * The state table of `src/framed/link.ts`, row by row: what this side does to end
 * a link.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { framed, lines, NetError } from "../../mod.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { makeLink, soon, startReading, testRow } from "../support/link_rows.ts";
import { turn } from "../support/scripted_transport.ts";
import { startTaking } from "../support/waiters.ts";

// closeWrite

test("Link: closeWrite() writes what waits, then the FIN, and goes on receiving", async () => {
  const { wire, link } = makeLink();
  wire.holds = true;
  void link.send("first");
  await turn();
  void link.send("second");
  const ending = link.closeWrite();
  const error = assertThrows(() => link.send("late"), NetError);
  assertEquals(error.code, "CONNECTION_CLOSED");
  const got = startTaking(link, "for await");
  await turn();
  assertEquals(wire.ends, []);
  assertEquals(await soon(ending), "pending");
  await wire.takeAll();
  await ending;
  assertEquals(wire.written, "first\nsecond\n");
  assertEquals(wire.ends, ["closeWrite"]);
  wire.data("reply\n");
  wire.end();
  await turn();
  assertEquals(got, { frames: ["reply"], outcome: "end" });
  assertEquals(await link.closed, { by: "local" });
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

test("Link: closeWrite() waits for the bytes that are being sent", async () => {
  const { wire, link } = makeLink();
  let go = () => {};
  const gone = new Promise<void>((resolve) => go = resolve);
  const sending = link.sendBytes(
    (async function* () {
      yield new TextEncoder().encode("ab");
      await gone;
      yield new TextEncoder().encode("cd");
    })(),
    4,
  );
  await turn();
  const ending = link.closeWrite();
  await turn();
  assertEquals(wire.ends, []);
  go();
  await Promise.all([sending, ending]);
  assertEquals(wire.written, "abcd");
  assertEquals(wire.ends, ["closeWrite"]);
  link.abort();
});

// close

testRow("close() hands out what comes until the peer's FIN", async (made) => {
  made.wire.data("one\n");
  void made.link.close();
  await turn();
  made.wire.data("two\n");
  made.wire.end();
}, async (got, { wire, link }) => {
  assertEquals(got, { frames: ["one", "two"], outcome: "end" });
  assertEquals(await link.receive(), undefined);
  assertThrows(() => link.send("late"), NetError);
  await link.close();
  assertEquals(await link.closed, { by: "local" });
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

test("Link: close() keeps the frames that arrived when it must stop keeping more", async () => {
  const { wire, link } = makeLink();
  wire.data("kept\n".repeat(20_000));
  assert(wire.paused);
  void link.close();
  assert(!wire.paused);
  wire.data("too late\n");
  wire.end();
  await link.closed;
  const got = startTaking(link, "for await");
  await turn();
  assertEquals(got.frames.length, 20_000);
  assertEquals(got.outcome, "end");
});

test("Link: close() lets a body be read to its end", async () => {
  const { wire, link } = makeLink();
  const got = startReading(link, 6);
  await turn();
  void link.close();
  await turn();
  wire.data("abc");
  wire.data("def");
  wire.end();
  await turn();
  assertEquals(got, { frames: ["abc", "def"], outcome: "end" });
});

test("Link: close() blames itself for a body that a silent peer does not end", async () => {
  using time = new HandTicker(2_000);
  const { wire, link } = makeLink();
  const got = startReading(link, 6);
  await turn();
  wire.data("abc");
  void link.close();
  await time.pass(3_000, 100);
  assert(got.outcome instanceof NetError);
  assertEquals(got.outcome.code, "CONNECTION_CLOSED");
  assertEquals(await link.closed, { by: "local" });
});

// abort, and the time limits

testRow("abort() ends all at once, with its reason", ({ wire, link }) => {
  if (link.framesReceived === 0) wire.data("on");
  link.abort(reason);
  link.abort("again");
}, async (got, { wire, link }) => {
  assertEquals(got, { frames: [], outcome: reason });
  assertEquals(await assertRejects(() => link.receive()), reason);
  assertEquals(assertThrows(() => link.send("late")), reason);
  assertEquals(await assertRejects(() => link.closeWrite()), reason);
  await link.close();
  assertEquals(await link.closed, { by: "local", error: reason });
  assertEquals(wire.ends, ["abort"]);
});

const reason = new Error("enough");

test("Link: abort() drops what has arrived and what waits to be sent", async () => {
  const { wire, link } = makeLink({ highWaterMark: 0 });
  wire.holds = true;
  wire.data("unread\n");
  const sending = assertRejects(async () => await link.send("held"));
  link.abort(reason);
  assertEquals(await sending, reason);
  assertEquals(await assertRejects(() => link.receive()), reason);
  assertEquals(link.bufferedBytes, 0);
  assertEquals(wire.ends, ["abort"]);
});

test("Link: abort() ends a body, also one that nobody reads", async () => {
  const { link } = makeLink();
  const body = link.receiveBytes(10);
  const next = link.receive();
  link.abort(reason);
  assertEquals(await assertRejects(() => next), reason);
  assertEquals(await assertRejects(() => body.getReader().read()), reason);
});

// detach

test("Link: detach() is refused while a frame is waited for, or a body read", async () => {
  const { wire, link } = makeLink();
  const waiting = link.receive();
  await assertRejects(() => link.detach(), TypeError);
  wire.data("one\n");
  assertEquals(await waiting, "one");
  const body = link.receiveBytes(1);
  await assertRejects(() => link.detach(), TypeError);
  await body.cancel(wire.data("x"));
  await turn();
  const { unread } = await link.detach();
  assertEquals(unread.length, 0);
});

test("Link: detach() writes what waits and gives back the stream with its state", async () => {
  const { wire, link } = makeLink({ idleTimeoutMs: 1_000 });
  wire.holds = true;
  void link.send("last");
  await turn();
  wire.data("one\nbinary");
  assertEquals(await link.receive(), "one");
  const detaching = link.detach();
  assertEquals(await soon(detaching), "pending");
  await wire.takeAll();
  const { transport, unread } = await detaching;
  assertEquals(wire.written, "last\n");
  assertEquals(new TextDecoder().decode(unread), "binary");
  const error = await assertRejects(() => link.receive(), NetError);
  assertEquals(error.code, "CONNECTION_CLOSED");
  assertThrows(() => link.send("late"), NetError);

  wire.data("early\n");
  const next = framed(transport, lines());
  assertEquals(await next.receive(), "early");
  await next.send("hello");
  wire.end();
  await next.close();
  assertEquals(wire.written, "last\nhello\n");
  assertEquals(wire.ends, ["closeWrite", "close"]);
  assertEquals((await next.closed).by, "remote");
});
