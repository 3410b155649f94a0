/** Which tests run beside one another. */

/** What may run while other tests run, or must not. */
export type Lane = "timed" | "pure" | "processes";

/** Tests that look at no clock, or at one of their own: they can be slowed down. */
const pure = [
  "algorithms",
  "codec",
  "format",
  "presets",
  "simulation",
  "stream",
  "support",
];

/**
 * Tests of whole programs, which mostly wait for them. They look at the clock
 * only to give up, after 30 seconds and more.
 */
const processes = [
  "backplane",
  "differential",
  "examples",
  "interop",
  "package",
];

/** The lane of a test file: where its folder is in neither list, `timed`. */
export function laneOf(file: string): Lane {
  const [, folder = ""] = file.split("/");
  if (pure.includes(folder)) return "pure";
  return processes.includes(folder) ? "processes" : "timed";
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
