import process from "node:process";

/**
 * The arguments that the program was given. Where the first is `--help`, prints
 * how it is used, and ends it.
 *
 * @param usage The arguments that there may be, and what the program does.
 */
export function programArguments(usage: string): string[] {
  const args = process.argv.slice(2);
  if (args[0] === "--help" || args[0] === "-h") {
    console.log(`usage: ${usage}`);
    process.exit(0);
  }
  return args;
}

/** Ends a program whose arguments cannot be used: says why, and the usage. */
export function misused(complaint: string, usage: string): never {
  console.error(`${complaint}\nusage: ${usage}`);
  process.exit(2);
}
