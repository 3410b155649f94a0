/**
 * One message a connection and no answer: `one_read_server.ts [ADDRESS]`.
 *
 * What was wrong: one `recv(1024)` may bring half of the message, and what was
 * not read when the socket was closed reset the connection under the client.
 */

import { formatAddress } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { messagesByQuiet, unframed } from "../support/unframed.ts";
import { RequestHandler, serveRequests } from "./request_handler.ts";

class PrintOne extends RequestHandler<string | Uint8Array, Uint8Array> {
  readonly client: string = formatAddress(this.request.remoteAddress);

  override async handle(): Promise<void> {
    for await (const message of messagesByQuiet(this.request)) {
      console.log(`client: ${this.client} msg: ${message}`);
      break;
    }
  }

  override finish(): void {
    console.log(`client: ${this.client} done`);
  }
}

const [address = "tcp://127.0.0.1:9999"] = programArguments(
  "one_read_server.ts [ADDRESS]: prints one message a connection",
);
const server = await serveRequests(
  { address, codec: unframed, signal: stopSignal() },
  PrintOne,
);
console.log(`Listening on ${formatAddress(server.address)}`);
