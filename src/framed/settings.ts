import { checkBytes, checkTimeLimit, type OptionKinds } from "../checks.ts";
import {
  CLIENT_TIME_LIMITS,
  MAX_SEND_BUFFER,
  SEND_HIGH_WATER_MARK,
  type TimeLimits,
} from "../defaults.ts";
import type { SendLimits } from "./sender.ts";
import type { FramedOptions, ReceiveFrameOptions } from "./types.ts";

/** The options of a link. */
export const framedKinds: OptionKinds<FramedOptions> = {
  idleTimeoutMs: "checked",
  firstFrameTimeoutMs: "checked",
  frameTimeoutMs: "checked",
  bodyTimeoutMs: "checked",
  writeTimeoutMs: "checked",
  handlerTimeoutMs: "checked",
  closeTimeoutMs: "checked",
  highWaterMark: "checked",
  maxSendBuffer: "checked",
};

/** The options of `receive`. */
export const receiveKinds: OptionKinds<ReceiveFrameOptions> = {
  timeoutMs: "checked",
  signal: "signal",
};

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
