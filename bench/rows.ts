/**
 * What is measured inside one process: each row is the work of a codec or stream
 * of ours, and the same work done by others or by hand.
 */
import { Buffer } from "node:buffer";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { decode as decodeVarint } from "it-length-prefixed";
import { decode as lengthPrefixedStream } from "length-prefixed-stream";
import protobuf from "protobufjs/minimal.js";
import RedisParser from "redis-parser";
import split2 from "split2";
import {
  ByteWriter,
  type Codec,
  delimited,
  FrameDecoderStream,
  json,
  lengthPrefixed,
  lines,
  varintPrefixed,
} from "../mod.ts";
import { ndjson, resp } from "../src/presets/mod.ts";

/** Does the work of a row once; it may take many turns of the event loop. */
export type Work = () => unknown;

/** A kind of work, done by ours and by others. */
export interface Row {
  readonly name: string;
  /** How many frames the work is for. */
  readonly count: number;
  /** How many times as fast ours shall be as the fastest of the others. */
  readonly atLeast: number;
  readonly ours: Work;
  readonly others: Readonly<Record<string, Work>>;
}

const CHUNK_BYTES = 65_536;
const CHUNKS = 8;

/** Keeps results from being optimized away. */
export const seen = { last: undefined as unknown };

function keep(frame: unknown): void {
  seen.last = frame;
}

/** Whole frames of a codec, as many as fit a chunk. */
function framesOf<In>(codec: Codec<In, unknown>, frame: In): {
  readonly chunk: Uint8Array;
  readonly perChunk: number;
} {
  const bytes = codec.encode(frame);
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / bytes.length));
  const chunk = new Uint8Array(perChunk * bytes.length);
  for (let i = 0; i < perChunk; i++) chunk.set(bytes, i * bytes.length);
  return { chunk, perChunk };
}

/** Pushes the chunks and pulls all frames. */
function decoding(codec: Codec<never, unknown>, chunk: Uint8Array): Work {
  return () => {
    const decoder = codec.decoder();
    for (let i = 0; i < CHUNKS; i++) {
      decoder.push(chunk);
      for (
        let frame = decoder.next();
        frame !== undefined;
        frame = decoder.next()
      ) keep(frame);
    }
  };
}

/** Writes the chunks to a stream of Node, whose frames come as `data`. */
function writing(
  chunk: Uint8Array,
  make: () => NodeJS.ReadWriteStream,
  use: (frame: unknown) => void = keep,
): Work {
  return () =>
    new Promise<void>((resolve, reject) => {
      const stream = make().on("data", use).on("end", resolve)
        .on("error", reject);
      for (let i = 0; i < CHUNKS; i++) stream.write(Buffer.from(chunk));
      stream.end();
    });
}

async function* many(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < CHUNKS; i++) yield chunk;
}

function readlineOf(chunk: Uint8Array, use: (line: string) => void): Work {
  return () =>
    new Promise<void>((resolve) => {
      const chunks = Array.from({ length: CHUNKS }, () => Buffer.from(chunk));
      createInterface({ input: Readable.from(chunks) })
        .on("line", use).on("close", resolve);
    });
}

