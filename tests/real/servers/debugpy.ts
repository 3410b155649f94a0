/** debugpy 1.6, a debugger of Python that speaks the Debug Adapter Protocol. */

import { debianPython, noPythonPackage } from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";

/** Why tests with debugpy are skipped; `false` where they are not. */
export const noDebugpy: false | string = noPythonPackage("debugpy");

/**
 * Starts the debug adapter. Each connection is a session of its own. When no connection
 * is left, the adapter exits; `start` starts it again.
 */
export function startDebugpy(): Promise<ServerProcess> {
  return startServer("debugpy", ({ port, folder }) => ({
    command: [
      ...[debianPython, "-m", "debugpy.adapter"] as const,
      ...["--host", "127.0.0.1", "--port", `${port}`, "--log-stderr"],
    ],
    // It writes files with the ports of its sessions.
    env: { TMPDIR: folder },
    ready: "Listening for incoming Client connections",
    // It starts the programs that are debugged.
    leadsGroup: true,
  }));
}
