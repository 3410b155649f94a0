import { assert, assertEquals } from "@std/assert";
import { NetError } from "../../mod.ts";
import type { ServerProcess } from "../support/server_process.ts";

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
  const errors: unknown[] = [];
  const requests = Array.from(
    { length: 50 },
    (_, n) => request(n).catch((error) => void errors.push(error)),
  );
  await server.kill();
  await Promise.all(requests);
  assertEquals(errors.length, 50);
  assertEquals(new Set(errors).size, 50);
  for (const error of errors) {
    assert(error instanceof NetError, `${error}`);
    const codes = ["CONNECTION_CLOSED", "CONNECTION_RESET"];
    assert(codes.includes(error.code), `${error.code}: ${error.message}`);
  }
  await server.start();
}
