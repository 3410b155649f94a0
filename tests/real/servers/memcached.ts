/** memcached 1.6. */

import { noProgram } from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";

/** Why tests with memcached are skipped; `false` where they are not. */
export const noMemcached: false | string = noProgram("memcached");

/** Starts memcached, for the text and the binary protocol. */
export function startMemcached(): Promise<ServerProcess> {
  return startServer("memcached", ({ port }) => ({
    command: [
      "memcached",
      ...["-u", "nobody", "-l", "127.0.0.1", "-p", `${port}`, "-U", "0"],
      "-vv",
    ],
    ready: "server listening",
  }));
}
