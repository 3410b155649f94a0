/**
 * The server of the lesson on sockets and threads: `server.ts [ADDRESS]`. Any
 * text is acknowledged; `q` ends the connection.
 *
 * What was wrong: a thread a client, none of which ended when its client did:
 * the end of the stream reads as an empty text, which was answered for ever.
 */

import { formatAddress, serve } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { messagesByQuiet, unframed } from "../support/unframed.ts";

const [address = "tcp://127.0.0.1:6666"] = programArguments(
  "server.ts [ADDRESS]: acknowledges any text; q ends the connection",
);
const server = await serve(
  { address, codec: unframed, signal: stopSignal() },
  async (connection) => {
    const client = formatAddress(connection.remoteAddress);
    for await (const text of messagesByQuiet(connection)) {
      console.log(`[INFO] received from ${client}: ${text}`);
      if (text === "q") break;
      await connection.send("[INFO] server has received your messages");
    }
    console.log(`[INFO] client ${client} quit`);
  },
);
console.log(`Listening on ${formatAddress(server.address)}`);
