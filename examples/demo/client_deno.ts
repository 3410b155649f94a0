/**
 * Deno, with nothing but `pipeThrough()`: frames are a stream like any other.
 *
 * The connection is from `connect()`, whose `writable` ends one direction when it
 * is closed and leaves the replies to come. That of `Deno.connect()` closes both.
 */

import {
  connect,
  FrameDecoderStream,
  FrameEncoderStream,
  lengthPrefixed,
} from "../../mod.ts";
import { address, messages, report } from "./exchange.ts";

type Spoiler = TransformStream<
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>
>;

const codec = lengthPrefixed({ endian: "little", lengthIncludes: "frame" });

for (const [round, spoiler] of [["glued", glue()], ["cut", cut()]] as const) {
  const connection = await connect(address);
  const received = connection.readable
    .pipeThrough(new FrameDecoderStream(codec));
  const sent = ReadableStream.from(messages)
    .pipeThrough(new FrameEncoderStream(codec))
    .pipeThrough(spoiler)
    .pipeTo(connection.writable);
  const [replies] = await Promise.all([Array.fromAsync(received), sent]);
  report(round, connection, replies);
}

/** All bytes in one chunk. */
function glue(): Spoiler {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  return new TransformStream({
    transform: (bytes) => void parts.push(bytes),
    flush: async (controller) =>
      controller.enqueue(await new Blob(parts).bytes()),
  });
}

/** Every byte in a chunk of its own. */
function cut(): Spoiler {
  return new TransformStream({
    transform(bytes, controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
    },
  });
}
