// A server and a client in one process, from the installed package.
import { createClient, lengthPrefixed, serve } from "@framewire/framewire";

const codec = lengthPrefixed();
const server = await serve(
  { address: { port: 0 }, codec },
  async (connection) => {
    for await (const frame of connection) await connection.send(frame);
  },
);
const client = await createClient({ address: server.address, codec });

// One message that is empty, one small, one larger than any socket's buffer.
const sizes = [0, 5, 900_000];
for (const size of sizes) await client.send(new Uint8Array(size).fill(size));

const replies = [];
for await (const reply of client) {
  replies.push(reply.length);
  if (replies.length === sizes.length) break;
}
await client.close();
await server.close();
console.log(`echoed ${replies.join(", ")} on port ${server.address.port > 0}`);
