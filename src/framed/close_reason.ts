import { FrameError } from "../codec/errors.ts";
import { NetError } from "../net/errors.ts";
import type { CloseInfo } from "../net/types.ts";

/**
 * One short name for how a connection ended, for counters, logs and alarms. There are
 * no more names than these:
 *
 * | name | how it ended |
 * | --- | --- |
 * | `done` | in good order, this side first |
 * | `peer-done` | in good order, the peer first |
 * | `reset` | the peer reset the connection, or was gone when something was written |
 * | `aborted` | `abort` was called here, without a reason or with an error of the program |
 * | `handler` | the handler of a server threw; only counted by `Server.stats` |
 * | the name of a limit, as `idleTimeoutMs` | the limit was exceeded: `NetError.limit` |
 * | a `FrameErrorCode`, as `FRAME_TOO_LARGE` | the bytes of the peer were not a frame |
 * | a `NetErrorCode`, as `TLS_TRUNCATED` | any other error of the peer and the network |
 *
 * @example
 * ```ts
 * import { closeReason, createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines(), firstFrameTimeoutMs: 20 },
 *   async (connection) => void await connection.receive(),
 * );
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.receive().catch(() => undefined);
 * assertEquals(server.stats().connections.closed, { firstFrameTimeoutMs: 1 });
 * await client.close();
 * console.log(closeReason(await client.closed)); // peer-done, or reset
 * ```
 *
 * @param info How it ended, as `closed` says.
 * @returns The name.
 */
export function closeReason(info: CloseInfo): string {
  if (info.error !== undefined) return reasonOf(info.error);
  return info.by === "remote" ? "peer-done" : "done";
}

/** The name of the error that ended or refused a connection. */
export function reasonOf(error: unknown): string {
  if (error instanceof FrameError) return error.code;
  if (!(error instanceof NetError)) return "aborted";
  if (error.limit !== undefined) return error.limit;
  if (error.code === "CONNECTION_RESET") return "reset";
  return error.code === "CONNECTION_CLOSED" ? "aborted" : error.code;
}
