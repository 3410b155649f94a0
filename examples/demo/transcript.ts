/** Prints in columns, and in colour where there is somebody to see it. */

const colourful = Deno.stdout.isTerminal() && !Deno.noColor;

/** A line that opens a part of the transcript. */
export function printHeading(text: string): void {
  console.log(`\n${paint(1, text)}`);
}

/** A line that something is all right. */
export function printSuccess(text: string): void {
  console.log(`\n${paint(32, text)}`);
}

/** A line that something went wrong. */
export function printFailure(text: string): void {
  console.error(`\n${paint(31, text)}`);
}

/** A table; the cells that are numbers stand at the right of their column. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const texts = rows.map((row) => row.map(cellText));
  const widths = head.map((title, column) =>
    Math.max(...[title, ...texts.map((row) => row[column] ?? "")].map(width))
  );
  const line = (cells: readonly string[], right: readonly boolean[]) =>
    "  " + cells.map((cell, column) => {
      const gap = " ".repeat((widths[column] ?? 0) - width(cell));
      return right[column] ? gap + cell : cell + gap;
    }).join("  ").trimEnd();
  const right = (rows[0] ?? []).map((cell) => typeof cell === "number");
  console.log(paint(2, line(head, right)));
  for (const row of texts) console.log(line(row, right));
}

/** A message in quotation marks, cut where it is long. */
export function quote(text: string, most = 38): string {
  let shown = "";
  for (const character of text) {
    if (width(shown + character) > most) return `"${shown}…"`;
    shown += character;
  }
  return `"${shown}"`;
}

/** Bytes as one sees them in a dump: `10 00 00 00`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}

/** A number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

function cellText(cell: string | number): string {
  return typeof cell === "number" ? count(cell) : cell;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;

/** How many columns of a terminal a text takes: Chinese takes two each. */
function width(text: string): number {
  return [...text].length + (text.match(wide)?.length ?? 0);
}

function paint(code: number, text: string): string {
  return colourful ? `\x1b[${code}m${text}\x1b[0m` : text;
}
