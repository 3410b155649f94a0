import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createClient, lines, listen, NetError, serve } from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";

test("createClient() rejects with CONNECTION_REFUSED where nobody listens", async () => {
  const listener = await listen({ port: 0 });
  const { address } = listener;
  await listener.close();
  const error = await assertRejects(
    () => createClient({ address, codec: lines() }),
    NetError,
  );
  assertEquals(error.code, "CONNECTION_REFUSED");
});

test("createClient() rejects with the reason of its signal", async () => {
  await using listener = await listen({ port: 0 });
  const reason = new Error("changed my mind");
  const error = await assertRejects(() =>
    createClient({
      address: listener.address,
      codec: lines(),
      signal: AbortSignal.abort(reason),
    })
  );
  assertEquals(error, reason);
});

test("createClient() sends and receives while the other does too", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) => connection.forEach((line) => connection.send(`> ${line}`)),
  );
  await using client = await createClient({
    address: server.address,
    codec: lines(),
  });
  const replies: string[] = [];
  const receiving = client.forEach((line) => void replies.push(line));
  for (let i = 0; i < 1000; i++) await client.send(`${i}`);
  await client.closeWrite();
  await receiving;
  assertEquals(replies, Array.from({ length: 1000 }, (_, i) => `> ${i}`));
  assertEquals(await client.closed, { by: "local" });
});

test("createClient() keeps no connection when the codec cannot be had", async () => {
  const network = memoryNetwork();
  await using listener = await network.listen("memory:a");
  const reason = new Error("no encoder today");
  const codec = {
    ...lines(),
    encoder: () => {
      throw reason;
    },
  };
  const error = await assertRejects(() =>
    createClient({ address: "memory:a", codec, network })
  );
  assertEquals(error, reason);
  for await (const connection of listener) {
    assertEquals((await connection.closed).by, "remote");
    break;
  }
});
