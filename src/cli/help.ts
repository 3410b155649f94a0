import { COMMON, flagName, flags } from "./flags.ts";
import { wrap } from "./terminal/wrap.ts";
import type { Operand, VerbName } from "./verb_row.ts";
import { verbs } from "./verbs.ts";

/** The help of the command: all its verbs. */
export function helpOfAll(): string {
  const width = Math.max(...Object.keys(verbs).map((name) => name.length));
  const list = Object.entries(verbs)
    .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `framewire: netcat that knows where messages end

usage: framewire VERB [OPERAND ...] [--FLAG ...]

${list.join("\n")}

framewire VERB --help tells more, with examples. framewire --version tells the version.

A format is an expression: 'length(4, little) | json', 'delimited("\\0")', preset:lsp.
framewire format EXPRESSION explains one, framewire presets lists the presets, and
framewire guess FILE finds the one of bytes that you have.

Exit codes: 0 good, 1 a difference or a bad frame, 2 usage, 3 network, 4 time-out, 5 TLS.
`;
}

/** The help of one verb. */
export function helpOf(name: VerbName): string {
  const row = verbs[name];
  const rows: [string, string][] = row.operands.map((
    operand,
  ) => [operand.name, operand.help]);
  const flagRows = [...row.flags, ...COMMON].map((flag): [string, string] => {
    const { short, value, help } = flags[flag];
    const letter = short === undefined ? "    " : `-${short}, `;
    const shown = value === undefined ? "" : ` ${value}`;
    return [`${letter}--${flagName(flag)}${shown}`, help];
  });
  const sections = [
    `framewire ${name}: ${row.summary}`,
    `usage: framewire ${name} ${usageOf(row.operands)}[--FLAG ...]`,
    ...row.about.map((paragraph) => wrap(paragraph, 88).join("\n")),
    table(rows),
    table(flagRows),
    examplesOf(row.examples),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** The operands as they stand behind the verb, and a space. */
export function usageOf(operands: readonly Operand[]): string {
  return operands.map(({ name, optional, repeated }) => {
    const shown = repeated ? `${name} ...` : name;
    return `${optional ? `[${shown}]` : shown} `;
  }).join("");
}

function table(rows: readonly [string, string][]): string {
  // A long name has its text in the next line.
  const width = Math.min(28, Math.max(0, ...rows.map(([name]) => name.length)));
  return rows.map(([name, text]) => {
    const indented = wrap(text, 58).join(`\n${" ".repeat(width + 4)}`);
    return name.length <= width
      ? `  ${name.padEnd(width)}  ${indented}`
      : `  ${name}\n${" ".repeat(width + 4)}${indented}`;
  }).join("\n");
}

function examplesOf(
  examples: readonly (readonly [command: string, why: string])[],
): string {
  if (examples.length === 0) return "";
  return `examples:\n${
    examples.map(([command, why]) =>
      why === ""
        ? `  framewire ${command}`
        : `  # ${why}\n  framewire ${command}`
    ).join("\n")
  }`;
}
