/**
 * A client of the echo server, for any runtime: `echo_client.ts ADDRESS`. Sends
 * the same frames three times, each time cut differently, and compares what
 * comes back. Prints how many came, and ends by itself.
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import {
  connect,
  createClient,
  type Framed,
  framed,
  lengthPrefixed,
} from "../../mod.ts";
import { randomNumbers } from "../support/cuts.ts";

const [address = ""] = process.argv.slice(2);
const codec = lengthPrefixed();
const random = randomNumbers(1);
const frames = sizes().map((size, seed) =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) + seed) & 255)
);

// Glued: all at once, with no waiting in between.
await check(
  await createClient({ address, codec }),
  (client) => Promise.all(frames.map((frame) => client.send(frame))),
);

// One after another, each in a write of its own.
await check(await createClient({ address, codec }), async (client) => {
  for (const frame of frames) await client.send(frame);
});

// Cut, without regard to where frames begin.
const connection = await connect(address);
const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
  transform(bytes, controller) {
    for (let from = 0, to = 0; from < bytes.length; from = to) {
      to = from + 1 + Math.floor(10_000 * random() ** 4);
      controller.enqueue(bytes.subarray(from, to));
    }
  },
});
const duplex = { readable: connection.readable, writable };
await Promise.all([
  readable.pipeTo(connection.writable),
  check(framed(duplex, codec), async (client) => {
    for (const frame of frames) await client.send(frame);
  }),
]);
console.log(`${3 * frames.length} frames came back`);

/** Sends by `send` and checks that the same frames, and no more, come back. */
async function check(
  client: Framed<Uint8Array>,
  send: (client: Framed<Uint8Array>) => Promise<unknown>,
): Promise<void> {
  let count = 0;
  const compare = (frame: Uint8Array) => {
    const sent = frames[count++];
    if (sent === undefined || Buffer.compare(sent, frame) !== 0) {
      throw new Error(
        `Frame ${count} of ${sent?.length} bytes came back otherwise: ${frame.length} bytes`,
      );
    }
  };
  await Promise.all([
    client.forEach(compare),
    send(client).then(() => client.closeWrite()),
  ]);
  if (count !== frames.length) {
    throw new Error(`Sent ${frames.length} frames, got ${count}`);
  }
  await client.close();
}

/** Small ones, those around the sizes of buffers, and any up to 300 KiB. */
function sizes(): number[] {
  const all = [0, 1, 2, 3, 307_200];
  for (let size = 8; size <= 262_144; size *= 2) {
    all.push(size - 5, size - 4, size - 1, size, size + 1);
  }
  while (all.length < 300) all.push(Math.floor(307_200 * random() ** 8));
  // Mixed: so that small ones stand between large ones.
  return all.map((size) => ({ size, at: random() }))
    .sort((a, b) => a.at - b.at).map(({ size }) => size);
}
