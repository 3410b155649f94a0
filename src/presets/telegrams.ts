/** Text with a checksum, between marks, as devices send it over serial lines. */

import { limitNames, recoveryNames } from "../codec/description.ts";
import { delimiterSet } from "../codec/bytes/delimiter_finder.ts";
import { frameLimit } from "../codec/bytes/limits.ts";
import { recovery } from "../codec/bytes/recovery.ts";
import { FrameError } from "../codec/errors.ts";
import { markedCodec } from "../codec/formats/marked.ts";
import type {
  Codec,
  FrameLimitOptions,
  RecoveryOptions,
} from "../codec/types.ts";
import { crcOf } from "../codec/bytes/crc.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import { describePreset } from "./describe_preset.ts";

const textDecoder = new TextDecoder();
const textEncoder = new TextEncoder();

const lineEnds = delimiterSet(["\r\n", "\n"]);

/**
 * The sentences of NMEA 0183, which GNSS receivers, AIS and other marine devices send:
 * `$` or `!`, the fields, `*`, a checksum of two hexadecimal digits, and a line end. A
 * sentence is handed out as text with its first character and without the checksum,
 * which is checked where it is there: it is the exclusive or of the bytes between the
 * first character and the `*`. The encoder always writes it, and `\r\n`; the decoder
 * takes `\n` as well, and empty lines. A TAG block in front of a sentence is not read.
 *
 * With `onInvalid: "skip"`, bytes between sentences are passed over up to the next `$`
 * or `!`; so is a sentence that the next one breaks off, or whose checksum or
 * characters are wrong, each with one report. A program that starts to listen in the
 * middle of a sentence needs it. The limit is 1,024 bytes, and ends the stream also
 * then: `onOversize: "skip"` is for lines with much noise.
 *
 * Documentation: <https://gpsd.gitlab.io/gpsd/NMEA.html>.
 *
 * @example
 * ```ts
 * import { nmea } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const offsets: unknown[] = [];
 * const codec = nmea({
 *   onInvalid: "skip",
 *   onSkip: (error) => offsets.push(error.offset),
 * });
 * const sentence = "$GPGLL,4916.45,N,12311.12,W,225444,A,";
 * const bytes = new TextEncoder().encode(
 *   `,W,225444,A*1D\r\n${sentence}*1D\r\n$GPGLL,4916.45,N*00\r\n`,
 * );
 * assertEquals(codec.decode(bytes), [sentence]);
 * assertEquals(offsets, [0, 58]);
 * assertEquals(codec.encode(sentence), bytes.slice(16, 58));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `MARK_INVALID`,
 * `CHECKSUM_MISMATCH`; `MESSAGE_INVALID` if the bytes are no sentence; and
 * `DELIMITER_IN_FRAME` if a sentence to encode contains `$` or `!`.
 *
 * @param options Another limit, and what to do with what is not valid.
 * @returns The codec.
 */
export function nmea(
  options: FrameLimitOptions & RecoveryOptions = {},
): Codec<string> {
  const described = describePreset("nmea", options, [
    ...limitNames,
    ...recoveryNames,
  ]);
  const frames = markedCodec("nmea", {
    start: delimiterSet(["$", "!"]),
    end: lineEnds,
    keepStart: true,
    between: lineEnds,
    restart: true,
    trailerLength: 0,
    limit: frameLimit({ maxFrameLength: 1_024, ...options }),
    invalid: recovery(options),
    copy: false,
  });
  // Printable ASCII without `*`, and the checksum.
  const format = /^([$!][ -)+-~]+)(?:\*([0-9A-Fa-f]{2}))?$/;
  return described(mapCodec(frames, {
    ...options,
    name: "nmea",
    decode(bytes, offset) {
      const match = format.exec(textDecoder.decode(bytes));
      if (match === null) throw noText("a sentence", offset);
      const [, sentence = "", got] = match;
      const expected = exclusiveOr(sentence);
      if (got === undefined || got.toUpperCase() === expected) return sentence;
      throw mismatch(expected, got, offset);
    },
    encode(sentence: string) {
      if (format.exec(sentence)?.[1] !== sentence) throw noText("a sentence");
      return textEncoder.encode(`${sentence}*${exclusiveOr(sentence)}`);
    },
  }));
}

