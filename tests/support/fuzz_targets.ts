/** The codecs that are fuzzed: their options, frames and bytes. */

import {
  type Checksum,
  checksum,
  cobs,
  type Codec,
  commandFrame,
  compressed,
  contentLength,
  type ContentLengthFrame,
  delimited,
  fixedLength,
  FrameError,
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
  type StuffedOptions,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import {
  crc16Modbus,
  deflate,
  gzip,
  md5,
  xor8,
} from "../../src/algorithms/mod.ts";
import { FormatError, formatOf, parseFormat } from "../../src/format/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { utf8 } from "./bytes.ts";
import type { Random } from "./random.ts";

/** The options of a codec, by name. */
export type Options = Readonly<Record<string, unknown>>;

/** A codec and what is random about it. */
export interface FuzzTarget {
  readonly name: string;
  /** Bytes that mean something in the format. */
  readonly alphabet: readonly number[];
  /** Options that the codec takes. */
  options(random: Random): Options;
  make(options: Options): Codec<unknown>;
  /** A frame, which the encoder may refuse. */
  frame(random: Random, options: Options): unknown;
  /** Whether a frame comes out exactly as it was given. */
  exact(options: Options): boolean;
  /** What encoding and decoding again keeps of a frame: all, if absent. */
  normal?(frame: unknown): unknown;
  /** Whether one stream of frames has one form in bytes only. */
  canonical(options: Options): boolean;
  /** Whether the encoder may refuse what the decoder handed out. */
  readonly mayRefuse?: boolean;
}

const always = () => true;
const never = () => false;
const bytesIn = (characters: string) => [...utf8(characters)];
const anyBytes = (random: Random) => random.bytes(random.length());

/** All of them. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "lengthPrefixed",
    alphabet: [0, 0, 0, 1, 2, 3, 4, 5, 8, 127, 128, 255, ...bytesIn("0012aF")],
    options(random) {
      const lengthBytes = 1 + random.below(8);
      const lengthEncoding = random.pick([
        "binary",
        "binary",
        "decimal",
        "hex",
        "bcd",
      ]);
      const lengthOffset = random.pick([0, 0, 0, 1, 3]);
      return {
        ...limits(random),
        lengthBytes,
        lengthOffset,
        lengthEncoding,
        lengthUnit: random.pick([1, 1, 1, 2, 4]),
        endian: lengthEncoding === "binary"
          ? random.pick(["big", "little"])
          : "big",
        lengthIncludes: random.pick(["body", "frame"]),
        lengthAdjustment: random.chance(0.7) ? 0 : random.below(17) - 8,
        stripBytes: random.chance(0.7)
          ? lengthOffset + lengthBytes
          : random.below(13),
        copy: random.chance(0.5),
      };
    },
    make: (options) => lengthPrefixed(options) as Codec<unknown>,
    frame: anyBytes,
    exact: (options) => !handsOutLength(options),
    canonical: (options) =>
      options.lengthEncoding !== "hex" &&
      (options.stripBytes === 0 ||
        options.lengthOffset === 0 &&
          Number(options.stripBytes) <= Number(options.lengthBytes)),
  },
  {
    name: "fixedLength",
    alphabet: [0, 1, 255],
    options: (random) => ({
      frameLength: 1 + random.below(random.pick([1, 4, 40])),
      copy: random.chance(0.5),
    }),
    make: ({ frameLength, copy }) =>
      fixedLength({
        frameLength: Number(frameLength),
        copy: copy === true,
      }) as Codec<unknown>,
    frame: (random, { frameLength }) => random.bytes(Number(frameLength)),
    exact: always,
    canonical: always,
  },
  {
    name: "delimited",
    alphabet: bytesIn("aaabbc\r\n;"),
    options: (random) => ({
      ...limits(random),
      delimiter: random.pick([
        "\n",
        "\r\n",
        "aab",
        "abab",
        "aa",
        "abcabd",
        ["\n", "\r\n"],
        ["\r\n", "\n"],
        [";", "a", "ab", "abcb"],
        ["ab", "b"],
        ["bc", "ab"],
      ]),
      keepDelimiter: random.chance(0.3),
      skipEmpty: random.chance(0.3),
      truncated: random.pick(["error", "emit", "drop"]),
      copy: random.chance(0.5),
    }),
    make: (options) =>
      delimited(options as { delimiter: string }) as Codec<unknown>,
    frame(random, options) {
      const frame = random.chance(0.3)
        ? random.bytes(random.length())
        : random.bytesOf(this.alphabet, random.below(12));
      const { delimiter, keepDelimiter } = options;
      if (!keepDelimiter) return frame;
      const end = utf8(
        String(Array.isArray(delimiter) ? delimiter[0] : delimiter),
      );
      return Uint8Array.of(...frame.subarray(0, 2_000), ...end);
    },
    exact: always,
    canonical: ({ delimiter, truncated, keepDelimiter, skipEmpty }) =>
      truncated === "error" && skipEmpty !== true &&
      (keepDelimiter === true || !Array.isArray(delimiter)),
    mayRefuse: true,
  },
  {
    name: "lines",
    alphabet: [...bytesIn("ab\r\n\r\nä→😀"), 0xff, 0xc0],
    options: (random) => ({
      ...limits(random),
      truncated: random.pick(["error", "emit", "drop"]),
      skipEmpty: random.chance(0.3),
      fatal: random.chance(0.3),
      onInvalid: random.pick(["error", "skip"]),
    }),
    make: (options) => lines(options) as Codec<unknown>,
    frame: anyText,
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
  {
    name: "varintPrefixed",
    alphabet: [0, 1, 2, 3, 0x7f, 0x80, 0x81, 0xff],
    options: (random) => ({
      ...limits(random),
      encoding: random.pick(["leb128", "leb128", "vlq", "zigzag"]),
      overlong: random.pick(["reject", "reject", "accept"]),
      maxLengthBytes: random.pick([1, 3, 10]),
      copy: random.chance(0.5),
    }),
    make: (options) => varintPrefixed(options) as Codec<unknown>,
    frame: anyBytes,
    exact: always,
    canonical: ({ overlong }) => overlong === "reject",
  },
  {
    name: "netstring",
    alphabet: bytesIn("0012345::,,-a"),
    options: (random) => ({ ...limits(random), copy: random.chance(0.5) }),
    make: (options) => netstring(options) as Codec<unknown>,
    frame: anyBytes,
    exact: always,
    canonical: always,
  },
  {
    name: "contentLength",
    alphabet: bytesIn("Content-Length: 012\r\n\r\n\t:a-"),
    options: (random) => ({
      ...limits(random),
      headers: random.chance(0.5),
      maxHeaderLength: random.pick([24, 64, 8_192]),
      copy: random.chance(0.5),
    }),
    make: (options) =>
      contentLength(options as { headers?: false }) as Codec<unknown>,
    frame(random, { headers }) {
      const body = anyBytes(random);
      if (headers !== true) return body;
      const name = random.pick([
        "a",
        "A",
        "b-c",
        "content-length",
        "constructor",
      ]);
      return {
        headers: { [name]: random.pick(["", "1", "a b", "c:d"]) },
        body,
      };
    },
    exact: ({ headers }) => headers !== true,
    // A length may have had leading zeros; two empty values joined have a space
    // at their end.
    normal(frame) {
      if (frame instanceof Uint8Array) return frame;
      const { headers, body } = frame as ContentLengthFrame;
      const values = Object.entries(headers).map(([name, value]) => [
        name,
        name === "content-length" ? Number(value) : value.trim(),
      ]);
      return { headers: Object.fromEntries(values), body };
    },
    canonical: never,
    // What is written may be longer than what was read.
    mayRefuse: true,
  },
  {
    name: "cobs",
    alphabet: [0, 0, 1, 2, 3, 4, 254, 255],
    options: recovering,
    make: (options) => cobs(options) as Codec<unknown>,
    frame: (random) =>
      random.chance(0.5)
        ? random.bytesOf([0, 1, 2], random.length())
        : random.bytesOf([1], random.pick([0, 253, 254, 255, 508, 509])),
    exact: always,
    canonical: never,
  },
  {
    name: "slip",
    alphabet: [0xc0, 0xdb, 0xdb, 0xdc, 0xdd, 1],
    options: (random) => ({
      ...recovering(random),
      endFirst: random.chance(0.5),
      unknownEscapes: random.pick(["error", "keep"]),
    }),
    make: (options) => slip(options) as Codec<unknown>,
    // Never empty: an empty packet does not come back.
    frame(random) {
      const length = 1 + random.length();
      return random.chance(0.5)
        ? random.bytes(length)
        : random.bytesOf(this.alphabet, length);
    },
    exact: always,
    canonical: never,
  },
  {
    name: "stuffed",
    alphabet: [10, 92, 92, 110, 17, 49, 42, 124, 1],
    options: (random) => ({
      ...recovering(random),
      ...random.pick([
        { end: 10, escape: 92, map: { 10: 110, 92: 92, 17: 1 } },
        { end: 10, escape: 92, map: { xor: 32, also: [17] } },
      ]),
    }),
    make: (options) =>
      stuffed(options as unknown as StuffedOptions) as Codec<unknown>,
    frame(random) {
      return random.bytesOf(this.alphabet, 1 + random.length());
    },
    exact: always,
    canonical: never,
  },
  {
    name: "hdlc",
    alphabet: [0x7e, 0x7d, 0x7d, 0x5e, 0x5d, 0x41, 0xf5, 0xa3],
    options: (random) => ({
      ...recovering(random),
      fcs: random.pick(["fcs16", "fcs32", "none"]),
      escapeControls: random.chance(0.5),
    }),
    make: (options) => hdlc(options) as Codec<unknown>,
    frame(random) {
      const length = random.length();
      return random.chance(0.5)
        ? random.bytes(length)
        : random.bytesOf(this.alphabet, length);
    },
    exact: always,
    canonical: never,
  },
  {
    name: "marked",
    alphabet: bytesIn("<<aab>\x0b\x1c\r"),
    options: (random) => ({
      ...limits(random),
      ...random.pick([
        { start: "\x0b", end: "\x1c\r" },
        { start: "<a>", end: "<b>" },
        { start: "<", end: "aab" },
        { start: "a", end: "a" },
        { start: "ab", end: "aab" },
        { start: "ab", end: "b" },
      ]),
      between: random.pick(["error", "skip", ["\r", "\x1c\r", ">"]]),
      onInvalid: random.pick(["error", "skip"]),
      restart: random.chance(0.4),
      trailerLength: random.pick([0, 0, 1, 3]),
      copy: random.chance(0.5),
    }),
    make: (options) =>
      marked(options as { start: string; end: string }) as Codec<unknown>,
    frame(random) {
      return random.bytesOf(this.alphabet, random.below(12));
    },
    exact: always,
    canonical: ({ between }) => between === "error",
    // A mark of the end that overlaps itself.
    mayRefuse: true,
  },
  {
    name: "ndjson",
    alphabet: [...bytesIn('{"a":1}[2]\n\r\n\n'), 0xef, 0xbb, 0xbf],
    options: recovers,
    make: (options) => presets.ndjson(options) as Codec<unknown>,
    frame: (random) => random.pick([1, "a\n", null, { a: [1] }, [], "\ufeff"]),
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
  {
    name: "jsonSeq",
    alphabet: bytesIn('\x1e{"a":1}\x1e[2,"\\"]\n\n true'),
    options: recovers,
    make: (options) => presets.jsonSeq(options) as Codec<unknown>,
    frame: (random) => random.pick([1, 'a\n"\\', null, { a: [1] }, [], ""]),
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
  {
    name: "nmea",
    alphabet: bytesIn("$!GP,1*00\r\n\n"),
    options: recovers,
    make: (options) => presets.nmea(options) as Codec<unknown>,
    frame: (random) => random.pick(["$GP,1", "!A", "$G,,", "$*", "G"]),
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
  {
    name: "p1",
    alphabet: bytesIn("/A\r\n!8196\r\n"),
    options: recovers,
    make: (options) => presets.p1(options) as Codec<unknown>,
    frame: (random) => random.pick(["/A\r\n", "/B\r\n", "/", "/A!", "A"]),
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
  {
    name: "commandFrame",
    alphabet: [0, 0, 0, 0, 1, 2, 3, 255],
    options: (random) => ({
      ...limits(random),
      endian: random.pick(["big", "little"]),
      copy: random.chance(0.5),
    }),
    make: (options) => commandFrame(options) as Codec<unknown>,
    frame: (random) => ({
      command: random.pick([0, 1, random.below(2 ** 32)]),
      ...random.pick([
        { wantsReply: true },
        { wantsReply: false },
        { wantsReply: false, recv: 2 + random.below(2 ** 32 - 2) },
      ]),
      body: anyBytes(random),
    }),
    exact: always,
    canonical: always,
  },
  {
    name: "headerPrefixed",
    alphabet: [0, 0, 1, 2, 3, 5, 0x7f, 0x80, 0x81, 0xff],
    options: (random) => ({
      ...limits(random),
      header: random.pick(["mqtt", "ended", "counted"]),
      copy: random.chance(0.5),
    }),
    make: ({ header, ...options }) =>
      headerPrefixed({
        ...options,
        ...(header === "mqtt"
          ? { headerLength: 2, maxHeaderLength: 5, frameLength: mqttLength }
          : header === "ended"
          ? { headerEnd: "\x01\x03", frameLength: endedLength }
          : { headerLength: 3, frameLength: byteAndLength }),
      }) as Codec<unknown>,
    frame(random, { header }) {
      const body = anyBytes(random);
      const { length } = body;
      if (header === "ended") return Uint8Array.of(length, 1, 3, ...body);
      if (header !== "mqtt") {
        return Uint8Array.of(1, length + 2 >> 8, length + 2, ...body);
      }
      return length < 128
        ? Uint8Array.of(0x30, length, ...body)
        : Uint8Array.of(0x30, length & 127 | 128, length >> 7 & 127, ...body);
    },
    exact: always,
    canonical: always,
    // More than 14 bits of length.
    mayRefuse: true,
  },
  {
    name: "jsonHeader",
    alphabet: [0, 0, 0, 12, ...bytesIn('{"length":0-,} [a]')],
    options: (random) => ({
      ...limits(random),
      endian: random.pick(["big", "little"]),
      digest: random.pick([[], [], md5]),
      maxHeaderLength: random.pick([16, 64, 8_192]),
      copy: random.chance(0.5),
    }),
    make: (options) => jsonHeader(options) as Codec<unknown>,
    frame: (random) => ({
      header: { a: jsonValue(random, 2) },
      body: anyBytes(random),
    }),
    // The header is handed out with the length of the body.
    exact: never,
    canonical: never,
    // What is written may be longer than what was read.
    mayRefuse: true,
  },
  {
    name: "resp",
    alphabet: bytesIn("*$+-:_#,(!=~>%|001123tf.e\r\n\r\n\r\na"),
    options: (random) => ({
      maxFrameLength: limits(random).maxFrameLength,
      maxDepth: random.pick([0, 1, 3, 128]),
    }),
    // It passes no frame over.
    make: ({ onSkip: _onSkip, ...options }) =>
      presets.resp(options) as Codec<unknown>,
    frame: (random) => respValue(random, 3),
    exact: always,
    canonical: never,
    // Numbers may be longer than they came.
    mayRefuse: true,
  },
  {
    name: "memcached",
    alphabet: bytesIn("VA VA VALUE STAT a ms 0012\r\n\r\n\r\n"),
    options: (random) => ({
      maxFrameLength: limits(random).maxFrameLength,
    }),
    // It passes no frame over.
    make: ({ onSkip: _onSkip, ...options }) =>
      presets.memcached(options) as Codec<unknown>,
    frame: (random) => ({
      name: random.pick(["END", "STORED", anyText(random)]),
      words: anyText(random).split(" "),
      ...(random.chance(0.5) && {
        items: [
          { name: "STAT", words: anyText(random).split(" ") },
          { name: "VALUE", words: ["a", "1"], data: anyBytes(random) },
        ],
      }),
    }),
    exact: always,
    // Lengths may have zeros before them.
    canonical: never,
  },
  {
    name: "nats",
    alphabet: bytesIn("PUB PING HMSG UNSUB -ERR a'' 0012\t\r\n\r\n\r\n"),
    options: (random) => ({
      maxFrameLength: limits(random).maxFrameLength,
    }),
    // It passes no frame over.
    make: ({ onSkip: _onSkip, ...options }) =>
      presets.nats(options) as Codec<unknown>,
    frame: (random) =>
      random.pick([
        { op: "INFO", options: jsonValue(random, 2) },
        { op: "-ERR", error: anyText(random) },
        { op: "SUB", subject: anyText(random), sid: "1" },
        {
          op: "MSG",
          subject: "a",
          sid: anyText(random),
          ...(random.chance(0.5) && { headers: anyBytes(random) }),
          payload: anyBytes(random),
        },
      ]),
    exact: always,
    canonical: never,
    // An error may come without quotes.
    mayRefuse: true,
  },
  {
    name: "awsEventStream",
    // The lengths and checksums of an empty message.
    alphabet: [
      ...[0, 0, 0, 0x10, 0, 0, 0, 0],
      ...[0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff],
    ],
    options: (random) => ({
      maxFrameLength: random.pick([0, 16, 19, 40, 300, 1_048_576]),
    }),
    // It passes no frame over.
    make: ({ onSkip: _onSkip, ...options }) =>
      presets.awsEventStream(options) as Codec<unknown>,
    frame: (random) => ({
      headers: anyBytes(random),
      payload: anyBytes(random),
    }),
    exact: always,
    canonical: always,
  },
  {
    name: "stomp",
    alphabet: bytesIn("ACK\nA:\\c\n\n\0\0\r\ncontent-length:01"),
    options: (random) => ({
      maxFrameLength: limits(random).maxFrameLength,
      onInvalid: random.pick(["error", "skip"]),
    }),
    make: (options) => presets.stomp(options) as Codec<unknown>,
    frame: (random) => ({
      command: random.pick(["SEND", "CONNECT"]),
      headers: {
        [random.pick(["a", "a:", "content-length"])]: anyText(random),
      },
      body: anyBytes(random),
    }),
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
  {
    name: "checksum",
    alphabet: [0, 1, 4, 5, 6, 255],
    options: (random) => ({
      ...limits(random),
      lengthBytes: 2,
      kind: random.pick(["crc32", "crc32c", crc16Modbus, xor8]),
    }),
    make: ({ kind, ...options }) =>
      checksum(
        lengthPrefixed(options),
        kind as "crc32" | "crc32c" | Checksum,
      ) as Codec<unknown>,
    frame: anyBytes,
    exact: always,
    canonical: always,
  },
  {
    name: "compressed",
    alphabet: [0, 0, 0, 8, 0x1f, 0x8b, 8, 0x78, 0x9c, 3, 1, 255],
    options: (random) => ({
      ...limits(random),
      compression: random.pick([gzip, deflate]),
    }),
    make: ({ compression, maxFrameLength, onOversize, onSkip }) =>
      compressed(
        lengthPrefixed({ lengthBytes: 2, onOversize, onSkip } as Options),
        compression as typeof gzip,
        { maxFrameLength: Number(maxFrameLength) },
      ) as Codec<unknown>,
    frame: anyBytes,
    exact: always,
    canonical: never,
    // What is compressed anew may be longer than the field can say.
    mayRefuse: true,
  },
  {
    name: "json",
    alphabet: bytesIn('{}[]",:01n "\\\n'),
    options: limits,
    make: (options) =>
      json(delimited({ ...options, delimiter: "\n" })) as Codec<unknown>,
    frame: (random) => jsonValue(random, 3),
    exact: always,
    canonical: never,
    // What is written may be longer than what was read.
    mayRefuse: true,
  },
  {
    name: "text",
    alphabet: [0, 1, 2, 3, 0x61, 0xc3, 0xa4, 0xe2, 0x86, 0x92, 0xff],
    options: (random) => ({ ...limits(random), fatal: random.chance(0.5) }),
    make: ({ fatal, ...options }) =>
      text(lengthPrefixed({ ...options, lengthBytes: 1 }), "utf-8", {
        fatal: fatal === true,
      }) as Codec<unknown>,
    frame: anyText,
    exact: always,
    canonical: ({ fatal }) => fatal === true,
    // U+FFFD has more bytes than what it stands for.
    mayRefuse: true,
  },
  {
    // A line is an expression; its frame is the normal form.
    name: "parseFormat",
    alphabet: bytesIn('length(4,little)|max 1KiB"\\x00[]{}:=slip-0'),
    options: limits,
    make: (options) =>
      mapCodec(lines(options), {
        name: "parseFormat",
        decode: normalForm,
        encode: (text: string) => text,
      }) as Codec<unknown>,
    frame: (random) =>
      [
        random.pick([
          "length(2, little, includes=frame)",
          'delimited(["\\n", "\\xff"], skipEmpty)',
          "stuffed(0x0a, 0x5c, {0x0a: 0x6e, 0x5c: 0x5c})",
          'marked("<", ">", restart, onInvalid=skip) | max 64KiB',
          "preset:erlang(2) | max 5",
        ]),
        ...random.pick([[], ["checksum(xor8)"]]),
        ...random.pick([[], ["json"], ["text(fatal)"]]),
      ].join(" | "),
    exact: always,
    canonical: never,
    // The normal form may be longer than what was read.
    mayRefuse: true,
  },
];

function normalForm(text: string): string {
  try {
    return formatOf(parseFormat(text)) ?? "too long";
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The line is no expression",
      expected: error.expected,
      got: error.got,
    });
  }
}

function anyText(random: Random): string {
  return Array.from(
    { length: random.length() },
    () => random.pick(["a", "b", " ", "ä", "→", "😀", "\r", "\ufeff"]),
  ).join("");
}

function respValue(random: Random, depth: number): presets.RespValue {
  const values = () =>
    Array.from({ length: random.below(4) }, () => respValue(random, depth - 1));
  const body = anyBytes(random);
  const kind = random.below(depth > 0 ? 8 : 6);
  if (kind === 0) return { type: "string", value: anyText(random) };
  if (kind === 1) return { type: "integer", value: random.below(1000) - 500 };
  if (kind === 2) return { type: "bulk", value: body };
  if (kind === 3) return { type: "array", value: null };
  if (kind === 4) return { type: "double", value: random.below(100) / 8 };
  if (kind === 5) return { type: "verbatim", format: "txt", value: body };
  if (kind === 6) return { type: "push", value: values() };
  return { type: "map", value: values().map((value) => [value, value]) };
}

function jsonValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 6 : 4);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind === 1) return random.below(100) - 50;
  if (kind < 4) return anyText(random).slice(0, 20);
  const parts = Array.from(
    { length: random.below(4) },
    () => jsonValue(random, depth - 1),
  );
  return kind === 4
    ? parts
    : Object.fromEntries(parts.map((part, i) => [`${"ab"[i] ?? ""}`, part]));
}

/** Limits that short frames reach, and the default one. */
function recovers(random: Random): Options {
  return { ...limits(random), onInvalid: random.pick(["error", "skip"]) };
}

function limits(random: Random): Options {
  return {
    maxFrameLength: random.pick([0, 1, 3, 8, 40, 300, 5_000, 1_048_576]),
    onOversize: random.pick(["error", "skip"]),
  };
}

/** The same, and what formats of bytes do with frames that are not valid. */
function recovering(random: Random): Options {
  return {
    ...limits(random),
    onInvalid: random.pick(["error", "skip"]),
    copy: random.chance(0.5),
  };
}

/** Whether the length field is in what is handed out, and so written anew. */
function handsOutLength(options: Options): boolean {
  return Number(options.stripBytes) <
    Number(options.lengthOffset) + Number(options.lengthBytes);
}

/** A byte, then the length of the rest in seven bits a byte. */
function mqttLength(header: Uint8Array): number | undefined {
  let length = 0;
  for (let i = 1; i < header.length; i++) {
    length += (header[i]! & 0x7f) * 128 ** (i - 1);
    if (header[i]! < 0x80) return i + 1 + length;
  }
  return undefined;
}

/** The length of the body in the byte before the end of the header. */
function endedLength(header: Uint8Array): number {
  return header.length + (header.at(-3) ?? 0);
}

/** A byte, then a length of two bytes that counts itself. */
function byteAndLength(header: Uint8Array): number {
  return 1 + header[1]! * 256 + header[2]!;
}
