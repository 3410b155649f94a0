import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { framed, FrameError } from "../../mod.ts";
import { Peer, pipelined, typed } from "../../src/message/mod.ts";
import { resp, type RespValue } from "../../src/presets/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { until } from "./support.ts";

const body = typed<RespValue>();
const commands = {
  ask: { input: body, output: body },
  push: { input: body, output: body },
};
const dialect = pipelined(resp({ maxFrameLength: 4_194_304 }), {
  eventOf: ({ type }) => type === "push" ? "push" : undefined,
});
const push = (value: RespValue): RespValue => ({
  type: "push",
  value: [value],
});
const bytes = (fill: number): RespValue =>
  push({ type: "bulk", value: new Uint8Array(3_145_728).fill(fill) });
const number = (value: number | bigint): RespValue => ({
  type: "integer",
  value,
});

/** A peer that waits for a reply, and hears nothing more until `finish` is called. */
function busyPeer() {
  const [here, there] = streamPair();
  const heard: RespValue[] = [];
  const done = Promise.withResolvers<void>();
  const peer = new Peer(dialect.open(framed(here, dialect.codec, quick)), {
    commands,
    maxRequests: 1,
  });
  peer.onEvent("push", (event) => {
    heard.push(event);
    return done.promise;
  });
  const reply = peer.request("ask", number(1));
  const other = framed(there, dialect.codec, quick);
  return { peer, other, heard, reply, finish: done.resolve };
}

test("Peer keeps events of bytes and of bigints while its listeners are at work", async () => {
  const { peer, other, heard, reply, finish } = busyPeer();
  const events = [
    push(number(0)),
    push(number(2n ** 60n)),
    ...[1, 2, 3, 4].map(bytes),
  ];
  for (const event of events) await other.send(event);
  await other.send(number(2));
  assertEquals(await reply, number(2));
  assertEquals(heard, events.slice(0, 1));
  finish();
  await other.send(push(number(5)));
  await until(() => heard.length > events.length);
  assertEquals(heard, [...events, push(number(5))]);
  await peer.close();
});

test("Peer ends the connection when more bytes of events wait than may", async () => {
  const { peer, other, reply } = busyPeer();
  const sending = (async () => {
    await other.send(push(number(0)));
    for (let n = 0; n < 6; n++) await other.send(bytes(n));
  })().catch(() => undefined);
  const error = await assertRejects(() => reply, FrameError);
  assertEquals(error.code, "MESSAGE_INVALID");
  await Promise.all([sending, peer.closed]);
});
