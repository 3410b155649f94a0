import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { growthOf } from "../peer.ts";
import { connectMany, mib, ms, p99, Raw, until } from "../raw.ts";
import type { Finding, Row, Run } from "../row.ts";

interface Report {
  readonly closes: Readonly<Record<number, string[]>>;
  readonly notes: Readonly<Record<number, string[]>>;
  readonly mostQueued: number;
  readonly open: number;
}

const DRIPPING = 1_000;
const FRAME_TIMEOUT_MS = 1_000;

/** The times of echoes, one after another, while something goes on. */
async function echoes(raw: Raw, durationMs: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    times.push(await raw.echo());
    await sleep(2);
  }
  return times;
}

function slowloris(
  name: string,
  handler: "echo" | "bodies",
  limit: "frameTimeoutMs" | "bodyTimeoutMs",
): Row {
  return {
    name,
    promise: `1,000 connections that send a byte a second${
      handler === "bodies" ? " of a body (receiveBytes)" : ""
    }: closed in time; well-behaved clients are served as before`,
    bar:
      `all closed within ${limit} (${FRAME_TIMEOUT_MS} ms) + 1 s; p99 of others at most twice, and 5 ms, of that without them`,
    sabotage: `${limit}: Infinity`,
    seconds: 7,
    async measure(run) {
      const peer = await run.start("serve", {
        handler,
        options: {
          [limit]: run.either(FRAME_TIMEOUT_MS, Infinity),
        },
      });
      const good = handler === "bodies"
        ? await run.start("serve", { handler: "echo" })
        : peer;
      const other = await Raw.connect(good.port);
      const calm = p99(await echoes(other, 1_500));
      const bytes = handler === "bodies"
        ? Buffer.from([0, 0, 4, 0, 1, 1, 1, 1])
        : Buffer.from([0, 0, 4, 0]);
      const all = await connectMany(peer.port, DRIPPING, false);
      const firstAt = all.map(({ socket }) => {
        socket.write(bytes.subarray(0, handler === "bodies" ? 4 : 1));
        return performance.now();
      });
      const dripping = setInterval(() => {
        for (const { socket } of all) {
          if (socket.writable) socket.write(Uint8Array.of(1));
        }
      }, 1_000);
      const times = await echoes(other, FRAME_TIMEOUT_MS + 1_500);
      clearInterval(dripping);
      const open = all.map((one, i) => (one.overAt ?? Infinity) - firstAt[i]!);
      const longest = Math.max(...open);
      const busy = p99(times);
      for (const { socket } of all) socket.destroy();
      return {
        figure: `${open.filter(Number.isFinite).length} closed, after at most ${
          ms(longest)
        }; p99 ${ms(busy)}, before ${ms(calm)}`,
        holds: longest <= FRAME_TIMEOUT_MS + 1_000 &&
          busy <= 2 * calm + 5 && peer.unharmed,
      };
    },
  };
}

export const slowFrames: Row = slowloris(
  "slow frames",
  "echo",
  "frameTimeoutMs",
);
export const slowBodies: Row = slowloris(
  "slow bodies",
  "bodies",
  "bodyTimeoutMs",
);

const WRITE_TIMEOUT_MS = 1_500;
const READERS = 100;

/** Counts the numbered frames that arrive, as long as each follows the last. */
async function inOrder(raw: Raw, count: number): Promise<boolean> {
  for (let i = 0; i < count; i++) {
    const frame = await raw.frame(20_000);
    if (frame?.readUInt32BE() !== i) return false;
  }
  return true;
}

async function stalled(
  run: Run,
  handler: "produce" | "listen",
  most: number,
  options: Readonly<Record<string, number>>,
): Promise<Finding> {
  const count = 500;
  const size = 16_384;
  const peer = await run.start("serve", {
    handler,
    count,
    size,
    options: {
      writeTimeoutMs: run.either(WRITE_TIMEOUT_MS, Infinity),
      ...options,
    },
  });
  const [slow, ...all] = await connectMany(peer.port, READERS);
  await until(
    async () => (await peer.call<Report>("report")).open === READERS,
    5_000,
  );
  slow!.socket.pause();
  const start = performance.now();
  if (handler === "produce") {
    for (const raw of [slow!, ...all]) raw.send("start");
  }
  const broadcast = handler === "listen"
    ? peer.call("broadcast")
    : Promise.resolve();
  const whole = await Promise.all(all.map((raw) => inOrder(raw, count)));
  await broadcast;
  const port = slow!.socket.localPort!;
  let report = await peer.call<Report>("report");
  await until(async () => {
    report = await peer.call<Report>("report");
    return report.closes[port] !== undefined;
  }, WRITE_TIMEOUT_MS + 2_000);
  const after = performance.now() - start;
  const complete = whole.filter(Boolean).length;
  return {
    figure: `${mib(report.mostQueued)} queued at most; ${
      report.closes[port] ?? "NOT cut"
    } after ${ms(after)}; ${complete} of ${READERS - 1} others have all`,
    holds: report.closes[port] !== undefined && report.mostQueued <= most &&
      complete === READERS - 1 && peer.unharmed,
  };
}

