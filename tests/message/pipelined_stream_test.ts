import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { type Framed, framed, lines, NetError } from "../../mod.ts";
import { MessageError, Peer, pipelined, typed } from "../../src/message/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";

const text = typed<string>();
const commands = { ask: { input: text, output: text } };
/** How many items a stream has; together more than buffers hold. */
const COUNT = 30_000;
const item = (n: number) => `${n}`.padEnd(100);

/** A stream whose first item has been read, and the other side, which sends on. */
async function unreadStream() {
  const [here, there] = streamPair();
  const dialect = pipelined(lines(), { isLast: (line) => line === "END" });
  const channel = dialect.open(framed(here, dialect.codec, quick));
  const peer = new Peer(channel, { commands });
  const other = framed(there, lines());
  const items = peer.stream("ask", "for many");
  const first = items.next();
  const sent = { count: 0 };
  const sending = sendAll(other, sent).catch(() => undefined);
  assertEquals((await first).value, item(0));
  return { peer, other, items, sent, sending };
}

async function sendAll(other: Framed<string>, sent: { count: number }) {
  for (; sent.count < COUNT; sent.count++) await other.send(item(sent.count));
  await other.send("END");
}

/** Resolves when no more has been sent for some turns of the event loop. */
async function heldBack(sent: { count: number }): Promise<void> {
  for (let count = -1; count !== sent.count;) {
    count = sent.count;
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  assert(sent.count < COUNT, `${sent.count} have been sent`);
}

test("pipelined() holds the other side back while the loop over a stream is slow", async () => {
  const { peer, items, sent, sending } = await unreadStream();
  await heldBack(sent);
  let expected = 1;
  for await (const got of items) {
    assertEquals(got, expected < COUNT ? item(expected) : "END");
    if (++expected === 8_000) await heldBack(sent);
  }
  assertEquals(expected, COUNT + 1);
  await sending;
  await peer.close();
});

test("pipelined() reads on when a stream that holds the other side back is left", async () => {
  const { peer, other, items, sent, sending } = await unreadStream();
  await heldBack(sent);
  await items.return();
  await sending;
  const reply = peer.request("ask", "for one");
  await other.send("END");
  assertEquals(await reply, "END");
  await peer.close();
});

test("pipelined() reads on for the reply to another request, and fails a stream of which too much waits", async () => {
  const { peer, other, items, sent, sending } = await unreadStream();
  await heldBack(sent);
  const reply = peer.request("ask", "for one");
  await sending;
  await other.send("END");
  assertEquals(await reply, "END");
  let count = 1;
  const error = await assertRejects(async () => {
    for await (const _ of items) count++;
  }, MessageError);
  assertEquals(error.code, "READER_TOO_SLOW");
  assert(count < COUNT);
  await peer.close();
});

test("pipelined() rejects a stream that holds the other side back when the peer is aborted", async () => {
  const { peer, items, sent } = await unreadStream();
  await heldBack(sent);
  peer.abort();
  // Whether or not the stream is read.
  await peer.closed;
  await assertRejects(() => all(items), NetError);
});

test("Peer.close() reads on where a stream holds the other side back, up to its end", async () => {
  const { peer, other, items, sent, sending } = await unreadStream();
  await heldBack(sent);
  const closing = peer.close();
  await sending;
  assertEquals(sent.count, COUNT);
  await Promise.all([closing, other.close()]);
  await assertRejects(() => all(items), NetError);
});

async function all(items: AsyncIterable<string>): Promise<void> {
  for await (const _ of items);
}
