// The Web Streams of the installed package, between a stream of bytes and back.
import {
  FrameDecoderStream,
  FrameEncoderStream,
  lengthPrefixed,
} from "@framewire/framewire";

const codec = lengthPrefixed({ lengthBytes: 2 });
const frames = ReadableStream.from([Uint8Array.of(1, 2, 3), Uint8Array.of(4)])
  .pipeThrough(new FrameEncoderStream(codec))
  .pipeThrough(new FrameDecoderStream(codec));

const lengths = [];
for await (const frame of frames) lengths.push(frame.length);
console.log(`piped ${lengths.join(", ")}`);
