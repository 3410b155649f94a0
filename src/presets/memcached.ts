import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { defineCodec } from "../codec/define_codec.ts";
import type { Codec, FrameInput, FrameRead } from "../codec/types.ts";
import { MAX_FRAME_LENGTH } from "../defaults.ts";
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

/** Options of {@linkcode memcached}. */
export interface MemcachedOptions {
  /**
   * The maximum length of a message in bytes, with all that is within it. A reply to a
   * `get` of several keys is one message. memcached itself takes items of 1 MiB.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
}

/** A command or a reply of {@linkcode memcached}. */
export interface MemcachedMessage {
  /** The first word: a command, such as `set`, or a reply, such as `STORED`. */
  readonly name: string;
  /** The words behind it, without the length of the data. */
  readonly words: readonly string[];
  /** The data behind the line: a view of the chunk in which it arrived. */
  readonly data?: Uint8Array;
  /** What a reply has before its last line: `VALUE`, `STAT` and `ITEM`. */
  readonly items?: readonly MemcachedMessage[];
}

/** The lines with data behind them, and which word is its length. */
const LENGTH_AT: ReadonlyMap<string, number> = new Map([
  ["set", 3],
  ["add", 3],
  ["replace", 3],
  ["append", 3],
  ["prepend", 3],
  ["cas", 3],
  ["ms", 1],
  ["VALUE", 2],
  ["VA", 0],
]);

/** The lines behind which the reply goes on. */
const ITEMS: ReadonlySet<string> = new Set(["VALUE", "STAT", "ITEM"]);

/**
 * The text protocol of memcached, its meta commands included: commands and replies. A
 * message is a line of words, with the data behind it where the line has a length. A
 * reply of several lines is one message: its last line, mostly `END`, with the lines
 * before it as `items`.
 *
 * Documentation of the peer: <https://docs.memcached.org/protocols/basic/>.
 *
 * @example
 * ```ts
 * import { memcached } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (value: string) => new TextEncoder().encode(value);
 * // memcached 1.6.18: the reply to "gets a b", where there is no b
 * const bytes = text("VALUE a 7 2 41\r\nHI\r\nEND\r\n");
 * const value = { name: "VALUE", words: ["a", "7", "41"], data: text("HI") };
 * const reply = { name: "END", words: [], items: [value] };
 * assertEquals(memcached().decode(bytes), [reply]);
 * assertEquals(memcached().encode(reply), bytes);
 *
 * const set = { name: "set", words: ["a", "7", "0"], data: text("HI") };
 * assertEquals(memcached().encode(set), text("set a 7 0 2\r\nHI\r\n"));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `LENGTH_INVALID`,
 * `MARK_INVALID` if the line end behind data is missing, `TEXT_INVALID` if a line is
 * not UTF-8, and `HEADER_INVALID` if there is half a line end in a line, a word to
 * encode has a space in it, or data or items are where none can be. The decoder cannot
 * go on behind a message that is not valid: lengths are all that says where the next
 * one begins.
 *
 * @param options The limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function memcached(
  options: MemcachedOptions = {},
): Codec<MemcachedMessage> {
  const described = describePreset("memcached", options, ["maxFrameLength"]);
  const { maxFrameLength = MAX_FRAME_LENGTH } = options;
  return described(defineCodec<MemcachedMessage>({
    name: "memcached",
    maxFrameLength,
    *readFrame(input) {
      const items: MemcachedMessage[] = [];
      let part = yield* readPart(input);
      while (ITEMS.has(part.name)) {
        items.push(part);
        part = yield* readPart(input);
      }
      return items.length === 0 ? part : { ...part, items };
    },
    encoder: wholeEncoder(maxFrameLength, ({ items, ...last }, output) => {
      for (const item of items ?? []) writePart(item, output, true);
      writePart(last, output, false);
    }),
  }));
}

/** Reads a line, and the data behind it. */
function* readPart(input: FrameInput): FrameRead<MemcachedMessage> {
  const line = yield* readLine(input);
  const [name = "", ...words] = line.split(" ");
  const at = LENGTH_AT.get(name);
  if (at === undefined) return { name, words };
  const length = lengthIn(words[at]);
  words.splice(at, 1);
  return { name, words, data: yield* readPayload(input, length) };
}

function writePart(
  { name, words, data, items }: MemcachedMessage,
  output: ByteWriter,
  isItem: boolean,
): void {
  if (ITEMS.has(name) !== isItem || items !== undefined) {
    throw invalidLine(
      "VALUE, STAT and ITEM within items, and others not",
      name,
    );
  }
  const all = [name, ...words];
  const at = LENGTH_AT.get(name);
  if ((at === undefined) !== (data === undefined)) {
    throw invalidLine(at === undefined ? "no data" : "data", name);
  }
  if (at !== undefined && words.length < at) {
    throw invalidLine(`at least ${at} words`, all.join(" "));
  }
  const spaced = all.find((word) => word.includes(" "));
  if (spaced !== undefined) throw invalidLine("no space in a word", spaced);
  if (data !== undefined) all.splice(1 + at!, 0, `${data.length}`);
  writeLine(all.join(" "), output);
  if (data !== undefined) writePayload(data, output);
}
