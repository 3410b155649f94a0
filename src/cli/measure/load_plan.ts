import type { Codec } from "../../codec/types.ts";
import type { Connection } from "../../net/types.ts";
import type { LoadRequest } from "./load_codec.ts";
import type { Timer } from "./precise_timer.ts";

/** What a load consists of. */
export interface LoadPlan {
  /** Makes a connection. */
  readonly connect: () => Promise<Connection>;
  readonly codec: Codec<unknown>;
  /** What every request is. */
  readonly request: LoadRequest;
  readonly connections: number;
  /** How many requests a connection may have without a reply. */
  readonly inFlight: number;
  /** How many requests are due a second in all; without it, each follows a reply. */
  readonly rate?: number | undefined;
  readonly durationMs: number;
  /** How long requests are sent before they count. */
  readonly warmUpMs: number;
  /** After how long a reply is too late. It is an error, and a latency all the same. */
  readonly timeoutMs: number;
  /** Ends the load before its time. */
  readonly signal: AbortSignal;
  /** What tells when a request is due. */
  readonly timer?: Timer;
}
