import { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import {
  DelimiterFinder,
  delimiterSet,
} from "../../codec/bytes/delimiter_finder.ts";

/**
 * What a part of a frame is for:
 *
 * - `length`: the length of the frame or of its body.
 * - `header`: another part before the body, such as a line of a header.
 * - `command`, `reply`: the number of a command, and whether a reply is wanted.
 * - `start`, `end`: the marks around a frame.
 * - `body`: the content as it stands on the wire, with its escapes or compressed.
 * - `checksum`: a checksum or a check sequence.
 * - `trailer`: bytes behind the end mark.
 * - `delimiter`: what separates frames, or a length from a body.
 * - `terminator`: the byte behind a body whose length is known.
 * - `skipped`: what the decoder passed over between two frames.
 */
export type FieldName =
  | "length"
  | "header"
  | "command"
  | "reply"
  | "start"
  | "body"
  | "end"
  | "checksum"
  | "trailer"
  | "delimiter"
  | "terminator"
  | "skipped";

/** A part of a frame, behind the part before it. */
export interface Part {
  readonly name: FieldName;
  readonly length: number;
  readonly value?: unknown;
  /** Whether the decoder hands it out, so that a checksum can stand at its end. */
  readonly isContent?: boolean;
  /** How many bytes the last ones of the content take, if it is not as it was. */
  readonly tailLength?: (count: number) => number;
}

/**
 * How much of a frame is there: all of it, its beginning, or only what stands before
 * the place where it is wrong.
 */
export type Extent = "whole" | "cut" | "wrong";

/** The options of a codec, as its description has them. */
export type Options = Readonly<Record<string, unknown>>;

/**
 * Splits the bytes of one frame. The decoder has found where it begins and ends; if it
 * is not whole, the bytes are all that follow. Parts can be longer than the bytes, and
 * those from the body on do not count in a frame that is wrong.
 */
export type Splitter = (
  bytes: Uint8Array,
  options: Options,
  extent: Extent,
) => Part[];

/** A part before the body. */
export function head(name: FieldName, length: number, value?: unknown): Part {
  return value === undefined ? { name, length } : { name, length, value };
}

/** The content between what stands before and behind it. */
export function body(bytes: Uint8Array, before: number, behind = 0): Part {
  const length = Math.max(0, bytes.length - before - behind);
  return { name: "body", length, isContent: true };
}

/** The index behind the first mark, if it is there. */
export function endOf(
  mark: string | Uint8Array,
  bytes: Uint8Array,
): number | undefined {
  const input = new ByteQueue();
  input.push(bytes);
  const finder = new DelimiterFinder(delimiterSet(mark, "mark"));
  return finder.find(input, true) ? finder.index + finder.length : undefined;
}
