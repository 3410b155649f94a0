/** Mosquitto 2.0, a broker of MQTT 3.1, 3.1.1 and 5. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { noProgram } from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";

/** Why tests with Mosquitto are skipped; `false` where they are not. */
export const noMosquitto: false | string = noProgram("mosquitto");

/** Starts Mosquitto, which lets anybody in. Sessions are lost when it is killed. */
export function startMosquitto(): Promise<ServerProcess> {
  return startServer("mosquitto", ({ port, folder }) => {
    const file = join(folder, "mosquitto.conf");
    writeFileSync(
      file,
      `listener ${port} 127.0.0.1
allow_anonymous true
log_dest stderr
`,
    );
    return { command: ["mosquitto", "-v", "-c", file], ready: " running" };
  });
}
