import type { FrameError } from "../../codec/errors.ts";
import { OFFSET_WIDTH } from "../hex/hex_layout.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import type { Palette } from "../terminal/palette.ts";
import { wrap } from "../terminal/wrap.ts";

/** What is wrong with a frame, and the likely cause where it is known. */
export function* errorLines(
  error: FrameError,
  hint: string | undefined,
  width: number,
  palette: Palette,
): Generator<string, void> {
  const { code, message, expected, got } = error;
  const end = message.indexOf(`: expected ${expected}`);
  const reason = end < 0 ? message : message.slice(0, end);
  const rows: [string, string][] = [
    [code, reason],
    ["expected", expected],
    ["got", got],
    ...hint === undefined ? [] : [["likely", hint] as [string, string]],
  ];
  for (const [name, text] of rows) {
    const head = name === code ? `${name}: ` : name.padEnd("expected ".length);
    const lines = wrap(escapeControls(text), width - head.length);
    for (const [i, line] of lines.entries()) {
      const margin = i === 0 ? palette.error(head) : " ".repeat(head.length);
      yield " ".repeat(OFFSET_WIDTH) + margin + line;
    }
  }
}