export const stalledReader: Row = {
  name: "stalled reader, send",
  promise:
    "one reader of 100 stalls: its queue stays under the high-water mark and a frame, it is cut after writeTimeoutMs, others lose nothing",
  bar: "at most 64 KiB + 16 KiB queued; cut; 99 others have all 500 frames",
  sabotage: "writeTimeoutMs: Infinity",
  seconds: 5,
  measure: (run) => stalled(run, "produce", 65_536 + 16_388, {}),
};

export const stalledSubscriber: Row = {
  name: "stalled reader, broadcast",
  promise:
    "one reader of 100 stalls in a broadcast: its queue stays under maxSendBuffer and a frame, it is cut, others lose nothing",
  bar: "at most 1 MiB + 16 KiB queued; cut; 99 others have all 500 frames",
  sabotage: "writeTimeoutMs: Infinity, maxSendBuffer of 64 MiB",
  seconds: 5,
  measure: (run) =>
    stalled(run, "listen", 2 ** 20 + 16_388, {
      maxSendBuffer: run.either(2 ** 20, 2 ** 26),
    }),
};

const RATE = 480_000;

export const steadyReader: Row = {
  name: "slow but steady reader",
  promise:
    "a reader that takes 20 KB/s, steadily, is never cut: progress is counted in bytes that the system took",
  bar:
    "not cut in 15 s at 480 KB/s with a writeTimeoutMs of 5 s (long: 20 KB/s, the default of 120 s, 10 min)",
  sabotage: "writeTimeoutMs: 10",
  seconds: 16,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "produce",
      count: 100_000,
      size: 65_536,
      options: {
        writeTimeoutMs: run.either(run.length(5_000, 120_000), 10),
      },
    });
    const program = fileURLToPath(
      new URL("../drivers/slow_reader.py", import.meta.url),
    );
    const rate = run.length(RATE, 20_000);
    const { stdout } = await promisify(execFile)("python3", [
      program,
      `${peer.port}`,
      `${rate}`,
      `${run.length(15, 600)}`,
    ]);
    const [bytes, ...cut] = stdout.trim().split(" ");
    return {
      figure: `${mib(Number(bytes))} read, ${cut.join(" ")}`,
      holds: cut.join(" ") === "not cut" && peer.unharmed,
    };
  },
};

const SUBSCRIBERS = 20;
const BROADCAST = 2 ** 24;

export const broadcastMemory: Row = {
  name: "memory of a broadcast",
  promise:
    "20 stalled subscribers of a broadcast of 16 MiB: one copy of the bytes in memory, not twenty",
  bar: "at most 64 MiB more (the message, its frame, and what is under way)",
  sabotage: "send() for each of them",
  seconds: 3,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "listen",
      size: BROADCAST,
      codec: { maxFrameLength: 2 ** 25 },
      options: { maxSendBuffer: 2 ** 25 },
    });
    const all = await connectMany(peer.port, SUBSCRIBERS, false);
    for (const { socket } of all) socket.pause();
    await until(
      async () => (await peer.call<Report>("report")).open === SUBSCRIBERS,
      5_000,
    );
    const growth = await growthOf(peer, async () => {
      await peer.call(run.either("broadcast", "sendToEach"));
      await sleep(1_000);
    });
    const { open } = await peer.call<Report>("report");
    return {
      figure: `${mib(growth)} more, ${open} of ${SUBSCRIBERS} still there`,
      holds: growth <= 64 * 2 ** 20 && open === SUBSCRIBERS && peer.unharmed,
    };
  },
};

export const neverAwaits: Row = {
  name: "send() not awaited",
  promise: "a producer never awaits send(): bounded, cut at the hard cap",
  bar: "SEND_BUFFER_FULL, at most 64 MiB more (maxSendBuffer of 16 MiB)",
  sabotage: "maxSendBuffer of 1 GiB",
  seconds: 3,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "flood",
      count: 4_000,
      size: 65_536,
      options: { maxSendBuffer: run.either(2 ** 24, 2 ** 30) },
    });
    const raw = await Raw.connect(peer.port, false);
    raw.socket.pause();
    let codes: string[] = [];
    const growth = await growthOf(peer, async () => {
      await sleep(1_000);
      ({ notes: { [raw.socket.localPort!]: codes = [] } } = await peer.call<
        Report
      >("report"));
    });
    return {
      figure: `${codes.join(", ") || "no error"}, ${mib(growth)} more`,
      holds: codes[0] === "SEND_BUFFER_FULL" && growth <= 64 * 2 ** 20 &&
        peer.unharmed,
    };
  },
};
