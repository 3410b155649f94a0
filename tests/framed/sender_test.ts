/** What a link may hold of what is sent, and whom it makes wait. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { framed, lengthPrefixed, NetError } from "../../mod.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";

const codec = lengthPrefixed({ maxFrameLength: 10_000_000 });

function held(options?: { highWaterMark?: number; maxSendBuffer?: number }) {
  const wire = new ScriptedTransport();
  wire.holds = true;
  return { wire, link: framed(wire, codec, options) };
}

test("bufferedBytes counts what waits behind the bytes of sendBytes()", async () => {
  const { wire, link } = held({ maxSendBuffer: 10_000 });
  let go = () => {};
  const gone = new Promise<void>((resolve) => go = resolve);
  const sending = link.sendBytes(
    (async function* () {
      yield new Uint8Array(100);
      await gone;
      yield new Uint8Array(50);
    })(),
    150,
  );
  await turn();
  assertEquals(link.bufferedBytes, 100);
  const shared = new Uint8Array(6_000);
  assertEquals(link.sendEncoded(shared), undefined);
  assertEquals(link.bufferedBytes, 6_100);
  void link.sendEncoded(shared);
  assertEquals(link.bufferedBytes, 12_100);
  const error = assertThrows(() => link.sendEncoded(shared), NetError);
  assertEquals(error.code, "SEND_BUFFER_FULL");
  // What waits behind does not hold the bytes up.
  go();
  await wire.takeAll();
  await sending;
  await turn();
  assertEquals(link.bufferedBytes, 0);
  assertEquals(wire.bytesTaken, 12_150);
  assertEquals(wire.writes.slice(0, 2), [100, 50]);
  link.abort();
});

test("send() makes wait until no more than the high-water mark is left", async () => {
  for (const highWaterMark of [0, 1_000, 100_000]) {
    const { wire, link } = held({ highWaterMark });
    let waiting: Promise<void> | undefined;
    for (let i = 0; i < 10; i++) waiting = link.send(new Uint8Array(70_000));
    assert(waiting !== undefined);
    let hasRoom = false;
    void waiting.then(() => hasRoom = true);
    while (link.bufferedBytes > 0) {
      await turn();
      assertEquals(hasRoom, link.bufferedBytes <= highWaterMark);
      wire.take();
      await turn();
    }
    assert(hasRoom);
    link.abort();
  }
});

test("send() makes nobody wait at the high-water mark", async () => {
  const { wire, link } = held({ highWaterMark: 1_004 });
  assertEquals(link.send(new Uint8Array(1_000)), undefined);
  await turn();
  assertEquals(link.bufferedBytes, 1_004);
  const waiting = link.send(new Uint8Array(0));
  assert(waiting !== undefined);
  await wire.takeAll();
  await waiting;
  link.abort();
});

test("send() is written in pieces of which each shows that the peer reads", async () => {
  const { wire, link } = held();
  void link.send(new Uint8Array(1_000_000));
  await wire.takeAll();
  await link.closeWrite();
  assertEquals(wire.bytesTaken, 1_000_004);
  assert(wire.writes.every((size) => size <= 262_144), `${wire.writes}`);
  link.abort();
});

test("send() does not copy a large frame, and settles when it is written", async () => {
  const { wire, link } = held({ highWaterMark: 1_000_000 });
  const frame = new Uint8Array(300_000).fill(1);
  const seen: ArrayBufferLike[] = [];
  const write = wire.write.bind(wire);
  wire.write = (bytes) => {
    seen.push(bytes.buffer);
    return write(bytes);
  };
  let isWritten = false;
  const sent = Promise.resolve(link.send(frame)).then(() => isWritten = true);
  while (link.bufferedBytes > 0) {
    await turn();
    assertEquals(isWritten, link.bufferedBytes === 0);
    wire.take();
  }
  await sent;
  assertEquals(seen.filter((buffer) => buffer === frame.buffer).length, 2);
  link.abort();
});

test("sendEncoded() keeps no copy of what many are sent", async () => {
  const shared = codec.encode(new Uint8Array(1_000_000));
  const links = Array.from({ length: 20 }, () => held());
  const seen: ArrayBufferLike[] = [];
  for (const { wire, link } of links) {
    const write = wire.write.bind(wire);
    wire.write = (bytes) => {
      seen.push(bytes.buffer);
      return write(bytes);
    };
    // As much as the system of a stalled member takes, and what waits behind it.
    void link.sendEncoded(shared);
    void link.sendEncoded(shared);
  }
  await turn();
  for (const { wire, link } of links) {
    assertEquals(link.bufferedBytes, 2 * shared.length);
    await wire.takeAll();
    assertEquals(wire.bytesTaken, 2 * shared.length);
    link.abort();
  }
  assert(seen.every((buffer) => buffer === shared.buffer), "it was copied");
});

test("closeWrite() waits for the write under way and for what waits", async () => {
  const { wire, link } = held();
  void link.send(new Uint8Array(100_000));
  await turn();
  void link.send(new Uint8Array(100_000));
  const ending = link.closeWrite();
  while (link.bufferedBytes > 0) {
    assertEquals(wire.ends, []);
    wire.take();
    await turn();
  }
  await ending;
  assertEquals(wire.ends, ["closeWrite"]);
  assertEquals(wire.bytesTaken, 200_008);
  link.abort();
});

test("a promise of send() that nobody keeps ends no process when the link fails", async () => {
  const { wire, link } = held({ highWaterMark: 0 });
  void link.send(new Uint8Array(10));
  void link.send(new Uint8Array(10));
  void link.closeWrite().catch(() => undefined);
  await turn();
  wire.fail(new NetError("NETWORK_ERROR", "The network is down"));
  await turn();
  assertEquals((await link.closed).by, "failure");
});
