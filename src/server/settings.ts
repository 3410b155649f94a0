import {
  checkBytes,
  checkCountOrInfinity,
  type OptionKinds,
} from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import {
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_TOTAL_BUFFER,
  SERVER_TIME_LIMITS,
} from "../defaults.ts";
import {
  framedKinds,
  type LinkSettings,
  linkSettings,
} from "../framed/settings.ts";
import { acceptKinds } from "../net/option_kinds.ts";
import type { AdmissionLimits } from "./admission.ts";
import { checkSlowReaders } from "./broadcast.ts";
import { checkRate } from "./rate.ts";
import { checkTopics } from "./topics.ts";
import type { ServeOptions } from "./types.ts";

/** The options of `serve`. */
export const serveKinds: OptionKinds<ServeOptions<never>> = {
  address: "checked",
  codec: "checked",
  network: ["listen"],
  signal: "signal",
  maxConnections: "checked",
  maxConnectionsPerAddress: "checked",
  maxTotalBuffer: "checked",
  slowReaders: "checked",
  backplane: ["send", "listen", "publish", "subscribe"],
  topics: "checked",
  rate: "checked",
  addressRate: "checked",
  onError: "function",
  observe: "function",
  ...acceptKinds,
  ...framedKinds,
};

/** The options of a server that concern its connections, with all defaults. */
export interface ServerSettings<In, Out> extends
  AdmissionLimits,
  Pick<
    ServeOptions<In, Out>,
    | "codec"
    | "slowReaders"
    | "backplane"
    | "topics"
    | "rate"
    | "addressRate"
    | "onError"
  > {
  readonly maxTotalBuffer: number;
  readonly link: LinkSettings<In, Out>;
}

/**
 * Checks the options of a server, and fills in the defaults of those that were not
 * given.
 *
 * @throws {TypeError} If the codec is none, or an option is of the wrong type.
 * @throws {RangeError} If a limit is out of its range. The message names it.
 */
export function serverSettings<In, Out>(
  options: ServeOptions<In, Out>,
): ServerSettings<In, Out> {
  const {
    codec,
    maxConnections = MAX_CONNECTIONS,
    maxConnectionsPerAddress = MAX_CONNECTIONS_PER_ADDRESS,
    maxTotalBuffer = MAX_TOTAL_BUFFER,
    slowReaders,
    topics,
    rate,
    addressRate,
  } = options;
  checkCodec(codec);
  checkCountOrInfinity("maxConnections", maxConnections);
  checkCountOrInfinity("maxConnectionsPerAddress", maxConnectionsPerAddress);
  checkBytes("maxTotalBuffer", maxTotalBuffer);
  if (slowReaders !== undefined) checkSlowReaders(slowReaders);
  if (topics !== undefined) checkTopics(topics);
  if (rate !== undefined) checkRate("rate", rate);
  if (addressRate !== undefined) checkRate("addressRate", addressRate);
  return {
    ...options,
    maxConnections,
    maxConnectionsPerAddress,
    maxTotalBuffer,
    link: linkSettings<In, Out>(options, SERVER_TIME_LIMITS),
  };
}
