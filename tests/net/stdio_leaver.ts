/** Takes one line, closes, and has nothing left to do while its input is open. */

import { framed, lines } from "../../mod.ts";
import { stdio } from "../../src/net/adapters/process.ts";

const connection = framed(stdio(), lines(), { closeTimeoutMs: 50 });
try {
  stdio();
} catch (error) {
  await connection.send(String(error));
}
await connection.send(`got ${await connection.receive()}`);
await connection.send("x".repeat(1_000_000));
await connection.close();
