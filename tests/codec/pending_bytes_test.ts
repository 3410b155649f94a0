import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  cobs,
  type Codec,
  contentLength,
  delimited,
  hdlc,
  lengthPrefixed,
  slip,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";

const skip = { maxFrameLength: 3, onOversize: "skip" } as const;
const cases: [string, Codec<never, unknown>, Uint8Array, number][] = [
  ["what is held", lengthPrefixed(), hex("00000005 0102"), 6],
  ["no whole frames", lengthPrefixed(), hex("00000001 01"), 0],
  ["what is passed over", lengthPrefixed(skip), hex("ffffffff 0102"), 6],
  [
    "what is passed over",
    delimited({ delimiter: "\n", ...skip }),
    utf8("abcde"),
    5,
  ],
  [
    "what is passed over",
    contentLength(skip),
    utf8("Content-Length: 5\r\n\r\nab"),
    23,
  ],
  [
    "nothing when it is passed over",
    lengthPrefixed(skip),
    hex("00000004 01020304"),
    0,
  ],
  [
    "nothing when it is passed over",
    delimited({ delimiter: "\n", ...skip }),
    utf8("abcde\n"),
    0,
  ],
  ["no bytes between frames", slip(), hex("c0c0c0"), 0],
  ["no bytes between frames", cobs(), hex("0000"), 0],
  ["no bytes between frames", hdlc(), hex("7e 41f5a3 7e7e"), 0],
  [
    "nothing when it is passed over",
    cobs({ onInvalid: "skip" }),
    hex("0500"),
    0,
  ],
];

for (const [what, codec, bytes, expected] of cases) {
  test(`Decoder.pendingBytes counts ${what} of ${codec.name}`, () => {
    const decoder = codec.decoder();
    decoder.push(bytes);
    while (decoder.next() !== undefined);
    assertEquals(decoder.pendingBytes, expected);
  });
}
