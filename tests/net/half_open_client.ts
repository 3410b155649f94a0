/** Reads to the peer's end, and does not close its own side. */
import process from "node:process";
import { connect } from "../../src/net/mod.ts";

const connection = await connect({ port: Number(process.argv[2]) });
for await (const chunk of connection.readable) console.log(chunk.length);
console.log("ended");
