/** Clients of other people's making, which tests let talk to a server of ours. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { JsonValue } from "../../../src/codec/views/json.ts";

/** Runs a program to its end. Resolves to the JSON that it prints. */
export async function runClient(
  [program, ...args]: readonly [string, ...string[]],
): Promise<JsonValue> {
  const { stdout } = await promisify(execFile)(program, args, {
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  return JSON.parse(stdout);
}
