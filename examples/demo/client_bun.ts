/** Bun, from the sources: `createClient()` sends and receives messages. */

import {
  connect,
  createClient,
  type Framed,
  framed,
  lengthPrefixed,
} from "../../mod.ts";
import { address, messages, report } from "./exchange.ts";

const codec = lengthPrefixed({ endian: "little", lengthIncludes: "frame" });

// What is sent in the same turn is written together, up to the high-water mark.
const client = await createClient({
  address,
  codec,
  highWaterMark: 1_048_576,
});
report("glued", client, await exchange(client));

// To spoil the bytes, something has to stand between the frames and the socket:
// framed() takes any pair of streams.
const connection = await connect(address);
const cutter = new TransformStream<Uint8Array, Uint8Array>({
  transform(bytes, controller) {
    for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
  },
});
const { readable } = connection;
const [replies] = await Promise.all([
  exchange(framed({ readable, writable: cutter.writable }, codec)),
  cutter.readable.pipeTo(connection.writable),
]);
report("cut", connection, replies);

async function exchange(client: Framed<Uint8Array>): Promise<Uint8Array[]> {
  const [replies] = await Promise.all([
    Array.fromAsync(client),
    Promise.all(messages.map((message) => client.send(message)))
      .then(() => client.closeWrite()),
  ]);
  return replies;
}
