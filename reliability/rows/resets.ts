import { setTimeout as sleep } from "node:timers/promises";
import { frameOf, ms, Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";

interface Report {
  readonly opened: number;
  readonly closes: Readonly<Record<string, string[]>>;
  readonly notes: Readonly<Record<string, string[]>>;
}

export const connectAndReset: Row = {
  name: "connect and reset",
  promise:
    "20 clients a second connect and reset at once: the next honest client is accepted within 100 ms",
  bar: "honest clients are answered within 100 ms of connecting",
  sabotage: "the server stands still for 150 ms at each reset",
  seconds: 5,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "echo",
      ...run.either({}, { blockAtReset: 150 }),
    });
    await (await Raw.connect(peer.port)).echo();
    let slowest = 0;
    for (let i = 0; i < run.length(60, 1_200); i++) {
      (await Raw.connect(peer.port)).reset();
      // One that has sent something is seen to have broken, where the runtime
      // does not even tell of the other.
      const second = await Raw.connect(peer.port);
      second.send("hello");
      second.reset();
      const start = performance.now();
      const honest = await Raw.connect(peer.port);
      await honest.echo();
      slowest = Math.max(slowest, performance.now() - start);
      honest.socket.end();
      await sleep(50);
    }
    return {
      figure: `answered after at most ${ms(slowest)}`,
      holds: slowest <= 100 && peer.unharmed,
    };
  },
};

const large = frameOf("x".repeat(1_000_000));
const small = frameOf("hello");

/** What a client does before it resets. */
const steps: Readonly<Record<string, (raw: Raw) => Promise<unknown> | void>> = {
  "after connecting": () => undefined,
  "within a header": (raw) => void raw.socket.write(small.subarray(0, 2)),
  "within a frame": (raw) => void raw.socket.write(large.subarray(0, 5_000)),
  "before the reply": (raw) => void raw.socket.write(small),
  "within the reply": async (raw) => {
    raw.socket.write(large);
    await until(() => raw.received > 0, 2_000);
  },
  "without reading": async (raw) => {
    raw.socket.pause();
    for (let i = 0; i < 10; i++) raw.socket.write(large);
    await sleep(20);
  },
  "after the reply": (raw) => raw.echo(),
  "after its end": async (raw) => {
    raw.socket.end(small);
    await raw.frame();
  },
};
const TIMES = 15;

export const everyStep: Row = {
  name: "reset at every step",
  promise:
    "a reset at every step of a conversation: nothing uncaught, exactly one close event, with its reason",
  bar:
    "one close event for each connection that was opened, the process unharmed",
  sabotage:
    "a handler that answers later and forgets that the client may have gone",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: run.either("events", "careless"),
    });
    const reset = Object.values(steps).length * TIMES;
    try {
      for (const step of Object.values(steps)) {
        await Promise.all(Array.from({ length: TIMES }, async (_, i) => {
          const raw = await Raw.connect(peer.port);
          await step(raw);
          await sleep(i % 5);
          raw.reset();
        }));
      }
      let report = await peer.call<Report>("report");
      await until(async () => {
        report = await peer.call<Report>("report");
        return Object.keys(report.closes).length === report.opened;
      }, 2_000);
      const events = Object.values(report.closes);
      const one = events.filter(({ length }) => length === 1).length;
      const reasons = new Set(events.flat());
      return {
        figure:
          `${reset} resets: ${report.opened} opened, ${one} closed once (${
            [...reasons].join(", ")
          })`,
        holds: one === report.opened && one === events.length &&
          one >= reset / 2 && peer.unharmed,
      };
    } catch (error) {
      const [first] = peer.complaints.trim().split("\n");
      return { figure: `${error}: ${first}`.slice(0, 200), holds: false };
    }
  },
};

const WORDS = 20;

export const lastWord: Row = {
  name: "last word before a reset",
  promise:
    "a last word arrives, then a reset, while this side writes: the word is delivered before the error",
  bar: `${WORDS} of ${WORDS} words delivered, each before its error`,
  sabotage: "the client keeps back the last byte of its word",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("serve", { handler: "chatty", size: 65_536 });
    const word = frameOf("last word");
    const ports = await Promise.all(Array.from({ length: WORDS }, async () => {
      const raw = await Raw.connect(peer.port, false);
      await until(() => raw.received > 500_000, 5_000);
      raw.socket.pause();
      await sleep(100);
      raw.socket.write(word.subarray(0, run.either(word.length, -1)));
      await sleep(100);
      const { localPort } = raw.socket;
      raw.reset();
      return localPort!;
    }));
    let notes: Report["notes"] = {};
    await until(async () => {
      ({ notes } = await peer.call<Report>("report"));
      return ports.every((port) => (notes[port]?.length ?? 0) >= 2);
    }, 2_000);
    const delivered = ports.filter((port) => notes[port]?.[0] === "last word");
    const told = ports.filter((port) =>
      notes[port]?.slice(1).some((note) => note.includes("CONNECTION_RESET"))
    );
    return {
      figure:
        `${delivered.length} of ${WORDS} words delivered, ${told.length} errors after them`,
      holds: delivered.length === WORDS && told.length === WORDS &&
        peer.unharmed,
    };
  },
};
