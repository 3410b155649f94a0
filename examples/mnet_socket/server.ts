/**
 * The server of MNetSocket: `server.ts [ADDRESS]`.
 *
 * What was wrong: one client, and then the program ended; a body of any length
 * was waited for; the end of the stream was read for ever; an unknown command or
 * a body that is no JSON ended the server.
 */

import process from "node:process";
import { formatAddress, serve } from "../../mod.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { unframed } from "../support/unframed.ts";
import { codec, command, frame, valueOf } from "./protocol.ts";

const [address = "tcp://127.0.0.1:5006"] = process.argv.slice(2);
const server = await serve(
  { address, codec, signal: stopSignal() },
  async (connection) => {
    for await (const message of connection) {
      switch (message.command) {
        case command.inform:
          console.log("inform", valueOf(message));
          break;
        case command.request:
        case command.parameters:
          console.log(
            message.command === command.request ? "request" : "parameters",
            valueOf(message),
          );
          if (message.wantsReply) {
            await connection.send(frame("inform", "这是消息"));
          }
          break;
        case command.exit:
          // The goodbye has no header: another format from here on.
          await connection.switchCodec(unframed).send("EXIT");
          return;
        default:
          throw new Error(`Unknown command: ${message.command}`);
      }
    }
  },
);
console.log(`Listening on ${formatAddress(server.address)}`);
