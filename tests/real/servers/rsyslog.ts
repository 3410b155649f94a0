/** rsyslog 8.2302, which receives messages over TCP, and sends them on. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noProgram } from "../../support/programs.ts";
import { freePlace, ServerProcess } from "../../support/server_process.ts";

/** Why tests with rsyslog are skipped; `false` where they are not. */
export const noRsyslog: false | string = noProgram("rsyslogd");

/** rsyslog, which keeps what it has received, as it came. */
export class Rsyslog extends ServerProcess {
  /**
   * Starts it. It takes messages with octet counting and those that end with a line
   * feed, from one message to the next.
   *
   * @param forwardTo A port of 127.0.0.1 that it sends messages on to, with octet
   * counting and in the format of RFC 5424. Its format ends with a line feed, which it
   * counts as a part of the message.
   */
  static async start(forwardTo?: number): Promise<Rsyslog> {
    const place = await freePlace("rsyslog");
    const { port, folder } = place;
    const config = join(folder, "rsyslog.conf");
    writeFileSync(
      config,
      `global(workDirectory="${folder}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="${port}")
template(name="raw" type="string" string="%rawmsg%\\n")
action(type="omfile" file="${join(folder, "messages")}" template="raw")
` + (forwardTo === undefined ? "" : `
action(type="omfwd" target="127.0.0.1" port="${forwardTo}" protocol="tcp"
  TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
  action.resumeRetryCount="-1" action.resumeInterval="1")
`),
    );
    const server = new Rsyslog(place, {
      command: [
        "rsyslogd",
        ...["-n", "-f", config, "-i", join(folder, "pid")],
      ],
    });
    await server.start();
    return server;
  }

  /** The messages that have been received, as they came. */
  messages(): string[] {
    const file = join(this.folder, "messages");
    return existsSync(file)
      ? readFileSync(file, "utf8").split("\n").slice(0, -1)
      : [];
  }
}
