import type { Codec } from "../../codec/types.ts";
import { UsageError } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { frameKindOf } from "../formats.ts";
import { frameOf } from "../frame_reader.ts";
import { valueOfText } from "../values.ts";
import { WireBytes } from "../wire_codec.ts";
import type { LoadRequest } from "./load_codec.ts";

const DEFAULT_SIZE = 64;

/**
 * Reads the request: the given frame, in the notation of `--in`, or one whose payload
 * has `--size` bytes.
 *
 * @throws {UsageError} If the codec cannot carry it.
 */
export function requestOf(
  frame: string | undefined,
  { in: notation = "lines", size }: Pick<Flags, "in" | "size">,
  codec: Codec<unknown>,
): LoadRequest {
  if (frame === undefined) {
    return encoded(madeOf(size ?? DEFAULT_SIZE, codec), codec);
  }
  if (size !== undefined) {
    throw new UsageError("Cannot use --size: the request is given as FRAME");
  }
  const value = frameOf(frame, notation, frameKindOf(codec));
  return value instanceof WireBytes
    ? { value: undefined, bytes: value.bytes }
    : encoded(value, codec);
}

/** A value whose payload has so many bytes: a JSON string where it is neither text nor bytes. */
function madeOf(size: number, codec: Codec<unknown>): unknown {
  const kind = frameKindOf(codec);
  return kind === "value"
    ? "a".repeat(Math.max(size - '""'.length, 0))
    : valueOfText("a".repeat(size), kind);
}

function encoded(value: unknown, codec: Codec<unknown>): LoadRequest {
  try {
    return { value, bytes: codec.encode(value) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `Cannot make a request: expected a FRAME that the format can carry: ${why}`,
      { cause },
    );
  }
}
