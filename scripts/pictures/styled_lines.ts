/** What a terminal shows of text with the codes of `palette.ts`. */

import {
  graphemesOf,
  graphemeWidth,
} from "../../src/cli/terminal/display_width.ts";

/** Text of one look, and where it stands in its line. */
export interface Run {
  readonly text: string;
  readonly column: number;
  readonly width: number;
  /** The look, as names of classes. */
  readonly look: string;
}

/** What {@linkcode styledLines} has read of the codes so far. */
interface Look {
  color: string;
  bold: boolean;
  dim: boolean;
}

/**
 * Splits text into lines as wide as a terminal, and lines into runs of one look.
 *
 * @throws {Error} If there is a code that the palette does not have.
 */
export function styledLines(text: string, columns: number): Run[][] {
  const look: Look = { color: "", bold: false, dim: false };
  const lines: Run[][] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    lines.push(...wrapped(runsOf(line, look), columns));
  }
  return lines;
}

/** Characters with their looks, in the order of a line. */
function* runsOf(
  line: string,
  look: Look,
): Generator<readonly [string, string]> {
  // deno-lint-ignore no-control-regex -- They are what is looked for.
  for (const [, code, text = ""] of line.matchAll(/\x1b\[(\d+)m|([^\x1b]+)/g)) {
    if (code !== undefined) {
      apply(Number(code), look);
      continue;
    }
    const names = [look.color, look.bold && "bold", look.dim && "dim"]
      .filter(Boolean).join(" ");
    for (const character of graphemesOf(text)) yield [character, names];
  }
}

function apply(code: number, look: Look): void {
  if (code === 1) look.bold = true;
  else if (code === 2) look.dim = true;
  else if (code === 22) look.bold = look.dim = false;
  else if (code === 39) look.color = "";
  else if (code > 30 && code < 38 || code === 94) look.color = `c${code}`;
  else throw new Error(`The code ${code} is none of the palette`);
}

/** The lines that one line takes, and the runs of each. */
function wrapped(
  characters: Iterable<readonly [text: string, look: string]>,
  columns: number,
): Run[][] {
  const lines: Run[][] = [[]];
  let column = 0;
  for (const [text, look] of characters) {
    const width = graphemeWidth(text);
    if (column + width > columns) {
      lines.push([]);
      column = 0;
    }
    const runs = lines.at(-1)!;
    const last = runs.at(-1);
    // Fonts differ in how wide they draw what is not ASCII: it has runs of its own.
    const joins = last !== undefined && last.look === look &&
      isAscii(text) === isAscii(last.text);
    if (joins) {
      runs[runs.length - 1] = {
        ...last,
        text: last.text + text,
        width: last.width + width,
      };
    } else runs.push({ text, column, width, look });
    column += width;
  }
  return lines;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
