/** python-hl7 0.4, a server and a client of HL7 over MLLP. */

import type { JsonValue } from "../../../src/codec/views/json.ts";
import {
  debianPython,
  noPythonPackage,
  projectFile,
} from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";
import { runClient } from "./run_client.ts";

const script = (name: string) => projectFile(`tests/real/servers/${name}`);

/** Why tests with python-hl7 are skipped; `false` where they are not. */
export const noHl7: false | string = noPythonPackage("hl7");

/** Starts a server that acknowledges each message (`AA`). */
export function startHl7(): Promise<ServerProcess> {
  return startServer("hl7", ({ port }) => ({
    command: [debianPython, script("hl7_server.py"), `${port}`],
    ready: "serving",
  }));
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
  const program = [debianPython, script("hl7_client.py")] as const;
  return runClient([...program, `${port}`, JSON.stringify(messages)]);
}
