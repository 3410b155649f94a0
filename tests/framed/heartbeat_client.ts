/** Connects to the address on its standard input, and tells its process id. */
import process from "node:process";
import { createInterface } from "node:readline";
import { createClient, lines } from "../../mod.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const client = await createClient({
    address: JSON.parse(line),
    codec: lines(),
  });
  await client.send(`pid ${process.pid}`);
  void client.forEach(() => undefined);
}
