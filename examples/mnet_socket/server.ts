/**
 * The server of MNetSocket: `server.ts [ADDRESS]`.
 *
 * What was wrong: one client, and then the program ended; a body of any length
 * was waited for; the end of the stream was read for ever; an unknown command or
 * a body that is no JSON ended the server.
 */

import { formatAddress } from "../../mod.ts";
import { serveMessages } from "../../src/message/mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { dialect, goodbye } from "./protocol.ts";

const [address = "tcp://127.0.0.1:5006"] = programArguments(
  "server.ts [ADDRESS]: the server of MNetSocket",
);
const server = await serveMessages(
  {
    address,
    dialect,
    signal: stopSignal(),
    onConnectionError: (error, peer) =>
      console.error(`${formatAddress(peer)}: ${error}`),
  },
  (peer, connection) => {
    for (const command of ["inform", "request", "parameters"]) {
      peer.onEvent(command, (body) => console.log(command, body));
    }
    // These two may come with the wish for a reply, or without.
    for (const command of ["request", "parameters"]) {
      peer.on(command, (body) => {
        console.log(command, body);
        return "这是消息";
      });
    }
    peer.onEvent("exit", async () => {
      connection.switchCodec(goodbye);
      await peer.emit("exit", "EXIT");
      await peer.close();
    });
  },
);
console.log(`Listening on ${formatAddress(server.address)}`);
