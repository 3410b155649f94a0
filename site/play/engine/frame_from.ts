import { bytesOf } from "../../../src/testing/base64.ts";
import type { Codec } from "../../../src/codec/types.ts";
import { frameKindOf } from "../../../src/cli/frame_kind.ts";
import { parseHex } from "../logic/hex.ts";
import type { Notation } from "../protocol.ts";

/** A frame as a person has written it. */
export function frameFrom(
  codec: Codec<unknown>,
  notation: Notation,
  text: string,
): unknown {
  const kind = frameKindOf(codec);
  if (notation === "hex") {
    const bytes = parseHex(text);
    return kind === "bytes" ? bytes : new TextDecoder().decode(bytes);
  }
  const value = notation === "json" ? JSON.parse(text, revived) : text;
  return kind === "bytes" && typeof value === "string"
    ? new TextEncoder().encode(value)
    : value;
}

/** `{"base64": "…"}` and `{"bigint": "…"}` are what the command writes for them. */
function revived(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const [[name, content] = [], ...others] = Object.entries(value);
  if (others.length > 0 || typeof content !== "string") return value;
  if (name === "base64") return bytesOf(content) ?? value;
  return name === "bigint" && /^-?\d+$/.test(content) ? BigInt(content) : value;
}
