import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
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
  headerPrefixed,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  mapCodec,
  marked,
  netstring,
  slip,
  stuffed,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { gzip } from "../../src/algorithms/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { type FieldName, fieldsOf } from "../../src/format/fields_of.ts";
import { bytesOf } from "../support/byte_notation.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { contiguousEnd } from "../support/fuzz_fields.ts";

/** A field in short: its name, its length, and its value if it has one. */
type Short = readonly [name: FieldName, length: number, value?: unknown];

/** Asserts the fields of all frames, and the code of an error behind its frame. */
function assertFields(
  codec: Codec<never, unknown>,
  notation: string,
  expected: readonly (readonly (Short | string)[])[],
): void {
  const bytes = bytesOf(notation);
  const frames = fieldsOf(codec, bytes);
  const short = frames.map(({ fields, error }) => [
    ...fields.map(({ name, length, value }): Short =>
      value === undefined ? [name, length] : [name, length, value]
    ),
    ...(error === undefined ? [] : [error.code]),
  ]);
  assertEquals(short as unknown, expected);
  contiguousEnd(frames);
}

// Lengths

test("fieldsOf() shows the length and the body of lengthPrefixed()", () => {
  assertFields(lengthPrefixed(), "00000002 'HI' 00000000", [
    [["length", 4, 2], ["body", 2]],
    [["length", 4, 0]],
  ]);
  const { fields } = fieldsOf(lengthPrefixed(), hex("00 00 00 01 41"))[0]!;
  assertEquals(fields, [
    { name: "length", offset: 0, length: 4, value: 1 },
    { name: "body", offset: 4, length: 1 },
  ]);
});

test("fieldsOf() shows what else the header of lengthPrefixed() has", () => {
  const before = { lengthOffset: 1, lengthBytes: 2 };
  const little = lengthPrefixed({ ...before, endian: "little" });
  assertFields(little, "07 0200 'HI'", [
    [["header", 1], ["length", 2, 2], ["body", 2]],
  ]);
  const behind = lengthPrefixed({
    ...before,
    lengthAdjustment: 2,
    stripBytes: 5,
  });
  assertFields(behind, "07 0002 aabb 'HI'", [
    [["header", 1], ["length", 2, 2], ["header", 2], ["body", 2]],
  ]);
  const kept = lengthPrefixed({
    lengthBytes: 2,
    lengthIncludes: "frame",
    stripBytes: 0,
  });
  assertFields(kept, "0004 'HI'", [[["length", 2, 4], ["body", 2]]]);
});

test("fieldsOf() shows lengths in digits", () => {
  assertFields(
    lengthPrefixed({ lengthEncoding: "decimal" }),
    "'0002HI'",
    [[["length", 4, 2], ["body", 2]]],
  );
  assertFields(
    lengthPrefixed({ lengthEncoding: "hex", lengthBytes: 2 }),
    "'02HI' '0x'",
    [[["length", 2, 2], ["body", 2]], [["length", 2], "LENGTH_INVALID"]],
  );
  assertFields(
    lengthPrefixed({ lengthEncoding: "bcd", lengthBytes: 1, lengthUnit: 2 }),
    "01 'HI'",
    [[["length", 1, 1], ["body", 2]]],
  );
});

