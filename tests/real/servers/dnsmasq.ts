/** dnsmasq 2.90, a server of DNS. */

import { noProgram } from "../../support/programs.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";

/** Why tests with dnsmasq are skipped; `false` where they are not. */
export const noDnsmasq: false | string = noProgram("dnsmasq");

/**
 * Starts dnsmasq, which knows the records that are given and asks nobody.
 *
 * @param records Options of its command line, such as `--txt-record=a.test,hello` and
 * `--host-record=a.test,192.0.2.1`.
 */
export function startDnsmasq(...records: string[]): Promise<ServerProcess> {
  return startServer("dnsmasq", ({ port }) => ({
    command: [
      "dnsmasq",
      // With --no-daemon it serves one connection of TCP after the other.
      ...["--keep-in-foreground", "--conf-file=/dev/null", "--pid-file="],
      ...[`--port=${port}`, "--listen-address=127.0.0.1", "--bind-interfaces"],
      ...["--no-resolv", "--no-hosts", "--user=", "--log-facility=-"],
      ...records,
    ],
    ready: "started, version",
    // It has a process for each connection of TCP.
    leadsGroup: true,
  }));
}
