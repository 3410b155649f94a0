import type { CodecDescription } from "../../codec/types.ts";
import { stageKinds } from "../../format/stages.ts";

/**
 * What the frames of a format are: bytes, text, values of JSON, or values of its own
 * such as a header and a body, for which there is no way to write them as bytes.
 */
export type FrameForm = "bytes" | "text" | "json" | "own";

/** Presets whose description does not say what their frames are. */
const OF_TEXT: ReadonlySet<string> = new Set(["preset:nmea", "preset:p1"]);
const OF_JSON: ReadonlySet<string> = new Set([
  "preset:jsonSeq",
  "preset:ndjson",
]);

/** Tells what the frames of a codec are, by its description. */
export function frameFormOf(
  description: CodecDescription | undefined,
): FrameForm {
  if (description === undefined) return "own";
  const { kind, options, over } = description;
  if (kind === "text" || kind === "lines" || OF_TEXT.has(kind)) return "text";
  if (kind === "json" || OF_JSON.has(kind)) return "json";
  const stage = stageKinds.find((stage) => stage.kind === kind);
  if (stage?.givesBytes(options as never)) return "bytes";
  // A preset of values is made of the view that makes them, or makes them itself.
  const form = kind.startsWith("preset:") ? frameFormOf(over) : "own";
  return form === "bytes" ? "own" : form;
}

/** A frame as bytes: text in UTF-8, and values as JSON in UTF-8. */
export function bytesOfFrame(frame: unknown, form: FrameForm): Uint8Array {
  if (frame instanceof Uint8Array) return frame;
  return encoder.encode(
    form === "json" ? JSON.stringify(frame) : String(frame),
  );
}

/**
 * The frame of its bytes.
 *
 * @throws {Error} If they are not UTF-8, or no JSON.
 */
export function frameOfBytes(bytes: Uint8Array, form: FrameForm): unknown {
  if (form === "bytes") return bytes;
  const text = decoder.decode(bytes);
  return form === "json" ? JSON.parse(text) : text;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
