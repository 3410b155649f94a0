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
  yield `${palette.header(kind.name)}: ${stageNote(kind.name)}`;
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
  const margin = 2 + nameWidth + 2 + valueWidth + 2;
  for (const { name, value, note, isGiven } of rows) {
    const shade = isGiven ? (text: string) => text : palette.dim;
    const paintedValue = fit(value, valueWidth);
    const [first = "", ...others] = wrap(note, Math.max(20, columns - margin));
    yield `  ${shade(fit(name, nameWidth))}  ${
      isGiven ? palette.length(paintedValue) : palette.dim(paintedValue)
    }  ${shade(first)}`;
    for (const line of others) yield " ".repeat(margin) + shade(line);
  }
}

const MOST_VALUE = 24;

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
