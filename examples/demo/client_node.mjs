/**
 * Node, from the npm package, in plain JavaScript: the codec by hand, between
 * bytes that are written and bytes that are read.
 */

import { connect, lengthPrefixed } from "@framewire/framewire";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import process from "node:process";

const [port, file] = process.argv.slice(2);
const messages = JSON.parse(await readFile(file, "utf8"));

const codec = lengthPrefixed({ endian: "little", lengthIncludes: "frame" });
const bytes = Buffer.concat(
  messages.map((message) => codec.encode(Buffer.from(message))),
);
const singleBytes = Array.from(bytes, (byte) => Uint8Array.of(byte));

for (const [round, pieces] of [["glued", [bytes]], ["cut", singleBytes]]) {
  const connection = await connect({ port: Number(port) });
  const [replies] = await Promise.all([
    receive(connection.readable),
    send(connection.writable, pieces),
  ]);
  const expected = messages.map((message) => Buffer.from(`REP: ${message}`));
  assert.deepEqual(replies.map((reply) => Buffer.from(reply)), expected, round);
  console.log(JSON.stringify({
    round,
    port: connection.localAddress.port,
    heard: replies.map((reply) => new TextDecoder().decode(reply)),
  }));
}

async function send(writable, pieces) {
  const writer = writable.getWriter();
  for (const piece of pieces) await writer.write(piece);
  await writer.close();
}

async function receive(readable) {
  const decoder = codec.decoder();
  const frames = [];
  const takeWholeFrames = () => {
    for (
      let frame = decoder.next();
      frame !== undefined;
      frame = decoder.next()
    ) frames.push(frame);
  };
  for await (const chunk of readable) {
    decoder.push(chunk);
    takeWholeFrames();
  }
  decoder.end();
  takeWholeFrames(); // throws if the stream has ended inside a frame
  return frames;
}
