/** Which tests run beside one another. */

/** What may run while other tests run, or must not. */
export type Lane =
  | "timed"
  | "pure"
  | "processes"
  | "tools"
  | "engines"
  | "alone";

/**
 * Tests that look at no clock, at one of their own, or only to give up: they can be
 * slowed down.
 */
const pure = [
  "algorithms",
  "cli",
  "codec",
  "format",
  "generate",
  "package",
  "presets",
  "simulation",
  "stream",
  "support",
];

/**
 * Tests of whole programs, which mostly wait for them. They look at the clock
 * only to give up, after 30 seconds and more.
 */
const processes = ["differential", "examples", "interop", "real"];

/** Tests with compilers and a browser, which take most of their time. */
const tools = ["languages", "site"];

/**
 * Tests with engines such as NATS and Redis. Most of their time they wait until a node
 * is taken for dead. They need the machine at once when an engine is asked whether it
 * is there.
 */
const engines = ["backplane"];

/** The lane of a test file: where its folder is in no list, `timed`. */
export function laneOf(file: string): Lane {
  const [, folder = ""] = file.split("/");
  if (pure.includes(folder)) return "pure";
  if (engines.includes(folder)) return "engines";
  if (tools.includes(folder)) return "tools";
  // What measures how long something takes.
  if (folder === "timing") return "alone";
  return processes.includes(folder) ? "processes" : "timed";
}

/** Folders of the lane `pure` whose tests take long. */
const long = ["cli", "package"];

/**
 * Which tests one process runs: those of a folder, and of the lane `pure` all that take
 * little time. Each process has a time limit.
 */
export function groupOf(file: string): string {
  const [, folder = ""] = file.split("/");
  if (laneOf(file) === "pure" && !long.includes(folder)) return "pure";
  return folder.endsWith(".ts") ? "tests" : folder;
}

/** Whether the tests of a lane get what others leave of the machine. */
export function isInBackground(lane: Lane): boolean {
  return lane === "pure" || lane === "processes" || lane === "tools";
}

/**
 * The command at a low priority, with all that it starts: it gets what the timed
 * tests leave of the machine.
 */
export function inBackground(
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  return Deno.build.os === "windows"
    ? command
    : ["nice", "-n", "19", ...command];
}
