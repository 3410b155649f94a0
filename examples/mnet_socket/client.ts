/** A client of MNetSocket: `client.ts [ADDRESS]`. */

import { createClient } from "../../mod.ts";
import { Peer } from "../../src/message/mod.ts";
import { programArguments } from "../support/arguments.ts";
import { dialect, goodbye } from "./protocol.ts";

const [address = "tcp://127.0.0.1:5006"] = programArguments(
  "client.ts [ADDRESS]: a client of MNetSocket",
);
const connection = await createClient({ address, codec: dialect.codec });
await using peer = new Peer(dialect.open(connection));
peer.onEvent("exit", (word) => console.log("goodbye", word));

// Both are on their way at once; the replies come in this order.
const parameters = peer.request("parameters", {
  logPath: "大家伙",
  brainNames: "大家伙",
});
await peer.emit("inform", { hello: "世界" });
const request = peer.request("request", { hello: "世界" });
console.log("parameters", await parameters);
console.log("request", await request);

await peer.emit("exit", null);
connection.switchCodec(goodbye);
await peer.closed;
