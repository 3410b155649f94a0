import process from "node:process";
import { parseArgs } from "node:util";

/**
 * The arguments that the program was given. `--help` prints how it is used, and ends
 * it. So does an error that nobody catches, with one line where the runtimes would
 * print the whole stack: see {@linkcode explain}.
 *
 * @param usage The arguments that there may be, each in brackets, and what the program
 * does.
 */
export function programArguments(usage: string): string[] {
  return programOptions(usage, []).given;
}

/**
 * The arguments, and the values of options that the program has besides `--help`.
 *
 * @param usage As for {@linkcode programArguments}; options begin with `[--`.
 * @param names The names of the options.
 */
export function programOptions(
  usage: string,
  names: readonly string[],
): {
  given: string[];
  options: Readonly<Record<string, string | undefined>>;
} {
  process.on("uncaughtException", (error: unknown) => {
    process.exit(explain(error, usage));
  });
  const { help, given, options } = parse(usage, names);
  if (help) {
    console.log(`usage: ${usage}`);
    process.exit(0);
  }
  const [parameters = ""] = usage.split(":", 1);
  const most = parameters.includes("...]")
    ? Infinity
    : parameters.split(/\[(?!--)/).length - 1;
  const tooMany = given[most];
  if (tooMany !== undefined) misused(`Cannot use ${tooMany} as well`, usage);
  return { given, options };
}

/** Ends a program whose arguments cannot be used: says why, and the usage. */
export function misused(complaint: string, usage: string): never {
  console.error(`${complaint}\nusage: ${usage}`);
  process.exit(2);
}

/**
 * Tells the user of an error.
 *
 * @returns The exit status: 2 where an argument was wrong, such as the address or the
 * secret, and 1 for a server that cannot be reached and all else.
 */
export function explain(error: unknown, usage: string): 1 | 2 {
  const complaint = error instanceof Error ? error.message : String(error);
  const isMisuse = error instanceof TypeError || error instanceof RangeError;
  if (isMisuse && /^Cannot (use|read the address|serve)/.test(complaint)) {
    console.error(`${complaint}\nusage: ${usage}`);
    return 2;
  }
  console.error(complaint);
  return 1;
}

/** Reads the arguments. */
function parse(
  usage: string,
  names: readonly string[],
): { help: boolean; given: string[]; options: Record<string, string> } {
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      options: {
        help: { type: "boolean", short: "h" },
        ...Object.fromEntries(names.map((name) => [name, { type: "string" }])),
      },
      allowPositionals: true,
    });
    const { help, ...options } = values;
    return { help: help === true, given: positionals, options };
  } catch (error) {
    return misused(error instanceof Error ? error.message : `${error}`, usage);
  }
}
