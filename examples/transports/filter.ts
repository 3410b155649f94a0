/** Numbers the lines of its standard input: `ls | node filter.ts | head`. */

import process from "node:process";
import { framed, lines, NetError } from "../../mod.ts";
import { stdio } from "../../src/net/adapters/process.ts";

const connection = framed(stdio(), lines());
let count = 0;
try {
  await connection.forEach((line) => connection.send(`${++count} ${line}`));
  await connection.close();
} catch (error) {
  // The reader has left: `head` has enough.
  if (!(error instanceof NetError)) throw error;
  console.error(`filter.ts: ${error.message}`);
  process.exitCode = 1;
}
