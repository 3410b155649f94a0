import { checkTlsFlags } from "./addresses.ts";
import {
  EXIT,
  type ExitCode,
  exitCodeOf,
  ExpressionError,
  UsageError,
} from "./errors.ts";
import { explainError } from "./explain/explain_error.ts";
import type { Flags } from "./flags.ts";
import { helpOf, helpOfAll } from "./help.ts";
import { Interrupted } from "./interrupted.ts";
import { loadVerb } from "./load_verb.ts";
import { Output } from "./output.ts";
import { checkOperands, parseArguments } from "./parse_arguments.ts";
import type { Input, Program } from "./program.ts";
import { describe } from "./report.ts";
import type { System } from "./system.ts";
import { paint } from "./terminal/palette.ts";
import { escapeControls } from "./terminal/escape_controls.ts";
import { untilAborted } from "./until_aborted.ts";
import type { VerbName } from "./verb_row.ts";
import { verbNamed, verbs } from "./verbs.ts";
import { VERSION } from "./version.ts";
import { nearestOf } from "../checks.ts";

/**
 * Runs the command.
 *
 * @param args Its arguments.
 * @param system The process that it runs in.
 * @returns What the process exits with. Everything is written then.
 */
export async function main(
  args: readonly string[],
  system: System,
): Promise<number> {
  const stop = new AbortController();
  let readerLeft = false;
  const stderr = new Output(
    system.stderr,
    wantsColor("auto", system, system.stderr.isTerminal),
  );
  const end = system.onInterrupt(() => stop.abort(new Interrupted()));
  let stdout = new Output(system.stdout, false);
  try {
    const [name = "--help", ...rest] = args;
    if (name === "--version") {
      stdout.write(`framewire ${VERSION}\n`);
      return EXIT.good;
    }
    if (["--help", "-h"].includes(name)) {
      stdout.write(helpOfAll());
      return args.length === 0 ? EXIT.usage : EXIT.good;
    }
    const row = verbNamed(name);
    if (row === undefined) throw noSuchVerb(name);
    const { flags, operands } = parseArguments(rest, name, row);
    if (flags.help) {
      stdout.write(helpOf(name as VerbName));
      return EXIT.good;
    }
    checkOperands(operands, name, row);
    stdout = new Output(
      system.stdout,
      wantsColor(flags.color, system, system.stdout.isTerminal),
      (error) => {
        readerLeft = true;
        stop.abort(error);
      },
    );
    const program: Program = {
      flags,
      operands,
      stdin: interruptible(system.stdin, stop.signal),
      stdout,
      stderr,
      signal: stop.signal,
    };
    checkTlsFlags(program);
    const run = await loadVerb[name as VerbName]();
    return await run(program);
  } catch (error) {
    // Whoever has read enough of the output ends the command; that is no error.
    if (readerLeft || error instanceof Interrupted) return EXIT.good;
    return report(error, stderr);
  } finally {
    end();
    await stdout.end();
    await stderr.end();
  }
}

/** Standard input that ends at Ctrl-C, though its other end goes on. */
function interruptible(stdin: Input, signal: AbortSignal): Input {
  return {
    isTerminal: stdin.isTerminal,
    chunks: () => untilAborted(stdin.chunks(), signal),
    editor: () => stdin.editor(),
  };
}

/** Tells of an error, and returns the exit code that it has. */
function report(error: unknown, stderr: Output): ExitCode | 70 {
  const code = exitCodeOf(error);
  if (code === undefined) {
    // A defect, for which EX_SOFTWARE of sysexits.h stands.
    const stack = error instanceof Error ? error.stack : String(error);
    stderr.write(`framewire: this is a defect: ${stack}\n`);
    return 70;
  }
  if (error instanceof ExpressionError) {
    const { expression, cause } = error;
    const palette = paint(stderr.color);
    for (
      const line of explainError(expression, cause, stderr.columns, palette)
    ) stderr.write(`${line}\n`);
  } else stderr.write(`framewire: ${describe(error as Error)}\n`);
  return code;
}

/** Whether an output has colours: see <https://no-color.org/>. */
function wantsColor(
  wanted: Flags["color"] = "auto",
  { environment }: System,
  isTerminal: boolean,
): boolean {
  if (wanted !== "auto") return wanted === "always";
  const { NO_COLOR = "", TERM } = environment;
  return isTerminal && NO_COLOR === "" && TERM !== "dumb";
}

function noSuchVerb(name: string): UsageError {
  const near = nearestOf(name, Object.keys(verbs));
  return new UsageError(
    `Cannot ${escapeControls(name)}: there is no such verb${
      near === undefined
        ? "; framewire --help lists them"
        : `; did you mean ${near}?`
    }`,
  );
}
