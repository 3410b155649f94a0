/** Servers and clients in Python, whose scripts lie beside this file. */

import type { JsonValue } from "../../../src/codec/views/json.ts";
import { debianPython, projectFile } from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";
import { runClient } from "./run_client.ts";

const pathOf = (script: string) => projectFile(`tests/real/servers/${script}`);

/** Starts a server, which gets its port, and says when it serves. */
export function startPython(
  name: string,
  script: string,
): Promise<ServerProcess> {
  return startServer(name, ({ port }) => ({
    command: [debianPython, pathOf(script), `${port}`],
    ready: "serving",
  }));
}

/** Runs a client, which gets the port of a server and what to do there. */
export function runPython(
  script: string,
  port: number,
  task: unknown,
): Promise<JsonValue> {
  const program = [debianPython, pathOf(script)] as const;
  return runClient([...program, `${port}`, JSON.stringify(task)]);
}