function chunkStream(chunk: Uint8Array): ReadableStream<Uint8Array> {
  let left = CHUNKS;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

function row(
  name: string,
  { perChunk }: { readonly perChunk: number },
  atLeast: number,
  ours: Work,
  others: Readonly<Record<string, Work>>,
): Row {
  const count = perChunk * CHUNKS;
  return { name, count, atLeast, ours, others };
}

const parsed = (line: unknown) => keep(JSON.parse(String(line)));

function lineRows(): Row[] {
  const line = "x".repeat(63);
  const text = framesOf(lines(), line);
  const values = framesOf(ndjson(), { text: "x".repeat(51) });
  return [
    row("lines, 64 B", text, 1.3, decoding(lines(), text.chunk), {
      split2: writing(text.chunk, () => split2()),
      readline: readlineOf(text.chunk, keep),
    }),
    row("ndjson, 64 B", values, 1.3, decoding(ndjson(), values.chunk), {
      split2: writing(values.chunk, () => split2(), parsed),
      readline: readlineOf(values.chunk, parsed),
    }),
  ];
}

function binaryRows(size: number): Row[] {
  const frame = new Uint8Array(size).fill(7);
  const int32 = framesOf(lengthPrefixed(), frame);
  const varint = framesOf(varintPrefixed(), frame);
  const zero = framesOf(delimited({ delimiter: "\0" }), frame);
  return [
    row(
      `lengthPrefixed, ${size} B`,
      int32,
      1 / 1.3,
      decoding(lengthPrefixed(), int32.chunk),
      {
        "a loop of views": () => {
          const { chunk } = int32;
          for (let i = 0; i < CHUNKS; i++) {
            const view = new DataView(chunk.buffer);
            for (let at = 0; at < chunk.length;) {
              const end = at + 4 + view.getUint32(at);
              keep(new Uint8Array(chunk.buffer, at + 4, end - at - 4));
              at = end;
            }
          }
        },
      },
    ),
    row(
      `varintPrefixed, ${size} B`,
      varint,
      1.5,
      decoding(varintPrefixed(), varint.chunk),
      {
        "length-prefixed-stream": writing(
          varint.chunk,
          () => lengthPrefixedStream(),
        ),
        "it-length-prefixed": async () => {
          for await (const bytes of decodeVarint(many(varint.chunk))) {
            keep(bytes);
          }
        },
        "protobufjs": () => {
          for (let i = 0; i < CHUNKS; i++) {
            const reader = protobuf.Reader.create(varint.chunk);
            while (reader.pos < reader.len) keep(reader.bytes());
          }
        },
      },
    ),
    row(
      `delimited, ${size} B`,
      zero,
      1.5,
      decoding(delimited({ delimiter: "\0" }), zero.chunk),
      { split2: writing(zero.chunk, () => split2("\0")) },
    ),
  ];
}

function jsonRows(): Row[] {
  const codec = json(lengthPrefixed());
  const value = "x".repeat(62);
  const frames = framesOf(codec, value);
  const { chunk, perChunk } = frames;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return [
    row(
      "JSON behind a length, decoded",
      frames,
      1 / 1.5,
      decoding(codec, chunk),
      {
        "one TextDecoder call a chunk": () => {
          for (let i = 0; i < CHUNKS; i++) {
            const view = new DataView(chunk.buffer);
            const text = decoder.decode(chunk);
            for (let at = 0; at < chunk.length;) {
              const end = at + 4 + view.getUint32(at);
              keep(JSON.parse(text.slice(at + 4, end)));
              at = end;
            }
          }
        },
      },
    ),
    row(
      "JSON behind a length, encoded",
      frames,
      1 / 1.5,
      () => {
        const stream = codec.encoder();
        for (let i = 0; i < CHUNKS; i++) {
          const output = new ByteWriter();
          for (let j = 0; j < perChunk; j++) stream.encode(value, output);
          keep(output.take());
        }
      },
      {
        "encodeInto straight into a buffer": () => {
          for (let i = 0; i < CHUNKS; i++) {
            const output = new Uint8Array(2 * CHUNK_BYTES);
            const view = new DataView(output.buffer);
            let at = 0;
            for (let j = 0; j < perChunk; j++) {
              const { written } = encoder.encodeInto(
                JSON.stringify(value),
                output.subarray(at + 4),
              );
              view.setUint32(at, written);
              at += 4 + written;
            }
            keep(output.subarray(0, at));
          }
        },
      },
    ),
  ];
}

function streamRows(): Row[] {
  const codec = lengthPrefixed();
  const frames = framesOf(codec, new Uint8Array(64));
  const { chunk, perChunk } = frames;
  return [
    row(
      "FrameDecoderStream, for await",
      frames,
      1 / 1.3,
      async () => {
        const stream = chunkStream(chunk)
          .pipeThrough(new FrameDecoderStream(codec));
        for await (const frame of stream) keep(frame);
      },
      {
        "a stream of ready-made frames": async () => {
          const frame = chunk.subarray(4, 68);
          let left = perChunk * CHUNKS;
          const stream = new ReadableStream<Uint8Array>({
            pull(controller) {
              if (left-- > 0) controller.enqueue(frame);
              else controller.close();
            },
          });
          for await (const frame of stream) keep(frame);
        },
      },
    ),
    row(
      "FrameDecoderStream, arrays",
      frames,
      1 / 1.3,
      async () => {
        const stream = chunkStream(chunk)
          .pipeThrough(new FrameDecoderStream(codec, { batches: true }));
        for await (const batch of stream) {
          for (const frame of batch) keep(frame);
        }
      },
      { "the bare decoder": decoding(codec, chunk) },
    ),
  ];
}

function respRows(): Row[] {
  const bytes = new TextEncoder().encode(
    "$11\r\nhello world\r\n:1000\r\n+OK\r\n",
  );
  const times = Math.floor(CHUNK_BYTES / bytes.length);
  const chunk = new Uint8Array(times * bytes.length);
  for (let i = 0; i < times; i++) chunk.set(bytes, i * bytes.length);
  return [
    row(
      "RESP, pipelined replies",
      { perChunk: 3 * times },
      1 / 2,
      decoding(resp(), chunk),
      {
        "redis-parser": () => {
          const parser = new RedisParser({
            returnReply: keep,
            returnError: keep,
          });
          for (let i = 0; i < CHUNKS; i++) parser.execute(Buffer.from(chunk));
        },
      },
    ),
  ];
}

/** All rows. */
export const rows: readonly Row[] = [
  ...lineRows(),
  ...[16, 64, 1_024].flatMap(binaryRows),
  ...jsonRows(),
  ...streamRows(),
  ...respRows(),
];
