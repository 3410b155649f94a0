import { argumentList, type Command } from "../../src/exec/mod.ts";

/**
 * What clients may run, and nothing else. The tutorials gave every line to a
 * shell, from anybody: `echo hello; rm -rf ~` would have done as it says.
 */
export const commands: Readonly<Record<string, Command>> = {
  echo: { file: "/bin/echo", args: argumentList({ max: 16 }) },
  date: { file: "/bin/date" },
  list: {
    file: "/bin/ls",
    args: (given) => {
      if (Array.isArray(given) && given.length === 0) return ["-l"];
      throw new Error("list takes no arguments");
    },
    timeoutMs: 5_000,
    maxOutput: 1_048_576,
  },
};
