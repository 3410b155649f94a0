import { nearestOf } from "../../checks.ts";
import { hexOf } from "../../codec/bytes/hex.ts";
import { parseFormat } from "../../format/parse_format.ts";
import { EXIT, UsageError } from "../errors.ts";
import { bytesOf } from "../explain/example_of.ts";
import { explainFormat } from "../explain/explain_format.ts";
import { type PresetNote, presetNotes } from "../explain/preset_notes.ts";
import type { Program, Verb } from "../program.ts";
import { cutTo } from "../terminal/fit.ts";
import { paint } from "../terminal/palette.ts";

/** Lists the presets, or tells all of one. */
export const presets: Verb = (program) => {
  const { flags, operands: [given], stdout } = program;
  if (given === undefined) {
    if (flags.json === true) {
      stdout.write(jsonOf(Object.keys(presetNotes).map(presetJson)));
    } else list(program);
    return Promise.resolve(EXIT.good);
  }
  const name = given.replace(/^preset:/, "");
  if (flags.json === true) {
    noteOf(name);
    stdout.write(jsonOf(presetJson(name)));
  } else explain(name, program);
  return Promise.resolve(EXIT.good);
};

/** The names, and beside them what they are. */
function list({ stdout }: Program): void {
  const { columns } = stdout;
  const palette = paint(stdout.color);
  const names = Object.keys(presetNotes);
  const width = Math.max(...names.map((name) => name.length));
  for (const [name, { summary }] of Object.entries(presetNotes)) {
    stdout.write(
      `${palette.strong(name.padEnd(width))}  ${
        cutTo(summary, columns - width - 2)
      }\n`,
    );
  }
}

function explain(name: string, { stdout }: Program): void {
  const { expression = `preset:${name}`, source } = noteOf(name);
  const palette = paint(stdout.color);
  const codec = parseFormat(expression);
  for (const line of explainFormat(codec, stdout.columns, palette)) {
    stdout.write(`${line.trimEnd()}\n`);
  }
  if (source !== undefined) stdout.write(`\n${palette.dim(source)}\n`);
}

function noteOf(name: string): PresetNote {
  const note = Object.hasOwn(presetNotes, name) ? presetNotes[name] : undefined;
  if (note !== undefined) return note;
  const near = nearestOf(name, Object.keys(presetNotes));
  throw new UsageError(
    `There is no preset ${name}: ${
      near === undefined
        ? "framewire presets lists them"
        : `did you mean ${near}?`
    }`,
  );
}

function presetJson(name: string): object {
  const { summary, source, wire, example, expression = `preset:${name}` } =
    noteOf(name);
  return {
    name,
    summary,
    ...(source !== undefined && { source }),
    expression,
    wire,
    example: { hex: hexOf(bytesOf(example), "") },
  };
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
