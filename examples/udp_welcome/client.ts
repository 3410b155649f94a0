/**
 * Sends each message, or an empty datagram, and prints the answers, which are in
 * GBK: `client.ts [ADDRESS] [MESSAGE ...]`.
 */

import { programArguments } from "../support/arguments.ts";
import { ask } from "../support/ask.ts";

const [address = "udp://127.0.0.1:8080", ...given] = programArguments(
  "client.ts [ADDRESS] [MESSAGE ...]: sends each message, and prints the answers",
);
const messages = given.length > 0 ? given : [""];

for (const message of messages) {
  const answer = await ask(new TextEncoder().encode(message), address);
  console.log(new TextDecoder("gbk").decode(answer));
}
