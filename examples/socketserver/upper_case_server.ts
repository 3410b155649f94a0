/**
 * Sends back what comes, in upper case: `upper_case_server.ts [ADDRESS]`.
 *
 * Bytes are answered by bytes, so no message is needed here, and however the
 * network cuts them the answer is the same. What was wrong is elsewhere: a
 * thread a client, none of which had a limit of any kind.
 */

import { formatAddress } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { unframed } from "../support/unframed.ts";
import { RequestHandler, serveRequests } from "./request_handler.ts";

class UpperCase extends RequestHandler<string | Uint8Array, Uint8Array> {
  override async handle(): Promise<void> {
    await this.request.forEach((bytes) => this.request.send(upperCase(bytes)));
  }
}

/** ASCII only, like `bytes.upper()`: a character may be cut in two here. */
function upperCase(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
}

const [address = "tcp://127.0.0.1:8080"] = programArguments(
  "upper_case_server.ts [ADDRESS]: sends back what comes, in upper case",
);
const server = await serveRequests(
  { address, codec: unframed, signal: stopSignal() },
  UpperCase,
);
console.log(`Listening on ${formatAddress(server.address)}`);
