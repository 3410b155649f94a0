import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { lines, listen, NetError, reconnecting, serve } from "../../mod.ts";

const codec = lines();

test("reconnecting() connects again when the server comes back", async () => {
  const handler = async (
    connection: { send(line: string): Promise<void> | undefined },
  ) => {
    await connection.send("hello");
  };
  let server = await serve({ address: { port: 0 }, codec }, handler);
  const { address } = server;
  const heard: (string | undefined)[] = [];
  let retries = 0;
  let comingBack: Promise<void> | undefined;
  for await (
    const connection of reconnecting({
      address,
      codec,
      initialDelayMs: 5,
      maxDelayMs: 20,
      onRetry: () => retries++,
    })
  ) {
    heard.push(await connection.receive());
    assertEquals(await connection.receive(), undefined);
    await connection.close();
    if (heard.length === 2) break;
    await server.close();
    comingBack = (async () => {
      // Not before it has been missed.
      while (retries < 3) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      server = await serve({ address, codec }, handler);
    })();
  }
  await comingBack;
  assertEquals(heard, ["hello", "hello"]);
  await server.close();
});

test("reconnecting() rejects with the last error after maxAttempts", async () => {
  const listener = await listen({ port: 0 });
  const { address } = listener;
  await listener.close();
  const delays: number[] = [];
  const connections = reconnecting({
    address,
    codec,
    initialDelayMs: 2,
    maxDelayMs: 3,
    maxAttempts: 4,
    onRetry: (_, delayMs) => delays.push(delayMs),
  });
  const error = await assertRejects(() => connections.next(), NetError);
  assertEquals(error.code, "CONNECTION_REFUSED");
  assertEquals(delays.length, 3);
  assert(delays.every((delay) => delay >= 0 && delay <= 3));
});

test("reconnecting() stops waiting when its signal aborts", async () => {
  const listener = await listen({ port: 0 });
  const { address } = listener;
  await listener.close();
  const stop = new AbortController();
  const reason = new Error("enough");
  const connections = reconnecting({
    address,
    codec,
    initialDelayMs: 1_000_000,
    maxDelayMs: 1_000_000,
    signal: stop.signal,
    onRetry: () => stop.abort(reason),
  });
  assertEquals(await assertRejects(() => connections.next()), reason);
});

test("reconnecting() aborts the connection that is out when its signal aborts", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec },
    (connection) => connection.forEach(() => undefined),
  );
  const stop = new AbortController();
  const reason = new Error("stop");
  let retries = 0;
  const { address } = server;
  const { signal } = stop;
  const error = await assertRejects(async () => {
    for await (
      const connection of reconnecting({
        address,
        codec,
        signal,
        onRetry: () => retries++,
      })
    ) {
      stop.abort(reason);
      await connection.forEach(() => undefined);
    }
  });
  assertEquals(error, reason);
  assertEquals(retries, 0);
});

test("reconnecting() counts only failures in a row for maxAttempts", async () => {
  const server = await serve(
    { address: { port: 0 }, codec },
    (connection) => connection.forEach(() => undefined),
  );
  let connections = 0;
  let retries = 0;
  await assertRejects(async () => {
    for await (
      const connection of reconnecting({
        address: server.address,
        codec,
        initialDelayMs: 1,
        maxDelayMs: 2,
        maxAttempts: 3,
        onRetry: () => retries++,
      })
    ) {
      await connection.send("nothing comes back");
      if (++connections === 5) await server.close();
    }
  }, NetError);
  assertEquals(connections, 5);
  // One after each connection, and one after each failure but the last.
  assertEquals(retries, 5 + 2);
});
