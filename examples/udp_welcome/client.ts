/**
 * Sends each message, or an empty datagram, and prints the answers, which are in
 * GBK: `client.ts [ADDRESS] [MESSAGE ...]`.
 */

import process from "node:process";
import { bindDatagram } from "../../mod.ts";
import { ask } from "../support/ask.ts";
import "../support/explain_errors.ts";

const [address = "udp://127.0.0.1:8080", ...given] = process.argv.slice(2);
const messages = given.length > 0 ? given : [""];

await using socket = await bindDatagram("udp://0.0.0.0:0");
for (const message of messages) {
  const { data } = await ask(
    socket,
    new TextEncoder().encode(message),
    address,
  );
  console.log(new TextDecoder("gbk").decode(data));
}
