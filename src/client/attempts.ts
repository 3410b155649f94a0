import {
  checkCountOrInfinity,
  checkDelay,
  checkTimeLimit,
  checkWait,
  type OptionKinds,
  pickOptions,
} from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import { FrameError } from "../codec/errors.ts";
import {
  CONNECT_TIMEOUT_MS,
  RECONNECT_INITIAL_DELAY_MS,
  RECONNECT_MAX_DELAY_MS,
  RECONNECT_STABLE_AFTER_MS,
} from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import type { AddressLike } from "../net/address.ts";
import { NetError } from "../net/errors.ts";
import { parseAddress } from "../net/parse_address.ts";
import { after } from "../net/timer.ts";
import { withinTime } from "../net/within_time.ts";
import { addressList } from "./addresses.ts";
import {
  clientKinds,
  type ClientOptions,
  createClient,
} from "./create_client.ts";

/** How often, and after which waits, a client connects again. */
export interface BackoffOptions {
  /**
   * The longest wait before the first attempt to connect again, in milliseconds.
   * The limit doubles with every attempt that follows. More than 0.
   *
   * @default {1_000}
   */
  initialDelayMs?: number;
  /**
   * The most that the limit grows to, in milliseconds. More than 0; `Infinity`
   * for no maximum.
   *
   * @default {30_000}
   */
  maxDelayMs?: number;
  /**
   * How long a connection must have lasted for the waits to start anew from
   * `initialDelayMs`, in milliseconds. With 0, every connection counts; with
   * `Infinity`, none does.
   *
   * @default {10_000}
   */
  stableAfterMs?: number;
  /**
   * How many attempts may fail in a row: a whole number from 1, or `Infinity`.
   *
   * @default {Infinity}
   */
  maxAttempts?: number;
  /**
   * Called before each wait, with the reason why an attempt failed or a connection
   * ended, and with the length of the wait. The error is `undefined` after a
   * connection that ended in good order.
   */
  onRetry?: (error: unknown, delayMs: number) => void;
}

/** The options of the waits. */
export const backoffKinds: OptionKinds<BackoffOptions> = {
  initialDelayMs: "checked",
  maxDelayMs: "checked",
  stableAfterMs: "checked",
  maxAttempts: "checked",
  onRetry: "function",
};

/** What the attempts of a client need. */
export interface AttemptsOptions<In, Out>
  extends ClientOptions<In, Out>, BackoffOptions {
  /** Called with a new connection; see `ReconnectingOptions.login`. */
  login?: (connection: FramedConnection<In, Out>) => Promise<void> | void;
  /** Called before each attempt. */
  onAttempt?: () => void;
}

/** The attempts of a client to connect, one connection after the other. */
export class Attempts<In, Out> {
  readonly #options: AttemptsOptions<In, Out>;
  readonly #clientOptions: ClientOptions<In, Out>;
  readonly #limits: Required<Omit<BackoffOptions, "onRetry">>;
  readonly #addresses: readonly AddressLike[];
  #attempts = 0;
  /** How often the limit of the wait has doubled. */
  #doublings = 0;
  /** How many attempts have failed in a row. */
  #failures = 0;

  /** Refuses what no attempt can succeed with. */
  constructor(options: AttemptsOptions<In, Out>) {
    const {
      initialDelayMs = RECONNECT_INITIAL_DELAY_MS,
      maxDelayMs = RECONNECT_MAX_DELAY_MS,
      stableAfterMs = RECONNECT_STABLE_AFTER_MS,
      maxAttempts = Infinity,
    } = options;
    checkDelay("initialDelayMs", initialDelayMs);
    checkTimeLimit("maxDelayMs", maxDelayMs);
    checkWait("stableAfterMs", stableAfterMs);
    checkCountOrInfinity("maxAttempts", maxAttempts);
    checkCodec(options.codec);
    this.#addresses = addressList(options.address);
    for (const address of this.#addresses) checkTarget(address);
    this.#options = options;
    this.#clientOptions = pickOptions<ClientOptions<In, Out>>(
      options,
      clientKinds,
    );
    this.#limits = { initialDelayMs, maxDelayMs, stableAfterMs, maxAttempts };
  }

  /**
   * Connects. Attempts that fail are repeated after a wait.
   *
   * @throws What ends the attempts: the reason of the signal, the error of the last
   * attempt, or one after which no attempt can succeed.
   */
  async connect(): Promise<FramedConnection<In, Out>> {
    while (true) {
      this.#options.onAttempt?.();
      try {
        const connection = await this.#attempt();
        this.#failures = 0;
        return connection;
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        if (!mayPass(error)) throw error;
        if (++this.#failures >= this.#limits.maxAttempts) throw error;
        await this.wait(error);
      }
    }
  }

  /**
   * Counts a connection that has ended.
   *
   * @returns Whether it has lasted long enough for the waits to start anew.
   */
  ended(lastedMs: number): boolean {
    const isStable = lastedMs >= this.#limits.stableAfterMs;
    if (isStable) this.#doublings = 0;
    return isStable;
  }

  /** Waits before the next attempt, or rejects with the reason of the signal. */
  async wait(reason: unknown): Promise<void> {
    const { signal, onRetry } = this.#options;
    signal?.throwIfAborted();
    const { initialDelayMs, maxDelayMs } = this.#limits;
    const most = Math.min(maxDelayMs, initialDelayMs * 2 ** this.#doublings++);
    const delayMs = Math.random() * most;
    onRetry?.(reason, delayMs);
    await wait(delayMs, signal);
  }

  /** Connects to the next address, and logs in. */
  async #attempt(): Promise<FramedConnection<In, Out>> {
    const address = this.#addresses[this.#attempts++ % this.#addresses.length]!;
    const connection = await createClient({ ...this.#clientOptions, address });
    const { login, signal, timeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    if (login === undefined) return connection;
    const { remoteAddress } = connection;
    try {
      await withinTime(
        remoteAddress,
        timeoutMs,
        signal,
        (stop) =>
          new Promise<void>((resolve, reject) => {
            // The login need not notice by itself.
            stop.addEventListener("abort", () => reject(stop.reason));
            Promise.resolve(login(connection)).then(resolve, reject);
          }),
      );
      return connection;
    } catch (error) {
      connection.abort(error);
      throw error;
    }
  }
}

/** Whether another attempt may succeed after an error. */
function mayPass(error: unknown): boolean {
  return error instanceof FrameError ||
    error instanceof NetError && error.code !== "PERMISSION_DENIED";
}

/** Waits, or rejects with the reason of the signal. */
function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      callOff();
      reject(signal?.reason);
    };
    const callOff = after(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Refuses an address to which no attempt can succeed. */
function checkTarget(address: AddressLike): void {
  const { transport, port } = {
    port: undefined,
    ...parseAddress(address),
  };
  if (transport === "udp" || port === 0) {
    throw new TypeError(
      `Cannot connect: expected the address of a listening stream socket, got ${
        JSON.stringify(address)
      }`,
    );
  }
}
