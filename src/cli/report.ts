import { FrameError } from "../codec/errors.ts";
import { hintFor } from "../format/hint_for.ts";
import { NetError } from "../net/errors.ts";
import { escapeControls } from "./terminal/escape_controls.ts";

/** An error in words: its code, its message, and for a bad frame the likely cause. */
export function describe(error: Error): string {
  const { message } = error;
  const isCoded = error instanceof FrameError || error instanceof NetError;
  const text = isCoded ? `${error.code}: ${message}` : message;
  const hint = error instanceof FrameError ? hintOf(error) : undefined;
  const cause = hint === undefined ? "" : `\nlikely cause: ${hint}`;
  return escapeControls(text + cause, "\n");
}

/** The likely cause of a bad frame, by its first bytes. */
function hintOf(error: FrameError): string | undefined {
  const { offset, bytes = new Uint8Array() } = error;
  return hintFor(error, offset === 0 ? bytes : new Uint8Array());
}
