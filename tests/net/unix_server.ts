/** Listens at the path of a Unix socket until it is killed. */

import process from "node:process";
import { listen } from "../../src/net/mod.ts";

const listener = await listen({ path: process.argv[2]! });
console.log(process.pid);
for await (const connection of listener) await connection.close();
