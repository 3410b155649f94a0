/**
 * The server of MNetSocket: `server.ts [ADDRESS]`.
 *
 * What was wrong: one client, and then the program ended; a body of any length
 * was waited for; the end of the stream was read for ever; an unknown command or
 * a body that is no JSON ended the server.
 */

import process from "node:process";
import { formatAddress } from "../../mod.ts";
import { serveMessages } from "../../src/message/mod.ts";
import "../support/explain_errors.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { channel, goodbye } from "./protocol.ts";

const [address = "tcp://127.0.0.1:5006"] = process.argv.slice(2);
const server = await serveMessages(
  { address, channel, signal: stopSignal() },
  (peer, connection) => {
    for (const command of ["request", "parameters"]) {
      peer.on(command, (body) => {
        console.log(command, body);
        return "这是消息";
      });
    }
    // Each may come without the wish for a reply.
    for (const command of ["inform", "request", "parameters"]) {
      peer.onEvent(command, (body) => console.log(command, body));
    }
    peer.onEvent("exit", async () => {
      connection.switchCodec(goodbye);
      await peer.emit("exit", "EXIT");
      await peer.close();
    });
  },
);
console.log(`Listening on ${formatAddress(server.address)}`);
