import type { Codec } from "../../codec/types.ts";
import { fieldsOf } from "../../format/fields_of.ts";
import { formatOf, nameInText } from "../../format/format_of.ts";
import { stagesOf, type WrittenStage } from "../../format/stages.ts";
import { fieldNotes } from "../hex/field_notes.ts";
import { hexLayout } from "../hex/hex_layout.ts";
import { showBytes } from "../hex/show_bytes.ts";
import { displayWidth } from "../terminal/display_width.ts";
import { cutTo, fit } from "../terminal/fit.ts";
import type { Palette } from "../terminal/palette.ts";
import { wrap } from "../terminal/wrap.ts";
import { drawCells } from "./draw_cells.ts";
import { exampleOf } from "./example_of.ts";
import { layoutOf } from "./layout.ts";
import { defaultNote, optionNote } from "./option_notes.ts";
import { stageNote } from "./stage_notes.ts";

/** A codec of an expression in words: its normal form, its stages, and its bytes. */
export function* explainFormat(
  codec: Codec<unknown>,
  columns: number,
  palette: Palette,
): Generator<string, void> {
  yield palette.strong(formatOf(codec) ?? codec.name);
  for (const stage of stagesOf(codec.description) ?? []) {
    yield "";
    yield* explainStage(stage, columns, palette);
  }
  yield* drawing(codec, columns, palette);
  yield* example(codec, columns, palette);
}

/** A stage and all its options, those that were not given after those that were. */
function* explainStage(
  { kind, options }: WrittenStage,
  columns: number,
  palette: Palette,
): Generator<string, void> {
  const about = wrap(`${kind.name}: ${stageNote(kind.name)}`, columns);
  for (const [i, line] of about.entries()) {
    yield i > 0
      ? line
      : palette.header(kind.name) + line.slice(kind.name.length);
  }
  const rows = Object.entries(kind.options).map(([name, option]) => {
    const given = options[name] ?? option.default;
    return {
      name: nameInText(kind, name),
      value: given === undefined ? defaultNote(name) : option.print(given),
      note: optionNote(kind.name, name) ?? "",
      isGiven: options[name] !== undefined,
    };
  });
  // Given ones first; the order is that of the table otherwise.
  rows.sort((a, b) => Number(b.isGiven) - Number(a.isGiven));
  const widthOf = (texts: readonly string[]) =>
    Math.max(0, ...texts.map(displayWidth));
  const nameWidth = widthOf(rows.map(({ name }) => name));
  const valueWidth = Math.min(
    MOST_VALUE,
    widthOf(rows.map(({ value }) => value)),
  );
  const beside = 2 + nameWidth + 2 + valueWidth + 2;
  const isBeside = columns - beside >= LEAST_NOTE;
  const margin = isBeside ? beside : 4;
  for (const { name, value, note, isGiven } of rows) {
    const shade = isGiven ? (text: string) => text : palette.dim;
    const shown = fit(value, valueWidth);
    const head = `  ${shade(fit(name, nameWidth))}  ${
      isGiven ? palette.length(shown) : palette.dim(shown)
    }`;
    const lines = wrap(note, columns - margin).map(shade);
    yield isBeside ? `${head}  ${lines.shift()}` : head;
    for (const line of lines) yield " ".repeat(margin) + line;
  }
}

/** A longer value is cut. */
const MOST_VALUE = 24;
/** Notes that would be narrower stand under their options. */
const LEAST_NOTE = 30;

/** The boxes of the fields. */
function* drawing(
  { description }: Codec<unknown>,
  columns: number,
  palette: Palette,
): Generator<string, void> {
  const cells = description === undefined ? [] : layoutOf(description);
  if (cells.length === 0) return;
  yield "";
  yield* drawCells(cells, columns, palette);
}

/** The bytes of a small frame with their fields. */
export function* example(
  codec: Codec<unknown>,
  columns: number,
  palette: Palette,
): Generator<string, void> {
  const bytes = exampleOf(codec);
  if (bytes === undefined) return;
  yield "";
  yield palette.dim(cutTo(`an example of ${bytes.length} bytes`, columns));
  for (const { offset, length, fields } of fieldsOf(codec, bytes)) {
    const part = bytes.subarray(offset, offset + length);
    yield* showBytes(
      { bytes: part, offset, fields, marks: [] },
      fieldNotes(fields, part, offset),
      hexLayout(columns),
      palette,
    );
  }
}
