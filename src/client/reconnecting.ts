import type { FramedConnection } from "../framed/framed.ts";
import { after } from "../net/timer.ts";
import { type ClientOptions, createClient } from "./create_client.ts";

/** Options of {@linkcode reconnecting}. */
export interface ReconnectingOptions<In, Out = In>
  extends ClientOptions<In, Out> {
  /**
   * Within how long the first attempt is repeated, in milliseconds; the time
   * doubles with each failure.
   *
   * @default {100}
   */
  initialDelayMs?: number;
  /**
   * To what that time grows, in milliseconds.
   *
   * @default {30_000}
   */
  maxDelayMs?: number;
  /**
   * How many attempts may fail in a row.
   *
   * @default {Infinity}
   */
  maxAttempts?: number;
  /** Is told why an attempt failed, and when the next one comes. */
  onRetry?: (error: unknown, delayMs: number) => void;
}

/**
 * Connects, and connects again whenever the connection has ended: each is
 * handed out in its turn, and closed when the loop goes on.
 *
 * The wait before an attempt is random, up to a time that doubles (exponential
 * backoff with full jitter), so that the clients of a server that comes back do
 * not all come at once. It starts anew after a connection on which something was
 * received. What was sent and not answered is the business of the caller: only
 * they know what may be said twice.
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
 * @param options Where to, what format, and how long to wait.
 * @returns The connections, until the loop is left. When `signal` aborts, the
 * connection that is out is aborted, too, and the loop throws its reason.
 * @throws {NetError} Why the last attempt failed, after `maxAttempts`.
 */
export async function* reconnecting<In, Out>(
  options: ReconnectingOptions<In, Out>,
): AsyncGenerator<FramedConnection<In, Out>, void, void> {
  const {
    initialDelayMs = 100,
    maxDelayMs = 30_000,
    maxAttempts = Infinity,
    signal,
    onRetry,
  } = options;
  /** How often the time has doubled, and how many attempts failed in a row. */
  let doublings = 0;
  let failures = 0;
  while (true) {
    let reason: unknown;
    const connection = await createClient(options).catch((error: unknown) => {
      if (signal?.aborted || ++failures >= maxAttempts) throw error;
      reason = error;
    });
    if (connection) {
      failures = 0;
      const stop = () => connection.abort(signal?.reason);
      signal?.addEventListener("abort", stop, { once: true });
      try {
        yield connection;
      } finally {
        await connection.close();
        signal?.removeEventListener("abort", stop);
      }
      if (connection.framesReceived > 0) doublings = 0;
      reason = (await connection.closed).error;
      signal?.throwIfAborted();
    }
    const most = Math.min(maxDelayMs, initialDelayMs * 2 ** doublings++);
    const delayMs = Math.random() * most;
    onRetry?.(reason, delayMs);
    await wait(delayMs, signal);
  }
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
