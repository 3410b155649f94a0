import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { defineCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, FrameInput, FrameRead } from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { describePreset } from "./describe_preset.ts";
import {
  invalidLine,
  lengthIn,
  readLine,
  readPayload,
  wholeEncoder,
  writeLine,
  writePayload,
} from "./text_line.ts";

/** The server's own limits: a payload of 1 MiB behind a line of 4 KiB. */
const MAX_LENGTH = 1_048_576 + 4_096 + 4;

/** Options of {@linkcode nats}. */
export interface NatsOptions {
  /**
   * The maximum length of a message in bytes: the line, the headers and the payload,
   * with their line ends. The default has room for the server's own limits, a payload of
   * 1 MiB and a line of 4 KiB.
   *
   * @default {1_052_676}
   */
  maxFrameLength?: number;
}

/** A message of {@linkcode nats}, by its first word. */
export type NatsMessage =
  | { readonly op: "INFO" | "CONNECT"; readonly options: JsonValue }
  | { readonly op: "PING" | "PONG" | "+OK" }
  | { readonly op: "-ERR"; readonly error: string }
  | {
    readonly op: "SUB";
    readonly subject: string;
    readonly queue?: string;
    readonly sid: string;
  }
  | { readonly op: "UNSUB"; readonly sid: string; readonly max?: number }
  | NatsPublication & { readonly op: "PUB" }
  | NatsPublication & { readonly op: "MSG"; readonly sid: string };

/** What is published, and what subscribers get of it. */
export interface NatsPublication {
  /** What it is published to. */
  readonly subject: string;
  /** The subject that a reply is to be published to. */
  readonly reply?: string;
  /**
   * The headers as they are on the wire, from `NATS/1.0` up to the empty line; with
   * them, the message is `HPUB` or `HMSG` there.
   */
  readonly headers?: Uint8Array;
  /** The payload: a view of the chunk in which it arrived. */
  readonly payload: Uint8Array;
}

