import type { FramedConnection } from "../framed/framed.ts";
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
 * @returns The connections, until the loop is left or `signal` aborts.
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
  let failures = 0;
  while (true) {
    let reason: unknown;
    try {
      const connection = await createClient(options);
      try {
        yield connection;
      } finally {
        await connection.close();
      }
      if (connection.framesReceived > 0) failures = 0;
      reason = (await connection.closed).error;
    } catch (error) {
      if (signal?.aborted || failures + 1 >= maxAttempts) throw error;
      reason = error;
    }
    const most = Math.min(maxDelayMs, initialDelayMs * 2 ** failures++);
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
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
