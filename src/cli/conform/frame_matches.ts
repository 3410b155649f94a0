import { bytesOf } from "./byte_notation.ts";
import { sameFrame } from "./same_frame.ts";

/**
 * Whether a frame is the one that a case writes in JSON: bytes are in their notation,
 * a text can be `{ "text", "times" }`, and other values are as they are.
 */
export function frameMatches(json: unknown, frame: unknown): boolean {
  if (frame instanceof Uint8Array) {
    return typeof json === "string" && sameFrame(bytesOf(json), frame);
  }
  if (typeof frame === "string") return textOf(json) === frame;
  if (typeof frame !== "object" || frame === null) return json === frame;
  if (typeof json !== "object" || json === null) return false;
  const names = Object.keys(frame);
  return Array.isArray(json) === Array.isArray(frame) &&
    names.length === Object.keys(json).length &&
    names.every((name) =>
      frameMatches(
        (json as Record<string, unknown>)[name],
        (frame as Record<string, unknown>)[name],
      )
    );
}

/** The text that a case writes; `undefined` if it is none. */
export function textOf(json: unknown): string | undefined {
  if (typeof json === "string") return json;
  if (typeof json !== "object" || json === null) return undefined;
  const { text, times } = json as Record<string, unknown>;
  return typeof text === "string" && typeof times === "number"
    ? text.repeat(times)
    : undefined;
}
