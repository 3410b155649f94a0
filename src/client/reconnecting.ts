import {
  checkCountOrInfinity,
  checkDelay,
  checkOptions,
  checkTimeLimit,
  checkWait,
  type OptionKinds,
  pickOptions,
} from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import {
  RECONNECT_INITIAL_DELAY_MS,
  RECONNECT_MAX_DELAY_MS,
  RECONNECT_STABLE_AFTER_MS,
} from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { NetError } from "../net/errors.ts";
import { parseAddress } from "../net/parse_address.ts";
import { after } from "../net/timer.ts";
import {
  clientKinds,
  type ClientOptions,
  createClient,
} from "./create_client.ts";

/** Options of {@linkcode reconnecting}. */
export interface ReconnectingOptions<In, Out = In>
  extends ClientOptions<In, Out> {
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

const kinds: OptionKinds<ReconnectingOptions<never>> = {
  ...clientKinds,
  initialDelayMs: "checked",
  maxDelayMs: "checked",
  stableAfterMs: "checked",
  maxAttempts: "checked",
  onRetry: "function",
};

/**
 * Connects, and connects again whenever the connection has ended. The loop gets
 * one connection at a time; each is closed when the loop body has finished.
 *
 * The wait before an attempt is a random part of a limit that doubles with every
 * attempt (exponential backoff with full jitter), so that the clients of a server
 * that restarts do not all connect at the same moment. The limit starts anew
 * after a connection that has lasted `stableAfterMs`, so a server that accepts and
 * hangs up is called less and less often.
 *
 * Only network errors are retried. A bad address, a missing codec and an option that
 * is out of range throw at once.
 *
 * Frames that were sent on a connection that ended are not sent again: only the
 * caller knows which may be sent twice.
 *
 * @example
 * ```ts
 * import { lines, reconnecting, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   async (connection) => void await connection.send("hello, and goodbye"),
 * );
 * let greetings = 0;
 * for await (
 *   const connection of reconnecting({
 *     address: server.address,
 *     codec: lines(),
 *     initialDelayMs: 1,
 *   })
 * ) {
 *   await connection.forEach(() => void greetings++);
 *   if (greetings === 3) break;
 * }
 * assertEquals(greetings, 3);
 * ```
 *
 * @param options The address, the codec, and how long to wait.
 * @returns The connections, until the loop is left. When `signal` aborts, the
 * current connection is aborted and the loop throws the signal's reason. The
 * loop throws a `NetError`, that of the last attempt, after `maxAttempts`, and
 * at once `PERMISSION_DENIED` and any error that is not a `NetError`.
 * @throws {TypeError} If the address or the codec is none, or there is no such
 * option.
 * @throws {RangeError} If an option is out of its range; it is named.
 */
export function reconnecting<In, Out>(
  options: ReconnectingOptions<In, Out>,
): AsyncGenerator<FramedConnection<In, Out>, void, void> {
  checkOptions("reconnecting", options, kinds);
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
  checkTarget(options);
  return connections(options, {
    initialDelayMs,
    maxDelayMs,
    stableAfterMs,
    maxAttempts,
  });
}

type Limits = Required<
  Pick<
    ReconnectingOptions<never>,
    "initialDelayMs" | "maxDelayMs" | "stableAfterMs" | "maxAttempts"
  >
>;

async function* connections<In, Out>(
  options: ReconnectingOptions<In, Out>,
  limits: Limits,
): AsyncGenerator<FramedConnection<In, Out>, void, void> {
  const { signal, onRetry } = options;
  const clientOptions = pickOptions<ClientOptions<In, Out>>(
    options,
    clientKinds,
  );
  /** How often the limit has doubled, and how many attempts failed in a row. */
  let doublings = 0;
  let failures = 0;
  while (true) {
    let reason: unknown;
    const connection = await createClient(clientOptions).catch(
      (error: unknown) => {
        if (signal?.aborted || !mayPass(error)) throw error;
        if (++failures >= limits.maxAttempts) throw error;
        reason = error;
      },
    );
    if (connection) {
      failures = 0;
      const since = performance.now();
      // Counted to the end of the connection: the loop body may take longer.
      const lasted = connection.closed.then(() => performance.now() - since);
      const stop = () => connection.abort(signal?.reason);
      signal?.addEventListener("abort", stop, { once: true });
      try {
        yield connection;
      } finally {
        await connection.close();
        signal?.removeEventListener("abort", stop);
      }
      if (await lasted >= limits.stableAfterMs) doublings = 0;
      reason = (await connection.closed).error;
      signal?.throwIfAborted();
    }
    const { initialDelayMs, maxDelayMs } = limits;
    const most = Math.min(maxDelayMs, initialDelayMs * 2 ** doublings++);
    const delayMs = Math.random() * most;
    onRetry?.(reason, delayMs);
    await wait(delayMs, signal);
  }
}

/** Whether another attempt may succeed after an error. */
function mayPass(error: unknown): error is NetError {
  return error instanceof NetError && error.code !== "PERMISSION_DENIED";
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

/** Refuses an address or a codec with which no attempt can succeed. */
function checkTarget<In, Out>(options: ReconnectingOptions<In, Out>): void {
  const { address, codec } = options;
  checkCodec(codec);
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
