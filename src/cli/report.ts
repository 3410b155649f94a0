import { FrameError } from "../codec/errors.ts";
import { hintFor } from "../format/hint_for.ts";
import { NetError } from "../net/errors.ts";
import { errorAt } from "./error_at.ts";
import { escapeControls } from "./terminal/escape_controls.ts";

/** An error in words: its code, its message, and for a bad frame the likely cause. */
export function describe(error: Error): string {
  const { message } = error;
  const isCoded = error instanceof FrameError || error instanceof NetError;
  const text = (isCoded ? `${error.code}: ${message}` : message)
    // The names of the options that these flags are.
    .replace("(timeoutMs)", "(--timeout)")
    .replace("(maxFrameLength)", "(--max)");
  const hint = error instanceof FrameError ? hintOf(error) : undefined;
  const cause = hint === undefined ? "" : `\nlikely cause: ${hint}`;
  return escapeControls(text + cause, "\n");
}

/** The likely cause of a bad frame, by its first bytes. */
function hintOf(error: FrameError): string | undefined {
  const { offset, bytes = new Uint8Array() } = error;
  // Behind good frames, a bad one is looked at as if the stream began with it.
  return offset === undefined ? undefined : hintFor(errorAt(error, 0), bytes);
}
