/**
 * The state table of `src/framed/link.ts`, row by row: what those get that wait,
 * and those that come later; what `closed` says; what is still written. What this
 * side does itself to end a link is in `link_end_test.ts`.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { FrameError, NetError } from "../../mod.ts";
import { makeLink, soon, startReading, testRow } from "../support/link_rows.ts";
import { resetError, turn } from "../support/scripted_transport.ts";

// The peer's FIN

testRow("the peer's FIN is the end behind the whole frames", ({ wire }) => {
  wire.data("one\ntwo\n");
  wire.end();
}, async (got, { wire, link }) => {
  assertEquals(got, { frames: ["one", "two"], outcome: "end" });
  assertEquals(await link.receive(), undefined);
  await link.send("reply");
  assertEquals(await soon(link.closed), "pending");
  await link.closeWrite();
  assertEquals(wire.written, "reply\n");
  assertEquals(await link.closed, { by: "remote" });
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

testRow("the peer's FIN inside of a frame is FRAME_TRUNCATED", ({ wire }) => {
  wire.data("one\ntw");
  wire.end();
}, async (got, { wire, link }) => {
  assertEquals(got.frames, ["one"]);
  const error = got.outcome;
  assert(error instanceof FrameError && error.code === "FRAME_TRUNCATED");
  assertEquals(await assertRejects(() => link.receive()), error);
  assert(link.failedWith(error));
  await link.send("reply");
  await link.close();
  assertEquals(await link.closed, { by: "remote", error });
  assertEquals(wire.written, "reply\n");
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

test("Link: the peer's FIN inside of a body is FRAME_TRUNCATED", async () => {
  const { wire, link } = makeLink();
  const got = startReading(link, 5);
  await turn();
  wire.data("abc");
  wire.end();
  await turn();
  assertEquals(got.frames, ["abc"]);
  assert(got.outcome instanceof FrameError);
  assertEquals(await assertRejects(() => link.receive()), got.outcome);
  link.abort();
});

// What breaks the connection

for (
  const [by, error] of [
    ["remote", resetError()],
    ["failure", new NetError("NETWORK_ERROR", "The network is down")],
  ] as const
) {
  testRow(
    `a broken connection (${error.code}) ends behind the whole frames`,
    ({ wire }) => {
      wire.data("one\ntwo\nthr");
      wire.fail(error);
    },
    async (got, { wire, link }) => {
      assertEquals(got, { frames: ["one", "two"], outcome: error });
      assertEquals(await assertRejects(() => link.receive()), error);
      assertEquals(assertThrows(() => link.send("late")), error);
      assertEquals(await assertRejects(() => link.closeWrite()), error);
      await link.close();
      assertEquals(await link.closed, { by, error });
      assertEquals(wire.ends, ["abort"]);
    },
  );

  test(`Link: a broken connection (${error.code}) drops what waits to be sent`, async () => {
    const { wire, link } = makeLink({ highWaterMark: 0 });
    wire.holds = true;
    const sending = assertRejects(async () => await link.send("held"));
    void link.send("next");
    const body = startReading(link, 100);
    await turn();
    wire.data("some");
    wire.fail(error);
    assertEquals(await sending, error);
    await turn();
    assertEquals(body, { frames: ["some"], outcome: error });
    assertEquals(link.bufferedBytes, 0);
    assertEquals(wire.written, "held\n");
    assertEquals(await link.closed, { by, error });
  });
}

test("Link: a broken connection settles closed while nobody reads", async () => {
  const { wire, link } = makeLink();
  const error = resetError();
  wire.data("unread\n".repeat(20_000));
  assert(wire.paused);
  wire.fail(error);
  assertEquals(await link.closed, { by: "remote", error });
  assertEquals(await link.receive(), "unread");
});

testRow("a write that fails leaves what arrives to be read", async (made) => {
  const { wire, link } = made;
  const error = resetError();
  wire.data("one\n");
  wire.holds = true;
  void link.send("held");
  await turn();
  wire.failWrite(error);
  await turn();
  assertEquals(assertThrows(() => link.send("late")), error);
  assertEquals(await soon(link.closed), "pending");
  assertEquals(wire.ends, []);
  wire.data("last words\n".slice(-6));
  wire.fail(error);
}, async (got, { wire, link }) => {
  assertEquals(got.frames, ["one", "words"]);
  assert(got.outcome instanceof NetError);
  assertEquals(await link.closed, { by: "remote", error: got.outcome });
  assertEquals(wire.ends, ["abort"]);
});

// What is no frame

testRow("bytes that are no frame end what is received", ({ wire }) => {
  wire.data("one\ntwo\nmuch too long\nfour\n");
}, async (got, { wire, link }) => {
  assertEquals(got.frames, ["one", "two"]);
  const error = got.outcome;
  assert(error instanceof FrameError && error.code === "FRAME_TOO_LARGE");
  wire.data("five\n".repeat(100_000));
  assert(!wire.paused);
  assertEquals(await assertRejects(() => link.receive()), error);
  // The connection stays: an answer can still be given.
  assertEquals(await soon(link.closed), "pending");
  await link.send("what?");
  const closing = link.close();
  await turn();
  wire.end();
  await closing;
  assertEquals(await link.closed, { by: "local", error });
  assertEquals(wire.written, "what?\n");
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

// A handler that throws

for (const kind of ["throws", "rejects"]) {
  test(`Link: a handler of forEach() that ${kind} ends its forEach() only`, async () => {
    const { wire, link } = makeLink();
    const fault = new RangeError("a fault");
    const each = link.forEach((line) => {
      void link.send(line);
      if (line !== "two") return;
      if (kind === "throws") throw fault;
      return Promise.reject(fault);
    });
    const waiting = assertRejects(() => each);
    const next = link.forEach((line) => void seen.push(line));
    const seen: string[] = [];
    wire.data("one\ntwo\nthree\n");
    assertEquals(await waiting, fault);
    assert(!link.failedWith(fault));
    await turn();
    assertEquals(seen, ["three"]);
    assertEquals(wire.written, "one\ntwo\n");
    assertEquals(await soon(link.closed), "pending");
    wire.end();
    await next;
    await link.close();
    assertEquals(await link.closed, { by: "remote" });
  });
}