/**
 * The client protocol of NATS: a message for each line, with its headers and its payload
 * if it has them. The first words are read in any case of letters, as clients may write
 * them, and between words any number of spaces and tabs.
 *
 * Documentation of the peer:
 * <https://docs.nats.io/reference/reference-protocols/nats-protocol>.
 *
 * @example
 * ```ts
 * import { nats } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (value: string) => new TextEncoder().encode(value);
 * // The documentation's examples of a message with and without a reply subject
 * const bytes = text(
 *   "MSG FOO.BAR 9 11\r\nHello World\r\nMSG FOO.BAR 9 GREETING.34 2\r\nHI\r\n",
 * );
 * const messages = nats().decode(bytes);
 * assertEquals(messages[1], {
 *   op: "MSG",
 *   subject: "FOO.BAR",
 *   sid: "9",
 *   reply: "GREETING.34",
 *   payload: text("HI"),
 * });
 * assertEquals(nats().encode(messages[0]!), bytes.subarray(0, 31));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `HEADER_INVALID` if a line
 * is no message, or a word to encode cannot be one, `LENGTH_INVALID`, `MARK_INVALID` if
 * the line end behind a payload is missing, `TEXT_INVALID` if a line is not UTF-8, and
 * `MESSAGE_INVALID` if what is said behind `INFO` and `CONNECT` is not JSON. The decoder
 * cannot go on behind a message that is not valid: lengths are all that says where the
 * next one begins.
 *
 * @param options The limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function nats(options: NatsOptions = {}): Codec<NatsMessage> {
  const described = describePreset("nats", options, ["maxFrameLength"]);
  const { maxFrameLength = MAX_LENGTH } = options;
  return described(defineCodec<NatsMessage>({
    name: "nats",
    maxFrameLength,
    readFrame,
    encoder: wholeEncoder(maxFrameLength, writeFrame),
  }));
}

function* readFrame(input: FrameInput): FrameRead<NatsMessage> {
  const line = yield* readLine(input);
  const [, word = "", rest = ""] = /^([^ \t]*)[ \t]*(.*)$/s.exec(line) ?? [];
  const words = rest.split(/[ \t]+/).filter((each) => each !== "");
  const op = word.toUpperCase();
  switch (op) {
    case "INFO":
    case "CONNECT":
      return { op, options: jsonOf(rest) };
    case "PING":
    case "PONG":
    case "+OK":
      return { op };
    case "-ERR":
      return { op, error: rest.replace(/^'(.*)'$/s, "$1") };
    case "SUB": {
      const [subject, ...others] = counted(2, 3, words, line);
      const sid = others.pop()!;
      const [queue] = others;
      return { op, subject, ...(queue !== undefined && { queue }), sid };
    }
    case "UNSUB": {
      const [sid, max] = counted(1, 2, words, line);
      return { op, sid, ...(max !== undefined && { max: lengthIn(max) }) };
    }
    case "PUB":
    case "HPUB":
      return { op: "PUB", ...yield* readPublication(input, op, words, line) };
    case "MSG":
    case "HMSG": {
      const [sid] = words.splice(1, 1);
      if (sid === undefined) throw invalidLine("a subscription", line);
      const publication = yield* readPublication(input, op, words, line);
      return { op: "MSG", sid, ...publication };
    }
    default:
      throw invalidLine("a message of NATS", line);
  }
}

function* readPublication(
  input: FrameInput,
  op: string,
  words: readonly string[],
  line: string,
): FrameRead<NatsPublication> {
  const lengths = op.startsWith("H") ? 2 : 1;
  const [subject] = counted(1 + lengths, 2 + lengths, words, line);
  const reply = words[words.length - lengths - 1];
  const start = {
    subject,
    ...(words.length === 2 + lengths && { reply: reply! }),
  };
  const length = lengthIn(words.at(-1));
  if (lengths === 1) {
    return { ...start, payload: yield* readPayload(input, length) };
  }
  const headersLength = lengthIn(words.at(-2));
  if (headersLength > length) {
    throw new FrameError("LENGTH_INVALID", {
      reason: "The message is shorter than its headers",
      expected: `at least ${headersLength} bytes`,
      got: `${length}`,
    });
  }
  const bytes = yield* readPayload(input, length);
  return {
    ...start,
    headers: bytes.subarray(0, headersLength),
    payload: bytes.subarray(headersLength),
  };
}

function writeFrame(message: NatsMessage, output: ByteWriter): void {
  switch (message.op) {
    case "INFO":
    case "CONNECT":
      return writeLine(
        `${message.op} ${JSON.stringify(message.options)}`,
        output,
      );
    case "PING":
    case "PONG":
    case "+OK":
      return writeLine(message.op, output);
    case "-ERR":
      return writeLine(`-ERR '${message.error}'`, output);
    case "SUB":
      return writeWords(
        output,
        ["SUB", message.subject, message.queue, message.sid],
      );
    case "UNSUB":
      return writeWords(output, ["UNSUB", message.sid, message.max]);
    case "PUB":
      return writePublication(message, [], output);
    case "MSG":
      return writePublication(message, [message.sid], output);
    default:
      throw invalidLine("a message of NATS", (message as { op: string }).op);
  }
}

function writePublication(
  message: NatsPublication & { readonly op: "PUB" | "MSG" },
  sid: readonly string[],
  output: ByteWriter,
): void {
  const { op, subject, reply, headers, payload } = message;
  const start = [subject, ...sid, reply];
  if (headers === undefined) {
    writeWords(output, [op, ...start, payload.length]);
  } else {
    const lengths = [headers.length, headers.length + payload.length];
    writeWords(output, [`H${op}`, ...start, ...lengths]);
    output.write(headers);
  }
  writePayload(payload, output);
}

/** Writes a line of those words that there are. */
function writeWords(
  output: ByteWriter,
  words: readonly (string | number | undefined)[],
): void {
  const all = words.filter((word) => word !== undefined).map(String);
  const invalid = all.find((word) => /^$|[ \t]/.test(word));
  if (invalid !== undefined) throw invalidLine("words", invalid);
  writeLine(all.join(" "), output);
}

/** The words of a line, of which there must be as many as its message has. */
function counted(
  fewest: number,
  most: number,
  words: readonly string[],
  line: string,
): [string, ...string[]] {
  const [first, ...others] = words;
  if (first !== undefined && words.length >= fewest && words.length <= most) {
    return [first, ...others];
  }
  throw invalidLine(`${fewest} to ${most} words behind the first`, line);
}

function jsonOf(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The options are not JSON",
      expected: "JSON",
      got: JSON.stringify(text.slice(0, 64)),
      cause,
    });
  }
}
