/** One example of each format, for the pictures of docs/formats.md. */

import { gzip } from "../../src/algorithms/mod.ts";
import {
  checksum,
  cobs,
  type Codec,
  commandFrame,
  compressed,
  contentLength,
  delimited,
  fixedLength,
  hdlc,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  slip,
  stuffed,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";

/** A codec, and bytes that it reads. */
export interface FormatSample {
  readonly codec: Codec<never, unknown>;
  readonly bytes: Uint8Array;
}

/** The bytes of a text, in UTF-8. */
const utf8 = (text: string) => new TextEncoder().encode(text);

/** What the encoder of a codec writes for frames. */
function sample<In>(
  codec: Codec<In, unknown>,
  ...frames: readonly In[]
): FormatSample {
  const parts = frames.map((frame) => [...codec.encode(frame)]);
  return {
    codec: codec as unknown as Codec<never, unknown>,
    bytes: Uint8Array.from(parts.flat()),
  };
}

const short = { lengthBytes: 2 } as const;

/** The gzip of `hello`, as it was written once: other versions write other bytes. */
const GZIPPED = "1f8b0800000000000203cb48cdc9c9070086a6103605000000";

/** The examples by the names of the functions that make the codecs. */
export const formatSamples: ReadonlyMap<string, FormatSample> = new Map([
  ["lengthPrefixed", sample(lengthPrefixed(), utf8("HI"), utf8("hello"))],
  [
    "lengthPrefixed_little",
    sample(
      lengthPrefixed({ endian: "little", lengthIncludes: "frame" }),
      utf8("HI"),
    ),
  ],
  [
    "varintPrefixed",
    sample(varintPrefixed(), utf8("HI"), utf8("x".repeat(3)), new Uint8Array()),
  ],
  [
    "fixedLength",
    sample(fixedLength({ frameLength: 2 }), utf8("HI"), utf8("ok")),
  ],
  ["delimited", sample(delimited({ delimiter: "\0" }), utf8("HI"), utf8("ok"))],
  ["lines", sample(lines(), "HI", "你好")],
  [
    "marked",
    sample(marked({ start: "\x02", end: "\x03" }), utf8("HI"), utf8("ok")),
  ],
  ["netstring", sample(netstring(), utf8("HI"), utf8("hello"))],
  ["contentLength", sample(contentLength(), utf8("{}"))],
  ["cobs", sample(cobs(), Uint8Array.of(0x11, 0x22, 0, 0x33), utf8("HI"))],
  ["slip", sample(slip(), Uint8Array.of(1, 0xc0, 2), utf8("HI"))],
  [
    "stuffed",
    sample(
      stuffed({ end: 0x7e, escape: 0x7d, map: { xor: 0x20 } }),
      Uint8Array.of(1, 0x7e, 2),
    ),
  ],
  ["hdlc", sample(hdlc(), utf8("HI"), Uint8Array.of(0x7e))],
  [
    "jsonHeader",
    sample(jsonHeader(), { header: { name: "hi" }, body: utf8("HI") }),
  ],
  [
    "commandFrame",
    sample(commandFrame(), { command: 2, wantsReply: true, body: utf8("HI") }),
  ],
  ["json", sample(json(lengthPrefixed(short)), { id: 1 }, [true])],
  ["text", sample(text(lengthPrefixed(short)), "你好")],
  ["checksum", sample(checksum(lengthPrefixed(short), "crc32"), utf8("HI"))],
  [
    "compressed",
    {
      codec: compressed(lengthPrefixed(short), gzip) as never,
      bytes: Uint8Array.from([
        0,
        GZIPPED.length / 2,
        ...Uint8Array.fromHex(GZIPPED),
      ]),
    },
  ],
]);
