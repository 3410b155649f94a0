import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { lines, NetError, serve } from "../../../mod.ts";
import { Load } from "../../../src/cli/measure/load.ts";
import { noErrors } from "../../../src/cli/measure/measured.ts";
import { inVirtualTime, watchedNetwork } from "../../../src/testing/mod.ts";
import { address, measure, type Peer, plan, sleep } from "./virtual_load.ts";

test("Load counts replies that are late, and their latencies", () =>
  measure(
    async (peer) => {
      await sleep(300);
      void peer.send("pong");
    },
    { timeoutMs: 250, connections: 2, rate: 4 },
    ({ errors, uncorrected, requests }) => {
      assertEquals(requests, 4);
      assertEquals(errors, { ...noErrors(), timedOut: 4 });
      assertEquals([uncorrected.total, uncorrected.min], [4, 300_000]);
    },
  ));

test("Load counts requests without a reply with the time that they waited", () =>
  measure(
    (peer) => {
      if (performance.now() < 500) void peer.send("pong");
    },
    { rate: 100, timeoutMs: 3_000 },
    ({ errors, corrected, uncorrected, requests, interrupted }) => {
      // 10 connections wait for a reply when nothing can be sent any more.
      assertEquals(errors, { ...noErrors(), timedOut: 10, unsent: 40 });
      assertEquals([requests, corrected!.total], [100, 100]);
      assertEquals(uncorrected.total, 60);
      assert(corrected!.percentile(60) >= 3_000_000);
      assertEquals(interrupted, false);
    },
  ));

test("Load does not count requests of the warm-up that have no reply", () =>
  measure(
    () => undefined,
    { warmUpMs: 500, rate: 10, connections: 2, timeoutMs: 100 },
    ({ errors, corrected, uncorrected, requests, replies }) => {
      // 2 are sent in the warm-up; of the 13 that are not, 3 were due then.
      assertEquals([requests, replies, corrected!.total], [10, 0, 10]);
      assertEquals(uncorrected.total, 0);
      assertEquals(errors, { ...noErrors(), timedOut: 2, unsent: 10 });
    },
  ));

test("Load counts a connection that is reset once for each request that waits", async () => {
  let lost: Peer | undefined;
  await measure(
    async (peer) => {
      await sleep(10);
      if (performance.now() < 100) return void peer.send("pong");
      lost ??= peer;
      if (lost === peer) peer.abort();
      else void peer.send("pong");
    },
    { connections: 3, inFlight: 4 },
    ({ errors, connections, replies, firstError }) => {
      assertEquals(errors, { ...noErrors(), reset: 4 });
      assertEquals(connections, { opened: 3, left: 2 });
      // Nothing is waited for that cannot come.
      assert(performance.now() < 1_100);
      assert(replies > 2 * 4 * 20);
      assert(firstError instanceof NetError);
    },
  );
});

test("Load sends all that is due on the connections that are left", async () => {
  const peers = new Set<Peer>();
  await measure(
    (peer) => {
      peers.add(peer);
      if (peers.size === 1) peer.abort();
      else void peer.send("pong");
    },
    { connections: 3, inFlight: 2, rate: 100 },
    ({ errors, requests, corrected, connections }) => {
      assertEquals([requests, corrected!.total], [100, 99]);
      assertEquals(errors, { ...noErrors(), reset: 1 });
      assertEquals(connections.left, 2);
    },
  );
});

test("Load counts a connection that ends while nothing waits on it", () =>
  measure(
    (peer) => {
      void peer.send("pong");
      setTimeout(() => void peer.close(), 10);
    },
    { connections: 2, rate: 1 },
    ({ errors, connections, replies }) => {
      assertEquals([replies, connections.left], [1, 1]);
      assertEquals(errors, { ...noErrors(), closed: 1 });
    },
  ));

test("Load ends when no connection is left", () =>
  measure(
    (peer) => void peer.close(),
    { connections: 3, durationMs: 100_000, rate: 10 },
    ({ errors, seconds }) => {
      assert(seconds < 10);
      // One each, and those that were due meanwhile.
      assertEquals(errors, { ...noErrors(), closed: 3, unsent: errors.unsent });
    },
  ));

test("Load counts bad frames, and replies that nobody has asked for", async () => {
  await measure(
    (peer) => void peer.sendEncoded(new Uint8Array(2_000_000).fill(97)),
    { connections: 2 },
    ({ errors, connections }) => {
      assertEquals(errors, { ...noErrors(), badFrame: 2 });
      assertEquals(connections.left, 0);
    },
  );
  await measure(
    async (peer) => {
      await sleep(600);
      void peer.send("pong");
      void peer.send("and another thing");
    },
    { connections: 1, rate: 1 },
    ({ errors, replies }) => {
      assertEquals(errors, { ...noErrors(), unasked: 1 });
      assertEquals(replies, 1);
    },
  );
});

test("Load ends at its signal with what was measured", async () => {
  const stop = new AbortController();
  await measure(
    (peer) => {
      const now = performance.now();
      if (now === 0) setTimeout(() => stop.abort(), 402);
      if (now < 200) void peer.send("pong");
    },
    { connections: 5, rate: 100, signal: stop.signal },
    ({ errors, interrupted, seconds, corrected, requests }) => {
      // Nobody has failed: 5 requests wait for a reply, and 16 for a connection.
      assertEquals(errors, noErrors());
      assertEquals([interrupted, seconds], [true, 0.402]);
      assertEquals(requests, 41);
      assertEquals(corrected!.total, 41);
    },
  );
  await measure(
    () => undefined,
    {
      signal: AbortSignal.abort(),
      connect: () => Promise.reject(new Error("interrupted")),
    },
    ({ requests, interrupted, errors }) => {
      assertEquals([requests, interrupted], [0, true]);
      assertEquals(errors, noErrors());
    },
  );
});

test("Load rejects when no connection can be made", async () => {
  const network = watchedNetwork();
  const refused = () => network.connect(address);
  const error = await assertRejects(
    () => measure(() => undefined, { connect: refused }, () => undefined),
    NetError,
  );
  assertEquals(error.code, "CONNECTION_REFUSED");
});

test("Load counts the connections that cannot be made", async () => {
  await inVirtualTime(async () => {
    const network = watchedNetwork();
    const server = await serve(
      { address, codec: lines(), network },
      (peer) => peer.forEach(() => void peer.send("pong")),
    );
    let count = 0;
    const measured = await new Load({
      ...plan,
      connect: () => network.connect(++count > 1 ? address : "memory:nobody"),
      rate: 100,
    }).run();
    assertEquals(measured.errors, { ...noErrors(), refused: 1 });
    assertEquals(measured.connections, { opened: 9, left: 9 });
    assertEquals(measured.requests, 100);
    await server.close();
  });
});
