import {
  checkChoice,
  checkDelay,
  checkOptions,
  checkPerSecond,
  type OptionKinds,
} from "../checks.ts";
import { RATE_BURST_MS } from "../defaults.ts";
import { TokenBucket } from "../net/token_bucket.ts";
import type { Stalls } from "./stalls.ts";

/**
 * How much may be received in a time. What is left out has no limit.
 *
 * @example
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({
 *   address: { port: 0 },
 *   codec: lines(),
 *   // 100 lines a second, also 500 at once, or the client is cut ...
 *   rate: { frames: 100, burstMs: 5_000, onExceeded: "close" },
 *   // ... and 1 MB a second for all connections of an address, or they wait.
 *   addressRate: { bytes: 1_000_000 },
 * }, (connection) => connection.forEach((line) => connection.send(line)));
 *
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("within the rate");
 * assertEquals(await client.receive(), "within the rate");
 * for (let i = 0; i < 1_000; i++) void client.send("too many");
 * // What was answered before it was cut, then the end or a reset.
 * await client.forEach(() => undefined).catch(() => undefined);
 * assertEquals(server.connections.size, 0);
 * ```
 */
export interface RateOptions {
  /** The bytes a second; more than 0. */
  bytes?: number;
  /** The frames a second; more than 0, and less than 1 for one in several seconds. */
  frames?: number;
  /**
   * For how long it may have been saved up, in milliseconds: so much may arrive at
   * once after a silence.
   *
   * @default {1_000}
   */
  burstMs?: number;
  /**
   * What happens to a peer that sends more: with `"wait"` it is not read until it is
   * within its rate again, so that the system holds it back; with `"close"` its
   * connection is aborted with `RATE_EXCEEDED`.
   *
   * @default {"wait"}
   */
  onExceeded?: "wait" | "close";
}

const kinds: OptionKinds<RateOptions> = {
  bytes: "checked",
  frames: "checked",
  burstMs: "checked",
  onExceeded: "checked",
};

/** The option that a rate is of. */
export type RateName = "rate" | "addressRate";

/** Refuses a rate that cannot be. */
export function checkRate(name: RateName, options: RateOptions): void {
  checkOptions(name, options, kinds);
  const { bytes, frames, burstMs, onExceeded } = options;
  if (bytes !== undefined) checkPerSecond(`${name}.bytes`, bytes);
  if (frames !== undefined) checkPerSecond(`${name}.frames`, frames);
  if (burstMs !== undefined) checkDelay(`${name}.burstMs`, burstMs);
  if (onExceeded !== undefined) {
    checkChoice(`${name}.onExceeded`, onExceeded, ["wait", "close"]);
  }
}

/** The rate of a connection, or of all those of an address. */
export class Rate {
  /** The option that it is of. */
  readonly name: RateName;
  /** Whether a connection is closed that exceeds it. */
  readonly closes: boolean;

  readonly #bytes: TokenBucket | undefined;
  readonly #frames: TokenBucket | undefined;
  readonly #stalls: Stalls | undefined;
  /** For how long the stalls had lasted that have been allowed for. */
  #stalledMs = 0;

  /** @param stalls The stalls of this process, where a connection can be closed. */
  constructor(name: RateName, options: RateOptions, stalls?: Stalls) {
    const { bytes, frames, burstMs = RATE_BURST_MS, onExceeded } = options;
    // A frame, at least, must find a token.
    const bucket = (perSecond: number | undefined) =>
      perSecond === undefined ? undefined : new TokenBucket(
        perSecond,
        Math.max(1, perSecond * burstMs / 1_000),
      );
    this.name = name;
    this.closes = onExceeded === "close";
    this.#bytes = bucket(bytes);
    this.#frames = bucket(frames);
    this.#stalls = stalls;
    this.#stalledMs = stalls?.ms ?? 0;
  }

  /** How long it takes until it is not exceeded, in milliseconds. */
  get owedMs(): number {
    return Math.max(this.#bytes?.owedMs ?? 0, this.#frames?.owedMs ?? 0);
  }

  /** Whether nothing has been received for so long that nothing need be known of it. */
  get isFull(): boolean {
    return this.#bytes?.isFull !== false && this.#frames?.isFull !== false;
  }

  /** Counts what has been received. */
  spend(bytes: number, frames: number): void {
    if (this.#stalls !== undefined) this.#allowFor(this.#stalls.ms);
    this.#bytes?.spend(bytes);
    this.#frames?.spend(frames);
  }

  /** What was sent while this process stood still arrives all at once. */
  #allowFor(stalledMs: number): void {
    const ms = stalledMs - this.#stalledMs;
    if (ms === 0) return;
    this.#stalledMs = stalledMs;
    this.#bytes?.add(ms);
    this.#frames?.add(ms);
  }
}
