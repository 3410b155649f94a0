import { checkOptions, checkWait, type OptionKinds } from "../checks.ts";
import { CLOSE_GRACE_MS } from "../defaults.ts";

/** The options of a `close` that waits for what is under way. */
interface CloseOptions {
  readonly graceMs?: number;
}

const kinds: OptionKinds<CloseOptions> = { graceMs: "checked" };

/**
 * How long a `close` may take, in milliseconds, by its options.
 *
 * @throws {RangeError} If it is negative or not a number.
 */
export function closeGraceMs(options: CloseOptions): number {
  checkOptions("close", options, kinds);
  const { graceMs = CLOSE_GRACE_MS } = options;
  checkWait("graceMs", graceMs);
  return graceMs;
}
