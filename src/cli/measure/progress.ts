import type { Output } from "../output.ts";
import type { Load } from "./load.ts";
import { sumOfErrors } from "./measured.ts";
import { countShown, millisecondsShown } from "./numbers.ts";

/** Goes to the start of a line of a terminal, and clears it. */
const CLEAR_LINE = "\r\x1b[K";

/**
 * Shows once a second how a load goes, in one line of a terminal.
 *
 * @returns Ends that, and clears the line.
 */
export function showProgress(
  load: Pick<Load, "replies" | "uncorrected" | "errors">,
  stderr: Pick<Output, "write" | "flush">,
): () => void {
  let seconds = 0;
  let before = 0;
  const timer = setInterval(() => {
    const { replies, uncorrected, errors } = load;
    const latency = uncorrected.total === 0
      ? "warm-up"
      : `p99 ${millisecondsShown(uncorrected.percentile(99))} uncorrected`;
    stderr.write(
      `${CLEAR_LINE}${++seconds} s  ${
        countShown(replies - before)
      } replies/s  ${latency}  ${countShown(sumOfErrors(errors))} errors`,
    );
    void stderr.flush();
    before = replies;
  }, 1_000);
  return () => {
    clearInterval(timer);
    if (seconds === 0) return;
    stderr.write(CLEAR_LINE);
    // Before what standard output writes on the same terminal.
    void stderr.flush();
  };
}
