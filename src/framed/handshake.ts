import {
  checkKind,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import { HANDSHAKE_TIMEOUT_MS } from "../defaults.ts";
import { deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";

/** Options of {@linkcode handshake}. */
export interface HandshakeOptions {
  /**
   * How long all of it may take, in milliseconds. More than 0; `Infinity` for no limit.
   *
   * @default {10_000}
   */
  timeoutMs?: number;
  /** Ends it, and the connection; `handshake` then rejects with its reason. */
  signal?: AbortSignal;
}

const kinds: OptionKinds<HandshakeOptions> = {
  timeoutMs: "checked",
  signal: "signal",
};

/**
 * Does what a protocol does before its messages begin, within one time limit: greets,
 * logs in, starts TLS, changes the format. What it does is a function, which can branch
 * on what the peer answers, and returns the connection in the format in which it goes
 * on, or anything else. It says at which step it is, for errors.
 *
 * Bytes that come glued to the last frame of a format belong to the next one
 * (`switchCodec`), or are refused if TLS was to begin behind it (`startTls`).
 *
 * Where the handshake fails, the connection is aborted, and what was sent last may be
 * lost. To tell the peer why, send it, wait for `close`, and throw then.
 *
 * @example A format that follows a greeting
 * ```ts
 * import {
 *   createClient,
 *   handshake,
 *   lengthPrefixed,
 *   lines,
 *   serve,
 * } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   async (connection) => {
 *     const binary = await handshake(connection, async (connection, step) => {
 *       step("the greeting");
 *       const greeting = await connection.receive();
 *       if (greeting !== "HELLO binary") throw new Error(`Got ${greeting}`);
 *       await connection.send("OK");
 *       return connection.switchCodec(lengthPrefixed());
 *     }, { timeoutMs: 5_000 });
 *     await binary.forEach((frame) => binary.send(frame));
 *   },
 * );
 *
 * const connection = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await using client = await handshake(connection, async (connection, step) => {
 *   step("the greeting");
 *   await connection.send("HELLO binary");
 *   const answer = await connection.receive();
 *   if (answer !== "OK") throw new Error(`The server answered ${answer}`);
 *   return connection.switchCodec(lengthPrefixed());
 * });
 * await client.send(Uint8Array.of(1, 2, 3));
 * assertEquals(await client.receive(), Uint8Array.of(1, 2, 3));
 * ```
 *
 * @example Through a SOCKS5 proxy (RFC 1928), without authentication
 * ```ts
 * import {
 *   createClient,
 *   fixedLength,
 *   type FramedConnection,
 *   handshake,
 *   headerPrefixed,
 *   lines,
 * } from "@framewire/framewire";
 *
 * // VER, CMD or REP, RSV, ATYP, an address of that type, the port
 * const target = headerPrefixed({
 *   headerLength: 5,
 *   frameLength: ([, , , type, length]) =>
 *     type === 1 ? 10 : type === 4 ? 22 : 7 + length!,
 * });
 *
 * async function throughProxy(
 *   address: string,
 *   host: string,
 *   port: number,
 * ): Promise<FramedConnection<string>> {
 *   const codec = fixedLength({ frameLength: 2 });
 *   const connection = await createClient({ address, codec });
 *   return await handshake(connection, async (connection, step) => {
 *     step("the method");
 *     await connection.sendEncoded(Uint8Array.of(5, 1, 0));
 *     const [version, method] = await connection.receive() ?? [];
 *     if (version !== 5 || method !== 0) throw new Error("It wants a password");
 *     step("CONNECT");
 *     const proxy = connection.switchCodec(target);
 *     const name = new TextEncoder().encode(host);
 *     await proxy.send(
 *       Uint8Array.of(5, 1, 0, 3, name.length, ...name, port >> 8, port & 255),
 *     );
 *     const [, reply] = await proxy.receive() ?? [];
 *     if (reply !== 0) throw new Error(`The proxy refuses: ${reply}`);
 *     return proxy.switchCodec(lines());
 *   });
 * }
 * ```
 *
 * @typeParam Begin The connection in the format in which it begins.
 * @typeParam Result What the function returns.
 * @param connection The connection, made by `framed`, `createClient` or `serve`.
 * @param run Does it. It is given the connection, and a function that it may call with
 * the name of each step.
 * @param options How long all of it may take.
 * @returns What `run` returns.
 * @throws {NetError} `HANDSHAKE_FAILED` if `run` throws: with the name of the step, and
 * with that error as its `cause`. `TIMED_OUT` after `timeoutMs`.
 * @throws The reason of `signal`. A `TypeError`, `RangeError` or `ReferenceError` of
 * `run`, which are mistakes of the program, are thrown as they are.
 */
export async function handshake<
  Begin extends { abort(reason?: unknown): void },
  Result,
>(
  connection: Begin,
  run: (connection: Begin, step: (name: string) => void) => Promise<Result>,
  options: HandshakeOptions = {},
): Promise<Result> {
  checkKind("the connection", connection, ["abort"]);
  checkKind("the handshake", run, "function");
  checkOptions("handshake", options, kinds);
  const { timeoutMs = HANDSHAKE_TIMEOUT_MS, signal } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
  let at = "";
  const { promise: failed, reject } = deferred<never>();
  /** Ends it, also where `run` waits for something other than the connection. */
  const stop = (error: unknown) => {
    reject(error);
    connection.abort(error);
  };
  const onAbort = () => stop(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const callOff = after(timeoutMs, () =>
    stop(
      new NetError(
        "TIMED_OUT",
        `The handshake took longer than ${timeoutMs} ms${at} (timeoutMs)`,
        { limit: "timeoutMs" },
      ),
    ));
  const doIt = async () => {
    signal?.throwIfAborted();
    try {
      return await run(connection, (name) => at = ` at ${name}`);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = new NetError(
        "HANDSHAKE_FAILED",
        `The handshake failed${at}: ${why}`,
        { cause },
      );
      connection.abort(error);
      throw isMistake(cause) ? cause : error;
    }
  };
  try {
    return await Promise.race([failed, doIt()]);
  } finally {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Whether an error is a mistake of the program, not what a peer has done. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError ||
    error instanceof ReferenceError;
}
