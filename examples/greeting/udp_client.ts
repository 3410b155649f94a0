/** A client of the greeting server over UDP: `udp_client.ts [ADDRESS] [NAME ...]`. */

import process from "node:process";
import { bindDatagram } from "../../mod.ts";
import { ask } from "../support/ask.ts";
import "../support/explain_errors.ts";

const [address = "udp://127.0.0.1:9999", ...given] = process.argv.slice(2);
const names = given.length > 0 ? given : ["Michael", "Tracy", "Sarah"];

await using socket = await bindDatagram("udp://0.0.0.0:0");
for (const name of names) {
  const { data } = await ask(socket, new TextEncoder().encode(name), address);
  console.log(new TextDecoder().decode(data));
}
