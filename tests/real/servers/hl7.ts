/** python-hl7 0.4, a server and a client of HL7 over MLLP. */

import type { JsonValue } from "../../../src/codec/views/json.ts";
import { noPythonPackage } from "../../support/programs.ts";
import type { ServerProcess } from "../../support/server_process.ts";
import { runPython, startPython } from "./python_program.ts";

/** Why tests with python-hl7 are skipped; `false` where they are not. */
export const noHl7: false | string = noPythonPackage("hl7");

/** Starts a server that acknowledges each message (`AA`). */
export function startHl7(): Promise<ServerProcess> {
  return startPython("hl7", "hl7_server.py");
}

/**
 * Has the client of python-hl7 send messages, one after the other.
 *
 * @returns The acknowledgement of each.
 */
export function sendWithHl7(
  port: number,
  messages: readonly string[],
): Promise<JsonValue> {
  return runPython("hl7_client.py", port, messages);
}