test("fieldsOf() shows a frame of lengthPrefixed() up to where it is wrong or cut", () => {
  assertFields(lengthPrefixed(), "00000001 41 0000", [
    [["length", 4, 1], ["body", 1]],
    [["length", 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(lengthPrefixed(), "00000009 'HI'", [
    [["length", 4, 9], ["body", 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(lengthPrefixed({ maxFrameLength: 8 }), "00000009 'HI'", [
    [["length", 4, 9], "FRAME_TOO_LARGE"],
  ]);
  assertFields(lengthPrefixed({ lengthIncludes: "frame" }), "00000003 'HI'", [
    [["length", 4, 3], "LENGTH_INVALID"],
  ]);
});

test("fieldsOf() shows what is passed over", () => {
  const codec = lengthPrefixed({
    lengthBytes: 1,
    maxFrameLength: 2,
    onOversize: "skip",
  });
  assertFields(codec, "01 41 03 414243 01 42 04 41", [
    [["length", 1, 1], ["body", 1]],
    [["skipped", 4]],
    [["length", 1, 1], ["body", 1]],
    [["length", 1, 4], ["body", 1], "FRAME_TRUNCATED"],
  ]);
  assertFields(codec, "03 414243", [[["skipped", 4]]]);
});

test("fieldsOf() shows the frames of varintPrefixed()", () => {
  assertFields(varintPrefixed(), "02 'HI' ac02 41*300", [
    [["length", 1, 2], ["body", 2]],
    [["length", 2, 300], ["body", 300]],
  ]);
  assertFields(varintPrefixed({ encoding: "vlq" }), "822c 41", [
    [["length", 2, 300], ["body", 1], "FRAME_TRUNCATED"],
  ]);
  assertFields(varintPrefixed({ encoding: "zigzag" }), "04 'HI' 03 'HI'", [
    [["length", 1, 2], ["body", 2]],
    [["length", 1], "LENGTH_INVALID"],
  ]);
  assertFields(varintPrefixed({ maxLengthBytes: 2 }), "8080 01", [
    [["length", 2], "VARINT_OVERLONG"],
  ]);
  assertFields(varintPrefixed({ maxFrameLength: 9 }), "8001 41", [
    [["length", 2, 128], "FRAME_TOO_LARGE"],
  ]);
  assertFields(varintPrefixed(), "80", [[["length", 1], "FRAME_TRUNCATED"]]);
});

test("fieldsOf() shows the frames of netstring()", () => {
  assertFields(netstring(), "'2:HI,0:,12:ab'", [
    [["length", 1, 2], ["delimiter", 1], ["body", 2], ["terminator", 1]],
    [["length", 1, 0], ["delimiter", 1], ["terminator", 1]],
    [["length", 2, 12], ["delimiter", 1], ["body", 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(netstring(), "'2:HI;'", [
    [["length", 1, 2], ["delimiter", 1], "MARK_INVALID"],
  ]);
  assertFields(netstring(), "'12'", [[["length", 2, 12], "FRAME_TRUNCATED"]]);
});

test("fieldsOf() shows the frames of commandFrame() and fixedLength()", () => {
  assertFields(commandFrame(), "00000002 00000007 00000001 'HI' 00000002", [
    [["length", 4, 2], ["command", 4, 7], ["reply", 4, 1], ["body", 2]],
    [["length", 4, 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(
    commandFrame({ endian: "little" }),
    "00000000 00000007 00000009",
    [
      [
        ["length", 4, 0],
        ["command", 4, 0x0700_0000],
        ["reply", 4, 0x0900_0000],
      ],
    ],
  );
  assertFields(fixedLength({ frameLength: 2 }), "'HIJ'", [
    [["body", 2]],
    [["body", 1], "FRAME_TRUNCATED"],
  ]);
});

test("fieldsOf() shows the frames of jsonHeader()", () => {
  assertFields(jsonHeader(), "0000000c '{\"length\":2}HI' 0000000c '{\"l'", [
    [["length", 4, 12], ["header", 12, { length: 2 }], ["body", 2]],
    [["length", 4, 12], ["header", 3], "FRAME_TRUNCATED"],
  ]);
  assertFields(jsonHeader({ endian: "little" }), "02000000 '{}HI'", [
    [["length", 4, 2], ["header", 2, {}], "LENGTH_INVALID"],
  ]);
});

test("fieldsOf() shows the frames of headerPrefixed()", () => {
  const counted = headerPrefixed({
    headerLength: 2,
    frameLength: (header) => 2 + header[1]!,
  });
  assertFields(counted, "0702 'HI' 0709 'HI'", [
    [["header", 2], ["body", 2]],
    [["header", 2], ["body", 2], "FRAME_TRUNCATED"],
  ]);
  const ended = headerPrefixed({
    headerEnd: "\n",
    frameLength: (header) => header.length + header[0]! - 0x30,
  });
  assertFields(ended, "'2' 0a 'HI' '2'", [
    [["header", 2], ["body", 2]],
    [["header", 1], "FRAME_TRUNCATED"],
  ]);
});

// Marks

test("fieldsOf() shows the frames of delimited() and lines()", () => {
  const codec = delimited({ delimiter: ["\n", "\r\n"] });
  assertFields(codec, "'a' 0a 'b' 0d0a 0a 'c' 0d", [
    [["body", 1], ["delimiter", 1]],
    [["body", 1], ["delimiter", 2]],
    [["delimiter", 1]],
    [["body", 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(lines({ skipEmpty: true }), "'a' 0d0a 0d0a 'b'", [
    [["body", 1, "a"], ["delimiter", 2]],
    [["skipped", 2]],
    [["body", 1, "b"]],
  ]);
  assertFields(delimited({ delimiter: "\0", maxFrameLength: 1 }), "'ab' 00", [
    ["FRAME_TOO_LARGE"],
  ]);
  assertFields(
    delimited({ delimiter: "\0", truncated: "drop" }),
    "'a' 00 'b'",
    [
      [["body", 1], ["delimiter", 1]],
      [["skipped", 1]],
    ],
  );
});

test("fieldsOf() shows the frames of marked()", () => {
  const codec = marked({
    start: "\x02",
    end: "\x03",
    between: "skip",
    trailerLength: 2,
  });
  assertFields(codec, "'x' 02 'ab' 03 aabb 02 'c' 03 aa", [
    [["skipped", 1]],
    [["start", 1], ["body", 2], ["end", 1], ["trailer", 2]],
    [["start", 1], ["body", 1], ["end", 1], ["trailer", 1], "FRAME_TRUNCATED"],
  ]);
  const strict = marked({ start: "<a>", end: "</a>" });
  assertFields(strict, "'<a>x</a><a'", [
    [["start", 3], ["body", 1], ["end", 4]],
    [["start", 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(strict, "'<a>x'", [
    [["start", 3], ["body", 1], "FRAME_TRUNCATED"],
  ]);
  assertFields(strict, "'<b>x'", [[["start", 1], "MARK_INVALID"]]);
});

test("fieldsOf() shows the frames of contentLength()", () => {
  const type = "'Content-Type: a' 0d0a";
  assertFields(
    contentLength({ headers: true }),
    `'content-length: 2' 0d0a ${type} 0d0a 'HI' ${type} 'Con'`,
    [
      [
        ["length", 19, 2],
        ["header", 17, "Content-Type: a"],
        ["delimiter", 2],
        ["body", 2],
      ],
      [
        ["header", 17, "Content-Type: a"],
        ["header", 3, "Con"],
        "FRAME_TRUNCATED",
      ],
    ],
  );
  assertFields(contentLength(), `${type} 'wrong' 0d0a 0d0a`, [
    [["header", 17, "Content-Type: a"], "HEADER_INVALID"],
  ]);
  assertFields(json(contentLength()), `'Content-Length: 2' 0d0a 0d0a '42'`, [
    [["length", 19, 2], ["delimiter", 2], ["body", 2, 42]],
  ]);
});

// Stuffing

test("fieldsOf() shows the frames of slip(), stuffed() and cobs()", () => {
  assertFields(slip(), "c0c0 41dbdc42 c0 c0 41db", [
    [["delimiter", 2]],
    [["body", 4], ["delimiter", 1]],
    [["delimiter", 1]],
    [["body", 2], "FRAME_TRUNCATED"],
  ]);
  assertFields(slip(), "41db42 c0 41 c0", [
    [["body", 3], ["delimiter", 1], "MARK_INVALID"],
  ]);
  assertFields(slip({ onInvalid: "skip" }), "41db42 c0 41 c0", [
    [["skipped", 4]],
    [["body", 1], ["delimiter", 1]],
  ]);
  const escaped = { end: 0x0a, escape: 0x5c, map: { 0x0a: 0x6e, 0x5c: 0x5c } };
  assertFields(stuffed(escaped), "41 5c6e 0a", [
    [["body", 3], ["delimiter", 1]],
  ]);
  assertFields(cobs(), "0311220233 00 00", [
    [["body", 5], ["delimiter", 1]],
    [["delimiter", 1]],
  ]);
});

test("fieldsOf() shows the check sequence of hdlc(), escapes included", () => {
  assertFields(hdlc(), "7e 41 f5a3 7e 7d5e 816a 7e", [
    [["delimiter", 1]],
    [["body", 1], ["checksum", 2], ["delimiter", 1]],
    [["body", 2], ["checksum", 2], ["delimiter", 1]],
  ]);
  // The FCS of the frame 41, with its first byte escaped.
  assertFields(hdlc(), "41 7dd5a3 7e", [
    [["body", 1], ["checksum", 3], ["delimiter", 1]],
  ]);
  assertFields(hdlc(), "41 f5a4 7e", [
    [["body", 1], ["checksum", 2], ["delimiter", 1], "CHECKSUM_MISMATCH"],
  ]);
  assertFields(hdlc({ fcs: "none" }), "41 7e", [
    [["body", 1], ["delimiter", 1]],
  ]);
});

// Views

const sum = {
  length: 1,
  compute: (bytes: Uint8Array) =>
    Uint8Array.of(bytes.reduce((sum, byte) => sum + byte, 0)),
};

test("fieldsOf() splits a checksum off the body", () => {
  assertFields(
    checksum(lengthPrefixed({ lengthBytes: 1 }), sum),
    "03 0102 03",
    [
      [["length", 1, 3], ["body", 2], ["checksum", 1]],
    ],
  );
  assertFields(
    checksum(lengthPrefixed({ lengthBytes: 1 }), "crc32"),
    "0d '123456789' cbf43926 0d '123456789' cbf43927",
    [
      [["length", 1, 13], ["body", 9], ["checksum", 4]],
      [["length", 1, 13], ["body", 9], ["checksum", 4], "CHECKSUM_MISMATCH"],
    ],
  );
  assertFields(
    checksum(marked({ start: "<", end: ">", trailerLength: 1 }), sum),
    "'<' 0102 '>' 03",
    [[["start", 1], ["body", 2], ["end", 1], ["checksum", 1]]],
  );
  assertFields(checksum(lengthPrefixed({ lengthBytes: 1 }), sum), "03 0102", [
    [["length", 1, 3], ["body", 2], "FRAME_TRUNCATED"],
  ]);
});

test("fieldsOf() splits a checksum off a body behind a long header", () => {
  const stripped = lengthPrefixed({ lengthBytes: 1, stripBytes: 3 });
  assertFields(checksum(stripped, sum), "05 aabb 0102 03", [
    [["length", 1, 5], ["header", 2], ["body", 2], ["checksum", 1]],
  ]);
  const kept = lengthPrefixed({ lengthBytes: 1, stripBytes: 0 });
  assertFields(checksum(kept, sum), "02 01 03", [
    [["length", 1, 2], ["body", 1], ["checksum", 1]],
  ]);
});

test("fieldsOf() splits a checksum off a body with escapes or codes", () => {
  // c0 + 00 = c0, which is escaped.
  assertFields(checksum(slip(), sum), "dbdc 00 dbdc c0", [
    [["body", 3], ["checksum", 2], ["delimiter", 1]],
  ]);
  // 01 ff 00: the checksum is the zero, which is the code of the last block.
  assertFields(checksum(cobs(), sum), "03 01ff 01 00", [
    [["body", 3], ["checksum", 1], ["delimiter", 1]],
  ]);
  assertFields(checksum(cobs(), sum), "04 010203 00", [
    [["body", 3], ["checksum", 1], ["delimiter", 1]],
  ]);
});

test("fieldsOf() shows what is decoded from a body", () => {
  assertFields(json(lengthPrefixed()), "00000002 '42' 00000001 '{'", [
    [["length", 4, 2], ["body", 2, 42]],
    [["length", 4, 1], ["body", 1], "MESSAGE_INVALID"],
  ]);
  assertFields(
    text(checksum(delimited({ delimiter: "\n" }), sum)),
    "'A' 41 0a",
    [
      [["body", 1, "A"], ["checksum", 1], ["delimiter", 1]],
    ],
  );
  const packed = compressed(lengthPrefixed({ lengthBytes: 1 }), gzip);
  const bytes = packed.encode(utf8("HI"));
  const [frame] = fieldsOf(checksum(packed, sum), bytes);
  assertEquals(frame?.error?.code, "CHECKSUM_MISMATCH");
  assertEquals(frame?.fields.map(({ name }) => name), ["length", "body"]);
  assertEquals(fieldsOf(packed, bytes)[0]?.fields[1]?.value, utf8("HI"));
});

// Presets

test("fieldsOf() shows the frames of presets as those of what they are made of", () => {
  assertFields(presets.erlang(2), "0002 'HI'", [
    [["length", 2, 2], ["body", 2]],
  ]);
  assertFields(presets.hl7Mllp(), "0b 'HI' 1c0d 0d0a", [
    [["start", 1], ["body", 2], ["end", 2]],
    [["skipped", 2]],
  ]);
  assertFields(presets.nativeMessaging(), "02000000 '42'", [
    [["length", 4, 2], ["body", 2, 42]],
  ]);
  assertFields(checksum(presets.erlang(1), sum), "03 0102 03", [
    [["length", 1, 3], ["body", 2], ["checksum", 1]],
  ]);
});

test("fieldsOf() shows the header of presets with one of a fixed length", () => {
  assertFields(presets.kafka(), "00000002 'HI' 00000003 'H'", [
    [["length", 4, 2], ["body", 2]],
    [["length", 4, 3], ["body", 1], "FRAME_TRUNCATED"],
  ]);
  assertFields(presets.grpc(), "01 00000002 'HI' 02", [
    [["header", 1], ["length", 4, 2], ["body", 2]],
    [["header", 1], "FRAME_TRUNCATED"],
  ]);
  assertFields(presets.grpc(), "02 00000002 'HI'", [
    [["header", 1], ["length", 4, 2], "HEADER_INVALID"],
  ]);
  assertFields(presets.tpkt(), "0300 0006 'HI'", [
    [["header", 2], ["length", 2, 6], ["body", 2]],
  ]);
  assertFields(presets.modbusTcp(), "0001 0000 0003 01 'HI'", [
    [["header", 4], ["length", 2, 3], ["header", 1], ["body", 2]],
  ]);
  assertFields(presets.postgres(), "'Z' 00000005 'I'", [
    [["header", 1], ["length", 4, 5], ["body", 1]],
  ]);
  assertFields(presets.postgres({ startup: true }), "00000006 'HI'", [
    [["length", 4, 6], ["body", 2]],
  ]);
  assertFields(presets.gitPktLine(), "'0006HI' '0000'", [
    [["length", 4, 6], ["body", 2]],
    [["length", 4, 0]],
  ]);
});

test("fieldsOf() shows the lines of ndjson(), and what is decoded from them", () => {
  assertFields(presets.ndjson(), "'[1]' 0d0a 0a '2' 0a 'x' 0a", [
    [["body", 3, [1]], ["delimiter", 2]],
    [["skipped", 1]],
    [["body", 1, 2], ["delimiter", 1]],
    [["body", 1], ["delimiter", 1], "MESSAGE_INVALID"],
  ]);
  assertFields(presets.ndjson({ onInvalid: "skip" }), "'x' 0a '{}'", [
    [["skipped", 2]],
    [["body", 2, {}]],
  ]);
});

test("fieldsOf() shows the frames of other presets as one body", () => {
  assertFields(presets.gob(), "02 'HI'", [[["body", 3]]]);
  assertFields(presets.oncRpc(), "00000001 'H' 80000001 'I'", [
    [["body", 10]],
  ]);
});

test("fieldsOf() refuses a codec without a description", () => {
  const codec = mapCodec(lengthPrefixed(), {
    name: "mapped",
    decode: (frame) => frame,
    encode: (frame: Uint8Array) => frame,
  });
  assertThrows(
    () => fieldsOf(codec, hex("")),
    TypeError,
    "Cannot split frames of mapped: expected a codec with a description",
  );
});

test("fieldsOf() finds no frames in no bytes", () => {
  assertEquals(fieldsOf(lengthPrefixed(), hex("")), []);
});
