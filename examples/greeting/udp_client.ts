/** A client of the greeting server over UDP: `udp_client.ts [ADDRESS] [NAME ...]`. */

import { programArguments } from "../support/arguments.ts";
import { ask } from "../support/ask.ts";

const [address = "udp://127.0.0.1:9999", ...given] = programArguments(
  "udp_client.ts [ADDRESS] [NAME ...]: has each name greeted, over UDP",
);
const names = given.length > 0 ? given : ["Michael", "Tracy", "Sarah"];

for (const name of names) {
  const answer = await ask(new TextEncoder().encode(name), address);
  console.log(new TextDecoder().decode(answer));
}
