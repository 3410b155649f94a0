import {
  checkBytes,
  checkKind,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import {
  CLIENT_TIME_LIMITS,
  HEARTBEAT_MS,
  HEARTBEAT_TIMEOUT_MS,
  MAX_SEND_BUFFER,
  SEND_HIGH_WATER_MARK,
  type TimeLimits,
} from "../defaults.ts";
import type { SendLimits } from "./sender.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
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
  heartbeat: "checked",
};

const heartbeatKinds: OptionKinds<HeartbeatOptions<never>> = {
  ping: "checked",
  isPong: "function",
  everyMs: "checked",
  timeoutMs: "checked",
};

/** The options of `receive`. */
export const receiveKinds: OptionKinds<ReceiveFrameOptions> = {
  timeoutMs: "checked",
  signal: "signal",
};

type HeartbeatSettings<In, Out> =
  & HeartbeatOptions<In, Out>
  & Required<Pick<HeartbeatOptions<In, Out>, "everyMs" | "timeoutMs">>;

/** The options of a link with all defaults. */
export interface LinkSettings<In, Out> extends TimeLimits, SendLimits {
  readonly heartbeat?: HeartbeatSettings<In, Out>;
}

/**
 * Checks the options of a link, and fills in the defaults of those that were not
 * given. Servers and clients call it before they listen or connect.
 *
 * @param defaults The default time limits: by default, those of clients.
 * @throws {RangeError} If an option is out of its range. The message names it.
 */
export function linkSettings<In, Out>(
  options: FramedOptions<In, Out>,
  defaults: TimeLimits = CLIENT_TIME_LIMITS,
): LinkSettings<In, Out> {
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
  const { heartbeat } = options;
  return {
    ...limits,
    highWaterMark,
    maxSendBuffer,
    ...(heartbeat && { heartbeat: heartbeatSettings(heartbeat) }),
  };
}

function heartbeatSettings<In, Out>(
  options: HeartbeatOptions<In, Out>,
): HeartbeatSettings<In, Out> {
  checkOptions("heartbeat", options, heartbeatKinds);
  const { everyMs = HEARTBEAT_MS, timeoutMs = HEARTBEAT_TIMEOUT_MS } = options;
  checkKind("heartbeat.ping", options.ping, "function");
  checkTimeLimit("heartbeat.everyMs", everyMs);
  checkTimeLimit("heartbeat.timeoutMs", timeoutMs);
  return { ...options, everyMs, timeoutMs };
}
