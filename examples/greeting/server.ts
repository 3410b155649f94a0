/**
 * The greeting server: `server.ts [ADDRESS]`. Its clients write bare names.
 *
 * What was wrong: `recv(1024)` was taken for a message, so that a name cut by
 * the network was greeted twice, a Chinese one cut inside a character raised an
 * error, and `exit` in two pieces was greeted too. Without framing a message can
 * only be guessed by the pause behind it; with `codec: lines()` it could be known.
 */

import { formatAddress, serve } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { messagesByQuiet, unframed } from "../support/unframed.ts";

const [address = "tcp://127.0.0.1:9999"] = programArguments(
  "server.ts [ADDRESS]: greets each name",
);
const server = await serve(
  { address, codec: unframed, signal: stopSignal() },
  async (connection) => {
    await connection.send("Welcome!");
    for await (const name of messagesByQuiet(connection)) {
      if (name === "exit") break;
      await connection.send(`你好,${name}`);
    }
  },
);
console.log(`Listening on ${formatAddress(server.address)}`);
