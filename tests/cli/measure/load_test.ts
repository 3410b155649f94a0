import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type Codec,
  defineCodec,
  type FramedConnection,
  lines,
  NetError,
  serve,
} from "../../../mod.ts";
import { Load, type LoadPlan } from "../../../src/cli/measure/load.ts";
import { type Measured, noErrors } from "../../../src/cli/measure/measured.ts";
import { inVirtualTime, watchedNetwork } from "../../../src/testing/mod.ts";

const address = "memory:bench";
type Peer = FramedConnection<string>;

const plan: Omit<LoadPlan, "connect"> = {
  codec: lines() as Codec<unknown>,
  request: { value: "ping", bytes: lines().encode("ping") },
  connections: 10,
  inFlight: 1,
  durationMs: 1_000,
  warmUpMs: 0,
  timeoutMs: 2_000,
  signal: new AbortController().signal,
  timer: everyMs(5),
};

/** Runs a load on a server in virtual time. */
async function measure(
  handle: (peer: Peer, frame: string) => Promise<unknown> | undefined | void,
  options: Partial<LoadPlan>,
  check: (measured: Measured) => void,
): Promise<void> {
  await inVirtualTime(async () => {
    const network = watchedNetwork({ seed: 1 });
    const codec = lines();
    const server = await serve(
      { address, codec, network },
      (peer) => peer.forEach((frame) => handle(peer, frame)),
    );
    const load = new Load({
      ...plan,
      connect: () => network.connect(address),
      ...options,
    });
    check(await load.run());
    await server.close();
    assertEquals(network.violations(), []);
  });
}

/** A timer as coarse as that, so that virtual time has fewer steps. */
function everyMs(step: number): NonNullable<LoadPlan["timer"]> {
  return (ms, run) => {
    const timer = setTimeout(run, Math.ceil(ms / step) * step);
    return () => clearTimeout(timer);
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("Load corrects the latencies of a server that stands still for 1 of 10 seconds", () =>
  measure(
    async (peer) => {
      const now = performance.now();
      if (now >= 4_000 && now < 5_000) await sleep(5_000 - now);
      void peer.send("pong");
    },
    { rate: 1_000, durationMs: 10_000 },
    ({ corrected, uncorrected, requests, replies, errors, seconds }) => {
      assert(corrected!.percentile(99) >= 850_000);
      assert(uncorrected.percentile(99) < 50_000);
      assertEquals([requests, seconds], [10_000, 10]);
      // The last ones are sent when the time is over.
      assert(replies > 9_990);
      assertEquals([corrected!.total, uncorrected.total], [10_000, 10_000]);
      assertEquals(errors, noErrors());
    },
  ));

test("Load has no corrected latencies when there is no rate", () =>
  measure(
    async (peer) => {
      await sleep(20);
      void peer.send("pong");
    },
    {},
    ({ corrected, uncorrected, replies, bytesReceived, rate }) => {
      assertEquals([corrected, rate], [undefined, undefined]);
      assertEquals([uncorrected.min, uncorrected.max], [20_000, 20_000]);
      // 10 connections, each with 50 requests of 20 ms in a second.
      assert(replies >= 490 && replies <= 500);
      assertEquals(bytesReceived, replies * "pong\n".length);
    },
  ));

test("Load keeps as many requests in flight as it may", async () => {
  let most = 0;
  let waiting = 0;
  await measure(
    (peer) => {
      most = Math.max(most, ++waiting);
      setTimeout(() => {
        waiting--;
        void peer.send("pong");
      }, 100);
    },
    { inFlight: 8, connections: 2, durationMs: 300 },
    ({ uncorrected, replies }) => {
      assertEquals([uncorrected.min, uncorrected.max], [100_000, 100_000]);
      assert(replies >= 2 * 8 * 2);
    },
  );
  assertEquals(most, 16);
});

test("Load matches replies to requests in their order", async () => {
  let count = 0;
  await measure(
    // Every second one is slow, and holds up the one behind it.
    async (peer) => {
      await sleep(++count % 2 === 0 ? 15 : 5);
      void peer.send("pong");
    },
    { inFlight: 2, connections: 1, rate: 50, timer: everyMs(1) },
    ({ corrected, uncorrected, requests }) => {
      assertEquals([requests, count], [50, 50]);
      for (const histogram of [corrected!, uncorrected]) {
        assertEquals([histogram.min, histogram.max], [5_000, 15_000]);
        assert(histogram.percentile(50) < 5_010);
        assertEquals(histogram.total, 50);
      }
    },
  );
});

test("Load spreads requests over all connections when few are due", async () => {
  const ports = new Set<Peer>();
  await measure(
    (peer) => {
      ports.add(peer);
      void peer.send("pong");
    },
    { rate: 10, inFlight: 2 },
    ({ requests }) => assertEquals(requests, 10),
  );
  assertEquals(ports.size, 10);
});

test("Load does not count what belongs to the warm-up", () =>
  measure(
    async (peer) => {
      if (performance.now() < 400) await sleep(300);
      void peer.send("pong");
    },
    { warmUpMs: 1_000, rate: 100 },
    ({ corrected, requests, replies, bytesSent }) => {
      assertEquals([requests, replies], [100, 100]);
      assert(corrected!.max <= 5_000);
      assertEquals(bytesSent, 100 * "ping\n".length);
    },
  ));

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

test("Load encodes each request when the encoder has a state", async () => {
  const inner = lines();
  const numbered = defineCodec<unknown, unknown>({
    name: "numbered",
    encoder() {
      let count = 0;
      const { encode } = inner.encoder();
      return {
        encode: (frame, output) => encode(`${++count} ${frame}`, output),
      };
    },
    *readFrame(input) {
      return yield* input.until("\n");
    },
  });
  const frames: string[] = [];
  await measure(
    async (peer, frame) => {
      frames.push(frame);
      await sleep(10);
      void peer.send("pong");
    },
    { codec: numbered, connections: 1, durationMs: 25 },
    ({ uncorrected }) => assertEquals(uncorrected.total, 3),
  );
  assertEquals(frames, ["1 ping", "2 ping", "3 ping"]);
});

test("Load waits for room when requests are large", () =>
  measure(
    async (peer, frame) => {
      assertEquals(frame.length, 1_000_000);
      await sleep(10);
      void peer.send("pong");
    },
    {
      request: largeRequest(),
      connections: 1,
      inFlight: 40,
      durationMs: 15,
    },
    ({ errors, uncorrected }) => {
      assertEquals(errors, noErrors());
      assert(uncorrected.total >= 40);
    },
  ));

function largeRequest(): LoadPlan["request"] {
  const value = "a".repeat(1_000_000);
  return { value, bytes: lines().encode(value) };
}
