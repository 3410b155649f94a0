/** What a broadcast costs, and what it leaves alone. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  type Codec,
  connect,
  createClient,
  defineCodec,
  lengthPrefixed,
  lines,
  serve,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { turn } from "../support/scripted_transport.ts";

test("broadcast() holds one copy for all members that have stalled", async () => {
  const format = lengthPrefixed({ maxFrameLength: 8_000_000 });
  const encoded: Uint8Array[] = [];
  const codec: Codec<Uint8Array> = {
    name: format.name,
    decoder: () => format.decoder(),
    encoder: () => format.encoder(),
    decode: (bytes) => format.decode(bytes),
    encode(frame) {
      const bytes = format.encode(frame);
      encoded.push(bytes);
      return bytes;
    },
  };
  const network = memoryNetwork();
  const address = "memory:broadcast";
  await using server = await serve(
    { address, codec, network },
    (peer) => peer.forEach(() => undefined),
  );
  const stalled = await Promise.all(
    Array.from({ length: 20 }, () => network.connect(address)),
  );
  while (server.connections.size < 20) await turn();
  // Nobody may copy the bytes: not by pieces either, but for what the system takes.
  const { set, slice } = Uint8Array.prototype;
  let copied = 0;
  Object.assign(Uint8Array.prototype, {
    set(this: Uint8Array, source: ArrayLike<number>, offset?: number) {
      copied += source.length;
      set.call(this, source, offset);
    },
    slice(this: Uint8Array, start?: number, end?: number) {
      const copy = slice.call(this, start, end);
      copied += copy.length;
      return copy;
    },
  });
  try {
    for (let i = 0; i < 2; i++) server.broadcast(new Uint8Array(4_000_000));
    await turn();
    await turn();
  } finally {
    Reflect.deleteProperty(Uint8Array.prototype, "set");
    Reflect.deleteProperty(Uint8Array.prototype, "slice");
  }
  assertEquals(encoded.length, 2);
  for (const { bufferedBytes } of server.connections.values()) {
    assert(bufferedBytes > 7_500_000, `${bufferedBytes}`);
  }
  // To encode each, and the window of each member; and not 20 times 8 MB.
  assert(copied < 40_000_000, `${copied} bytes were copied`);
  for (const connection of stalled) connection.abort();
});

/** Lines with a number in front, which counts the frames of a connection. */
function numbered(): Codec<string> {
  const format = lines();
  return defineCodec<string, string>({
    name: "numbered",
    reader: () => ({
      read(input) {
        const end = input.indexOf(10);
        if (end < 0) return undefined;
        const line = new TextDecoder().decode(input.take(end));
        input.skip(1);
        return line;
      },
      finish: () => undefined,
    }),
    encoder() {
      let count = 0;
      const { encode } = format.encoder();
      return {
        encode: (frame, output) => encode(`${++count} ${frame}`, output),
      };
    },
  });
}

test("broadcast() does not restart encoders that have a state", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: numbered() },
    async (peer) => {
      for await (const line of peer) await peer.send(line);
    },
  );
  const options = { address: server.address, codec: lines() };
  await using one = await createClient(options);
  await using two = await createClient(options);
  await one.send("only to one");
  assertEquals(await one.receive(), "1 only to one");
  while (server.connections.size < 2) await turn();
  server.broadcast("news");
  server.broadcast("more");
  assertEquals(await one.receive(), "2 news");
  assertEquals(await one.receive(), "3 more");
  assertEquals(await two.receive(), "1 news");
  assertEquals(await two.receive(), "2 more");
});

test("broadcast() to some counts their ids, and passes over those that have gone", async () => {
  await using server = await serve({ address: { port: 0 }, codec: lines() }, (
    peer,
  ) => peer.forEach(() => undefined));
  const gone = await connect(server.address);
  while (server.connections.size < 1) await turn();
  const [old] = server.connections.keys();
  gone.abort();
  while (server.connections.size > 0) await turn();
  await using client = await createClient({
    address: server.address,
    codec: lines(),
  });
  while (server.connections.size < 1) await turn();
  server.broadcast("hello", [old!, ...server.connections.keys(), -1]);
  assertEquals(await client.receive(), "hello");
});
