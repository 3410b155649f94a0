import { checkOptions, type OptionKinds } from "../checks.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { Attempts, backoffKinds, type BackoffOptions } from "./attempts.ts";
import { clientKinds, type ClientOptions } from "./create_client.ts";

/** Options of {@linkcode reconnecting}. */
export interface ReconnectingOptions<In, Out = In>
  extends ClientOptions<In, Out>, BackoffOptions {
  /**
   * Called with each new connection before the loop gets it: to authenticate, or to
   * say what this client wants. It may take as long as `timeoutMs` says. When it
   * throws a `NetError` or a `FrameError`, or takes longer, the attempt has failed and
   * the next one follows; any other error ends the loop.
   */
  login?: (connection: FramedConnection<In, Out>) => Promise<void> | void;
}

const kinds: OptionKinds<ReconnectingOptions<never>> = {
  ...clientKinds,
  ...backoffKinds,
  login: "function",
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
 * With a list of addresses, the first attempt is for the first of them, and each
 * attempt that follows for the next one: after the failure of one server, and after the
 * end of a connection, the client goes on to another.
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
 * @example A login at each connection
 * ```ts
 * import { lines, reconnecting, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   async (connection) => {
 *     const user = await connection.receive();
 *     await connection.send(`Hello ${user}`);
 *   },
 * );
 * for await (
 *   const connection of reconnecting({
 *     address: server.address,
 *     codec: lines(),
 *     login: async (connection) => void await connection.send("Michael"),
 *   })
 * ) {
 *   assertEquals(await connection.receive(), "Hello Michael");
 *   break;
 * }
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
  return connections(new Attempts(options), options.signal);
}

async function* connections<In, Out>(
  attempts: Attempts<In, Out>,
  signal: AbortSignal | undefined,
): AsyncGenerator<FramedConnection<In, Out>, void, void> {
  while (true) {
    const connection = await attempts.connect();
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
    attempts.ended(await lasted);
    await attempts.wait((await connection.closed).error);
  }
}