/**
 * The telegrams of a smart meter's customer port: P1 of DSMR 4 and 5, ESMR and their
 * relatives. `/`, the lines of the telegram, `!`, four hexadecimal digits of a CRC, and
 * `\r\n`. A telegram is handed out as text from the `/` up to the `!`, which is not
 * part of it. The CRC-16 (ARC) covers both. Telegrams of DSMR 2 and 3 have none, and
 * cannot be read.
 *
 * With `onInvalid: "skip"`, bytes between telegrams are passed over up to the next
 * `/`; so is a telegram that the next one breaks off, or whose CRC is wrong, each with
 * one report.
 *
 * Documentation: “P1 Companion Standard”, chapter 6,
 * <https://www.netbeheernederland.nl/_upload/Files/Slimme_meter_15_a727fce1f1.pdf>.
 *
 * @example
 * ```ts
 * import { p1 } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const telegram = "/ISk5\\2MT382-1000\r\n\r\n1-3:0.2.8(50)\r\n";
 * const bytes = new TextEncoder().encode(`${telegram}!5106\r\n`);
 * assertEquals(p1().encode(telegram), bytes);
 * assertEquals(p1().decode(bytes), [telegram]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `MARK_INVALID`,
 * `CHECKSUM_MISMATCH`; `MESSAGE_INVALID` if the bytes are no ASCII text; and
 * `DELIMITER_IN_FRAME` if a telegram to encode contains another `/`, or `!`.
 *
 * @param options The limit, and what to do with what is not valid.
 * @returns The codec.
 */
export function p1(
  options: FrameLimitOptions & RecoveryOptions = {},
): Codec<string> {
  const described = describePreset("p1", options, [
    ...limitNames,
    ...recoveryNames,
  ]);
  // Four hexadecimal digits and a line end.
  const trailerLength = 6;
  const frames = markedCodec("p1", {
    start: delimiterSet("/"),
    end: delimiterSet("!"),
    keepStart: true,
    between: lineEnds,
    restart: true,
    trailerLength,
    limit: frameLimit(options),
    invalid: recovery(options),
    copy: false,
  });
  const format = /^\/[\t\r\n -~]*$/;
  return described(mapCodec(frames, {
    ...options,
    name: "p1",
    decode(bytes, offset) {
      const text = textDecoder.decode(bytes);
      const telegram = text.slice(0, -trailerLength);
      const got = text.slice(-trailerLength);
      if (!format.test(telegram)) throw noText("a telegram", offset);
      const expected = `${checkOf(telegram)}\r\n`;
      if (got.toUpperCase() === expected) return telegram;
      throw mismatch(JSON.stringify(expected), JSON.stringify(got), offset);
    },
    encode(telegram: string) {
      if (!format.test(telegram)) throw noText("a telegram");
      return textEncoder.encode(`${telegram}${checkOf(telegram)}\r\n`);
    },
  }));
}

function exclusiveOr(sentence: string): string {
  let sum = 0;
  for (let i = 1; i < sentence.length; i++) sum ^= sentence.charCodeAt(i);
  return hex(sum, 2);
}

const crc16Arc = crcOf({
  width: 16,
  polynomial: 0x8005,
  initial: 0,
  reflected: true,
  xorOut: 0,
});

/** The CRC of a telegram, with the `!` behind it. */
function checkOf(telegram: string): string {
  return hex(crc16Arc(textEncoder.encode(`${telegram}!`)), 4);
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

function noText(what: string, offset?: number): FrameError {
  return new FrameError("MESSAGE_INVALID", {
    reason: `The frame is not ${what}`,
    offset,
    expected: `${what} of ASCII characters`,
    got: "other characters",
  });
}

function mismatch(expected: string, got: string, offset: number): FrameError {
  return new FrameError("CHECKSUM_MISMATCH", {
    reason: "The checksum is wrong",
    offset,
    expected,
    got,
  });
}
