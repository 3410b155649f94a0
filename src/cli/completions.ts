import { stageKinds } from "../format/stages.ts";
import type { Flag } from "./flag_kinds.ts";
import { COMMON, flagName, flags } from "./flags.ts";
import type { Operand, VerbRow } from "./verb_row.ts";
import { verbs } from "./verbs.ts";

/** The shells that there are completions for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = typeof shells[number];

/** The completions of a shell, made from the tables of verbs and flags. */
export function completionsOf(shell: Shell): string {
  switch (shell) {
    case "bash":
      return bash();
    case "zsh":
      return zsh();
    case "fish":
      return fish();
  }
}

const rows: readonly (readonly [string, VerbRow])[] = Object.entries(verbs);

/** The flags of a verb with their names. */
function flagsOf(row: VerbRow): (readonly [name: string, flag: Flag])[] {
  return [...row.flags, ...COMMON]
    .map((name) => [flagName(name), flags[name]] as const);
}

/** The words that an operand can be; `"files"` for the names of files. */
function wordsOf(operands: readonly Operand[]): readonly string[] | "files" {
  const offers = operands.map(({ offers }) => offers)
    .find((offers) => offers !== undefined) ?? [];
  if (offers === "verbs") return rows.map(([name]) => name);
  if (offers !== "presets") return offers;
  return stageKinds.map(({ name }) => name)
    .filter((name) => name.startsWith("preset:"))
    .map((name) => name.slice("preset:".length));
}

function bash(): string {
  const values = rows.flatMap(([verb, row]) =>
    flagsOf(row)
      .filter(([, { value }]) => value !== undefined)
      .map(([name, { short, offers = [] }]) => {
        const letter = short === undefined ? "" : ` | "${verb} -${short}"`;
        return `    "${verb} --${name}"${letter}) ${
          bashReply(offers)
        }; return ;;`;
      })
  );
  const ofVerbs = rows.map(([name, row]) => {
    const names = flagsOf(row).map(([name]) => `--${name}`).join(" ");
    return `    ${name})
      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${names}" -- "$word"))
      else ${bashReply(wordsOf(row.operands))}; fi ;;`;
  });
  return `# Completions of framewire for bash: made by framewire completions bash
_framewire() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${
    rows.map(([name]) => name).join(" ")
  } --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${values.join("\n")}
  esac
  case \${COMP_WORDS[1]} in
${ofVerbs.join("\n")}
  esac
}
complete -F _framewire framewire
`;
}

function bashReply(offers: readonly string[] | "files"): string {
  return offers === "files"
    ? 'COMPREPLY=($(compgen -f -- "$word"))'
    : `COMPREPLY=($(compgen -W "${offers.join(" ")}" -- "$word"))`;
}

function zsh(): string {
  const list = rows.map(([name, { summary }]) =>
    `    ${quoted(`${name}:${summary}`)}`
  );
  const ofVerbs = rows.map(([name, row]) => {
    const specs = flagsOf(row).map(([name, flag]) =>
      `      ${zshSpec(name, flag)}`
    );
    const operand = `      ${
      quoted(`*:operand:${zshAction(wordsOf(row.operands))}`)
    }`;
    return `    ${name}) _arguments \\\n${
      [...specs, operand].join(" \\\n")
    } ;;`;
  });
  return `#compdef framewire
# Completions of framewire for zsh: made by framewire completions zsh
_framewire() {
  local -a verbs=(
${list.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
${ofVerbs.join("\n")}
  esac
}
_framewire "$@"
`;
}

function zshSpec(
  name: string,
  { short, help, value, offers = [] }: Flag,
): string {
  const text = help.replace(/[[\]\\:]/g, "\\$&");
  const what = value === undefined ? "" : `:${name}:${zshAction(offers)}`;
  const ending = quoted(`[${text}]${what}`);
  return short === undefined
    ? `--${name}${ending}`
    : `{-${short},--${name}}${ending}`;
}

function zshAction(offers: readonly string[] | "files"): string {
  if (offers === "files") return "_files";
  return offers.length === 0 ? " " : `(${offers.join(" ")})`;
}

function fish(): string {
  const lines = rows.map(([name, { summary }]) =>
    `complete -c framewire -n __fish_use_subcommand -f -a ${name} -d ${
      quoted(summary)
    }`
  );
  for (const [name, row] of rows) {
    const start =
      `complete -c framewire -n '__fish_seen_subcommand_from ${name}'`;
    const words = wordsOf(row.operands);
    if (words !== "files") {
      lines.push(`${start} -f -a ${quoted(words.join(" "))}`);
    }
    for (const [flag, { short, help, value, offers = [] }] of flagsOf(row)) {
      const letter = short === undefined ? "" : ` -s ${short}`;
      const argument = value === undefined
        ? ""
        : offers === "files"
        ? " -r -F"
        : ` -x -a ${quoted(offers.join(" "))}`;
      lines.push(`${start} -l ${flag}${letter}${argument} -d ${quoted(help)}`);
    }
  }
  return `# Completions of framewire for fish: made by framewire completions fish
${lines.join("\n")}
`;
}

/** A text in single quotes, for any of the shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
