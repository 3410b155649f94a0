import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { growthOf } from "../peer.ts";
import { connectMany, frameOf, mib, ms, p99, Raw, until } from "../raw.ts";
import type { Finding, Row, Run } from "../row.ts";

interface Report {
  readonly closes: Readonly<Record<number, string[]>>;
  readonly notes: Readonly<Record<number, string[]>>;
  readonly mostQueued: number;
  /** What waits to be read and to be sent. */
  readonly held: number;
  readonly open: number;
}

const DRIPPING = 1_000;
const FRAME_TIMEOUT_MS = 1_000;

/** The times of echoes, one after another, while something goes on. */
export async function echoes(raw: Raw, durationMs: number): Promise<number[]> {
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
  options: Readonly<Record<string, unknown>>,
): Promise<Finding> {
  const count = 500;
  const size = 16_384;
  const most = 65_536 + 4 + size;
  const peer = await run.start("serve", {
    handler,
    count,
    size,
    options,
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
  measure: (run) =>
    stalled(run, "produce", {
      writeTimeoutMs: run.either(WRITE_TIMEOUT_MS, Infinity),
    }),
};

export const stalledSubscriber: Row = {
  name: "stalled reader, broadcast",
  promise:
    'one reader of 100 stalls in a broadcast (slowReaders: "wait"): its queue stays under the high-water mark and a frame, it is cut after writeTimeoutMs, others lose nothing',
  bar: "at most 64 KiB + 16 KiB queued; cut; 99 others have all 500 frames",
  sabotage: 'slowReaders: "close"',
  seconds: 6,
  measure: (run) =>
    stalled(run, "listen", {
      writeTimeoutMs: WRITE_TIMEOUT_MS,
      slowReaders: run.either("wait", "close"),
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
  seconds: 2,
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
  seconds: 2,
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

const LIMIT = 2 ** 25;
const LARGE = 2 ** 24;

export const serverMemory: Row = {
  name: "memory of the server",
  promise:
    "all that waits to be read and to be sent stays under maxTotalBuffer; the connections with the most are cut first, others are served as before",
  bar:
    "4 clients with 12 MiB of a frame, then 6 that read nothing of 16 MiB: at most 32 MiB held after 600 ms, some of each kind cut; 20 others answered",
  sabotage: "maxTotalBuffer: Infinity",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "asked",
      size: 65_536,
      codec: { maxFrameLength: LARGE },
      options: {
        maxTotalBuffer: run.either(LIMIT, Infinity),
        maxSendBuffer: 2 * LARGE,
      },
    });
    const ask = (raw: Raw, bytes: number) => {
      const frame = Buffer.alloc(4);
      frame.writeUInt32BE(bytes / 65_536);
      raw.send(frame);
    };
    const others = await connectMany(peer.port, 20);
    const writers = await connectMany(peer.port, 4, false);
    for (const { socket } of writers) {
      const part = frameOf(Buffer.alloc(LARGE)).subarray(0, LARGE * 0.75);
      socket.write(part);
    }
    const held = async () => {
      await sleep(600);
      return (await peer.call<Report>("report")).held;
    };
    const unread = await held();
    const readers = await connectMany(peer.port, 6, false);
    for (const raw of readers) {
      raw.socket.pause();
      ask(raw, LARGE);
    }
    const most = Math.max(unread, await held());
    const frames = await Promise.all(others.map((raw) => {
      ask(raw, 65_536);
      return raw.frame(2_000);
    }));
    const answered = frames.filter((frame) => frame?.length === 65_536).length;
    const { closes } = await peer.call<Report>("report");
    const cut = Object.values(closes).flat().map((close) =>
      close.split(" ").at(-1)!
    );
    const codes = [...new Set(cut)].toSorted().join(", ");
    return {
      figure: `${mib(most)} held; ${cut.length} cut (${
        codes || "none"
      }); ${answered} of 20 others answered`,
      holds: most <= LIMIT && answered === 20 && cut.length < 10 &&
        codes === "RECEIVE_BUFFER_FULL, SEND_BUFFER_FULL" && peer.unharmed,
    };
  },
};
