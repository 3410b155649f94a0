import { setTimeout as sleep } from "node:timers/promises";
import type { Peer } from "../peer.ts";
import { connectMany, mib, ms, Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";

const IDLE = 5_000;
/** After so many, what serves them has been compiled. */
const WARM_UP = 1_000;
const CONNECTS = 10_000;

/** What is resident when there is no garbage, in bytes. */
async function heldBytes(peer: Peer): Promise<number> {
  await peer.call("collectGarbage");
  await sleep(300);
  return peer.residentBytes();
}

/** What a connection that idles costs, in bytes, and how many timers are set. */
async function idleCost(
  peer: Peer,
): Promise<{ bytes: number; timers: number }> {
  // What a runtime takes for itself when it first accepts is not counted, nor for
  // the code that it compiles then.
  const first = await connectMany(peer.port, WARM_UP, false);
  await exchange(first);
  const before = await heldBytes(peer);
  const all = await connectMany(peer.port, IDLE, false);
  await exchange(all);
  const bytes = (await heldBytes(peer) - before) / IDLE;
  const timers = await peer.call<number>("timers");
  for (const raw of [...first, ...all]) raw.reset();
  return { bytes, timers };
}

async function exchange(all: readonly Raw[]): Promise<void> {
  for (const raw of all) raw.send("hello");
  await until(() => all.every(({ received }) => received > 0), 10_000);
}

export const idle: Row = {
  name: "5,000 idle connections",
  promise:
    "5,000 idle connections: at most 3 KiB of memory more than raw sockets of the runtime; one shared timer, not one each",
  bar: "at most 3 KiB each more than raw; at most 10 timers",
  sabotage: "a handler that keeps 16 KiB, and sets a timer, for each",
  seconds: 10,
  async measure(run) {
    const ours = await run.start("serve", {
      handler: run.either("echo", "leaking"),
      silent: true,
    });
    const raw = await run.start("raw");
    const { bytes, timers } = await idleCost(ours);
    const { bytes: rawBytes } = await idleCost(raw);
    const more = bytes - rawBytes;
    return {
      figure: `${(more / 1_024).toFixed(1)} KiB more each (${
        (bytes / 1_024).toFixed(1)
      }, raw ${(rawBytes / 1_024).toFixed(1)}); ${timers} timers`,
      holds: more <= 3 * 1_024 && timers <= 10 && ours.unharmed,
    };
  },
};

/** Connects, has a frame echoed and closes, over and over. */
async function connectAndClose(port: number, count: number): Promise<void> {
  let left = count;
  const loop = async () => {
    while (left-- > 0) {
      const raw = await Raw.connect(port);
      await raw.echo();
      raw.socket.end();
      await raw.closed;
    }
  };
  await Promise.all(Array.from({ length: 50 }, loop));
}

export const connects: Row = {
  name: "10,000 connects and closes",
  promise:
    "10,000 connects and closes: descriptors back to the start, resident memory within 10 %",
  bar:
    "no descriptor more; at most 10 % more memory than after the 20,000 before",
  sabotage: "a handler that keeps 16 KiB of each connection",
  seconds: 15,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: run.either("echo", "leaking"),
      silent: true,
    });
    // A runtime takes a while to have all the memory that it is going to have.
    await connectAndClose(peer.port, 2 * CONNECTS);
    const before = await heldBytes(peer);
    const descriptors = peer.descriptors();
    for (let i = 0; i < run.length(1, 20); i++) {
      await connectAndClose(peer.port, CONNECTS);
    }
    await until(() => peer.descriptors() <= descriptors, 3_000);
    const after = await heldBytes(peer);
    const more = peer.descriptors() - descriptors;
    const percent = (after / before - 1) * 100;
    return {
      figure: `${more} descriptors more; ${percent.toFixed(1)} % more memory (${
        mib(before)
      }, ${mib(after)})`,
      holds: more <= 0 && percent <= 10 && peer.unharmed,
    };
  },
};

const ABOUT_DESCRIPTORS: ReadonlySet<string> = new Set([
  "OUT_OF_DESCRIPTORS",
  "ACCEPTING_AGAIN",
]);

interface Alarms {
  readonly alarms: readonly string[];
}

export const descriptors: Row = {
  name: "descriptors run out",
  promise:
    "descriptors run out (limit 200, 400 clients): live connections go on, the CPU is not used up, there is one alarm, and accepting goes on when there are some again, which is told once",
  bar:
    "20 live ones answered; CPU under 20 %; one OUT_OF_DESCRIPTORS; accepts within 1 s of the release; one ACCEPTING_AGAIN",
  sabotage: "a limit of 2,000 descriptors",
  seconds: 8,
  async measure(run) {
    const peer = await run.start("serve", { handler: "echo" }, {
      descriptors: run.either(200, 2_000),
    });
    const live = await connectMany(peer.port, 20);
    await Promise.all(live.map((raw) => raw.echo()));
    // Deno 2.9 sets up its signals within its first second, and panics where it has
    // no descriptors for that (ext/signals).
    await sleep(1_500);
    const flood: Raw[] = [];
    for (let i = 0; i < 400; i++) {
      // The system completes connections that nobody accepts, and a runtime may
      // accept one to close it at once.
      const raw = await Raw.connect(peer.port).catch(() => undefined);
      if (raw !== undefined) flood.push(raw);
    }
    await sleep(500);
    const cpu = peer.cpuSeconds();
    const start = performance.now();
    let slowest = 0;
    while (performance.now() - start < 2_000) {
      const [raw] = live;
      slowest = Math.max(slowest, await raw!.echo());
      await sleep(50);
    }
    const answered = await Promise.all(live.map((raw) => raw.echo()));
    const percent = (peer.cpuSeconds() - cpu) /
      ((performance.now() - start) / 1_000) * 100;
    for (const raw of flood) raw.reset();
    const released = performance.now();
    let accepted = false;
    while (!accepted && performance.now() - released < 5_000) {
      const honest = await Raw.connect(peer.port).catch(() => undefined);
      accepted = await honest?.echo("ping", 1_000) !== Infinity &&
        honest !== undefined;
      honest?.socket.destroy();
    }
    const acceptMs = accepted ? performance.now() - released : Infinity;
    const running = answered.filter(Number.isFinite).length;
    // A second one of either would follow soon.
    await sleep(1_500);
    const report = await peer.call<Alarms>("report");
    // The others are of connections that were reset.
    const alarms = report.alarms.filter((code) => ABOUT_DESCRIPTORS.has(code));
    return {
      figure: `${running} of 20 answered, in at most ${ms(slowest)}; CPU ${
        percent.toFixed(0)
      } %; ${alarms.join(", ") || "no alarm"}; accepts after ${ms(acceptMs)}`,
      holds: running === 20 && slowest < 1_000 && percent < 20 &&
        alarms.join() === "OUT_OF_DESCRIPTORS,ACCEPTING_AGAIN" &&
        acceptMs <= 1_000 && peer.unharmed,
    };
  },
};
