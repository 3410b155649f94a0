/** Formats whose frames may be longer in one direction than in the other. */

import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  checksum,
  cobs,
  type Codec,
  commandFrame,
  contentLength,
  delimited,
  type FrameLimitOptions,
  hdlc,
  headerPrefixed,
  jsonHeader,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  slip,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { frameError } from "../support/run_decoder.ts";

type Make = (options?: FrameLimitOptions) => Codec<unknown>;

/** Formats, and how each makes a frame that its limit counts as `length` bytes. */
const formats: Readonly<
  Record<string, [Make, (length: number) => unknown]>
> = {
  lengthPrefixed: [of(lengthPrefixed), bytes],
  "lengthPrefixed, a small field": [
    of((options) => lengthPrefixed({ ...options, lengthBytes: 1 })),
    bytes,
  ],
  "lengthPrefixed, in digits": [
    of((options) => lengthPrefixed({ ...options, lengthEncoding: "bcd" })),
    bytes,
  ],
  "lengthPrefixed().header": [
    of((options) => lengthPrefixed(options).header),
    (length) => length,
  ],
  varintPrefixed: [of(varintPrefixed), bytes],
  "varintPrefixed().header": [
    of((options) => varintPrefixed(options).header),
    (length) => length,
  ],
  netstring: [of(netstring), bytes],
  delimited: [
    of((options) => delimited({ ...options, delimiter: "\n" })),
    bytes,
  ],
  lines: [of(lines), (length) => "x".repeat(length)],
  marked: [
    of((options) => marked({ ...options, start: "\x02", end: "\x03" })),
    bytes,
  ],
  cobs: [of(cobs), bytes],
  slip: [of(slip), bytes],
  hdlc: [of(hdlc), bytes],
  headerPrefixed: [
    of((options) =>
      headerPrefixed({
        ...options,
        headerLength: 1,
        frameLength: (header) => header[0]!,
      })
    ),
    (length) => bytes(length).fill(length, 0, 1),
  ],
  contentLength: [
    of((options) => contentLength(options)),
    bytes,
  ],
  commandFrame: [
    of(commandFrame),
    (length) => ({ command: 1, wantsReply: false, body: bytes(length) }),
  ],
  jsonHeader: [
    of((options) => jsonHeader({ ...options, digest: [] })),
    (length) => ({ header: {}, body: bytes(length) }),
  ],
  "checksum over lengthPrefixed": [
    of((options) => checksum(lengthPrefixed(options), "crc32")),
    (length) => bytes(length - 4),
  ],
  kafka: [of(presets.kafka), bytes],
  tpkt: [of(presets.tpkt), bytes],
  gob: [of(presets.gob), bytes],
  syslogOctetCounting: [of(presets.syslogOctetCounting), bytes],
  "presets.ndjson": [of(presets.ndjson), jsonText],
  "presets.jsonSeq": [of(presets.jsonSeq), jsonText],
  "presets.hl7Mllp": [of(presets.hl7Mllp), bytes],
  "presets.syslogAny": [of(presets.syslogAny), bytes],
};

function of<Options, In, Out>(
  make: (options: FrameLimitOptions & Options) => Codec<In, Out>,
): Make {
  return (options = {}) =>
    make(options as FrameLimitOptions & Options) as Codec<unknown>;
}

/** A value whose JSON has so many bytes. */
function jsonText(length: number): string {
  return "x".repeat(length - 2);
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x61);
}

for (const [name, [make, frame]] of Object.entries(formats)) {
  test(`${name} has a limit of its own for what is encoded`, () => {
    const encodes = make({ maxFrameLength: 20, maxEncodedLength: 40 });
    const decodes = make({ maxFrameLength: 40, maxEncodedLength: 20 });

    const long = encodes.encode(frame(40));
    assertStrictEquals(decodes.decode(long).length, 1);
    assertStrictEquals(
      frameError(() => encodes.decode(long)).expected,
      "at most 20 bytes (maxFrameLength)",
    );
    assertEquals(decodes.encode(frame(20)), encodes.encode(frame(20)));
    const error = frameError(() => decodes.encode(frame(21)));
    assertStrictEquals(error.code, "FRAME_TOO_LARGE");
    assertStrictEquals(error.expected, "at most 20 bytes (maxEncodedLength)");
    assertThrows(() => encodes.encode(frame(41)));
  });

  test(`${name} encodes no more than it decodes when nothing else is said`, () => {
    const codec = make({ maxFrameLength: 20 });
    assertStrictEquals(codec.decode(codec.encode(frame(20))).length, 1);
    assertStrictEquals(
      frameError(() => codec.encode(frame(21))).expected,
      "at most 20 bytes (maxFrameLength)",
    );
  });

  test(`${name} refuses a maxEncodedLength that is no length`, () => {
    for (const maxEncodedLength of [-1, 0.5, NaN, Infinity]) {
      assertThrows(
        () => make({ maxEncodedLength }),
        RangeError,
        "Cannot use maxEncodedLength",
      );
    }
  });
}

test("maxEncodedLength does not go beyond what a length field can say", () => {
  const options = { maxEncodedLength: 100_000 };
  for (
    const codec of [
      lengthPrefixed({ ...options, lengthBytes: 2 }),
      presets.dnsTcp(options),
      presets.tpkt(options),
    ]
  ) {
    assertStrictEquals(
      frameError(() => codec.encode(bytes(65_536))).code,
      "FRAME_TOO_LARGE",
    );
  }
});
