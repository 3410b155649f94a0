import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { defineCodec, lines } from "../../../mod.ts";
import type { LoadPlan } from "../../../src/cli/measure/load_plan.ts";
import { noErrors } from "../../../src/cli/measure/measured.ts";
import { everyMs, measure, type Peer, sleep } from "./virtual_load.ts";

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
