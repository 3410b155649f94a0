import { checkBytes, checkTimeLimit } from "../checks.ts";
import {
  CLIENT_TIME_LIMITS,
  MAX_SEND_BUFFER,
  SEND_HIGH_WATER_MARK,
  type TimeLimits,
} from "../defaults.ts";
import type { SendLimits } from "./sender.ts";
import type { FramedOptions } from "./types.ts";

/**
 * Checks the options of a link, and fills in the defaults of those that were not
 * given. Servers and clients call it before they listen or connect.
 *
 * @param defaults The default time limits: by default, those of clients.
 * @throws {RangeError} If an option is out of its range. The message names it.
 */
export function linkSettings(
  options: FramedOptions,
  defaults: TimeLimits = CLIENT_TIME_LIMITS,
): TimeLimits & SendLimits {
  const {
    highWaterMark = SEND_HIGH_WATER_MARK,
    maxSendBuffer = MAX_SEND_BUFFER,
  } = options;
  checkBytes("highWaterMark", highWaterMark);
  checkBytes("maxSendBuffer", maxSendBuffer);
  const limits: Record<keyof TimeLimits, number> = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof TimeLimits)[]) {
    const given = options[name];
    if (given === undefined) continue;
    checkTimeLimit(name, given);
    limits[name] = given;
  }
  return { ...limits, highWaterMark, maxSendBuffer };
}
