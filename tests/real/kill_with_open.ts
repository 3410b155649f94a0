import type { ServerProcess } from "../support/server_process.ts";
import { assertLost } from "./killed.ts";

/**
 * Kills a server with 50 requests open, and starts it again.
 *
 * Checks that each request is rejected, once, and that its error says that the
 * connection has ended.
 */
export async function killWithOpen(
  server: ServerProcess,
  request: (n: number) => Promise<unknown>,
): Promise<void> {
  // It stands still, so nothing is answered before it is killed.
  server.stop();
  const requests = Array.from({ length: 50 }, (_, n) => request(n));
  const lost = assertLost(requests, "CONNECTION_CLOSED", "CONNECTION_RESET");
  await server.kill();
  await lost;
  await server.start();
}
