import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { connectMany, frameOf, mib, ms, p99, Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";
import { echoes } from "./slow_peers.ts";

/** The address of those that do as they should; others have another one. */
const HONEST = "127.0.0.2";

interface Report {
  readonly closes: Readonly<Record<number, string[]>>;
  readonly alarms: readonly string[];
}

function openOf(all: readonly Raw[]): Raw[] {
  return all.filter(({ overAt }) => overAt === undefined);
}

const MOST_CONNECTIONS = 20;
const CROWD = 200;

export const addressConnections: Row = {
  name: "crowd from one address",
  promise:
    "one address connects over and over: it gets maxConnectionsPerAddress, others are accepted as before, and so is it when it has closed some",
  bar:
    `${MOST_CONNECTIONS} of ${CROWD} stay, one alarm, 10 of 10 from another address are answered; accepts within 500 ms of a close`,
  sabotage: "maxConnectionsPerAddress: Infinity",
  seconds: 1,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "echo",
      options: {
        maxConnectionsPerAddress: run.either(MOST_CONNECTIONS, Infinity),
      },
    });
    const crowd: Raw[] = [];
    for (let i = 0; i < CROWD; i++) {
      // One that is refused at once may never be seen as connected.
      const raw = await Raw.connect(peer.port).catch(() => undefined);
      if (raw !== undefined) crowd.push(raw);
    }
    await until(() => openOf(crowd).length <= MOST_CONNECTIONS, 1_000);
    const stay = openOf(crowd);
    const others = await connectMany(peer.port, 10, true, HONEST);
    const echoed = await Promise.all(
      [...stay, ...others].map((raw) => raw.echo()),
    );
    const answered = echoed.filter(Number.isFinite).length;
    const { alarms } = await peer.call<Report>("report");
    stay[0]!.socket.end();
    const closed = performance.now();
    const again = await until(async () => {
      const raw = await Raw.connect(peer.port).catch(() => undefined);
      const time = await raw?.echo("ping", 200);
      return time !== undefined && time !== Infinity;
    }, 500);
    const againMs = again ? performance.now() - closed : Infinity;
    return {
      figure: `${stay.length} of ${CROWD} stay, ${
        alarms.join(", ") || "no alarm"
      }; ${answered} answered with 10 others; accepts ${
        ms(againMs)
      } after a close`,
      holds: stay.length === MOST_CONNECTIONS &&
        answered === stay.length + 10 &&
        alarms.join() === "CONNECTION_REFUSED" && againMs <= 500 &&
        peer.unharmed,
    };
  },
};

const BYTES_A_SECOND = 1_000_000;
const FLOOD_SECONDS = 1.5;
const FLOODING = 5;
/** What a connection may exceed its rate by: a chunk, which is largest on Bun. */
const CHUNK = 524_288;

export const addressBytes: Row = {
  name: "flood of bytes",
  promise:
    "the connections of one address send as fast as they can: together they are read at their rate (addressRate), others are served as before",
  bar:
    `${FLOODING} of them: at most the burst, the rate (1 MB/s) and 512 KiB each are echoed; p99 of others at most twice, and 5 ms, of that without them`,
  sabotage: "no addressRate",
  seconds: 3,
  async measure(run) {
    const rate = { bytes: BYTES_A_SECOND };
    const peer = await run.start("serve", {
      handler: "echo",
      options: run.either({ addressRate: rate }, {}),
    });
    const other = await Raw.connect(peer.port, true, HONEST);
    const calm = p99(await echoes(other, 500));
    const flooding = await connectMany(peer.port, FLOODING, false);
    const start = performance.now();
    const frames = Buffer.concat(
      Array<Buffer>(16).fill(frameOf(Buffer.alloc(4_092))),
    );
    for (const { socket } of flooding) {
      const fill = () => {
        while (socket.writable && socket.write(frames));
      };
      socket.on("drain", fill);
      fill();
    }
    const busy = p99(await echoes(other, FLOOD_SECONDS * 1_000));
    const seconds = (performance.now() - start) / 1_000;
    const echoed = flooding.reduce((sum, { received }) => sum + received, 0);
    for (const raw of flooding) raw.reset();
    const most = BYTES_A_SECOND * (1 + seconds) + FLOODING * CHUNK;
    return {
      figure: `${mib(echoed)} echoed in ${ms(seconds * 1_000)} (at most ${
        mib(most)
      }); p99 ${ms(busy)}, before ${ms(calm)}`,
      holds: echoed <= most && echoed >= BYTES_A_SECOND &&
        busy <= 2 * calm + 5 && peer.unharmed,
    };
  },
};

const FRAMES_A_SECOND = 100;

export const frameRate: Row = {
  name: "flood of frames",
  promise:
    "a client sends more frames than its rate, which closes: it is cut with RATE_EXCEEDED, also where each frame is small; clients within theirs are answered",
  bar:
    "20 of 20 that send 1,000 frames at once are cut in 500 ms; 20 of 20 that send 50 a second have all answered",
  sabotage: "a rate of 10,000 frames",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "echo",
      options: {
        rate: {
          frames: run.either(FRAMES_A_SECOND, 10_000),
          onExceeded: "close",
        },
      },
    });
    const good = await connectMany(peer.port, 20, true, HONEST);
    const flooding = await connectMany(peer.port, 20);
    const frames = Buffer.concat(Array<Buffer>(1_000).fill(frameOf("x")));
    let steps = 0;
    const steady = (async () => {
      let answered = 0;
      for (const end = performance.now() + 1_000; performance.now() < end;) {
        steps++;
        const times = await Promise.all(good.map((raw) => raw.echo()));
        answered += times.filter(Number.isFinite).length;
        await sleep(20);
      }
      return answered;
    })();
    const start = performance.now();
    for (const { socket } of flooding) socket.write(frames);
    await until(() => openOf(flooding).length === 0, 500);
    const cutMs = performance.now() - start;
    const answered = await steady;
    const { closes } = await peer.call<Report>("report");
    const cut =
      Object.values(closes).filter(([close]) =>
        close?.endsWith("RATE_EXCEEDED")
      ).length;
    return {
      figure: `${cut} of 20 cut with RATE_EXCEEDED, after ${
        ms(cutMs)
      }; ${answered} of ${steps * 20} others answered`,
      holds: cut === 20 && openOf(flooding).length === 0 &&
        answered === steps * 20 && peer.unharmed,
    };
  },
};

const REQUESTS_A_SECOND = 100;
const REQUESTS = 1_000;

export const requestRate: Row = {
  name: "flood of requests",
  promise:
    "a client makes more requests than requestsPerSecond: those above are refused, each is answered, and others are served as before",
  bar:
    `at most ${REQUESTS_A_SECOND} and ${REQUESTS_A_SECOND} a second of ${REQUESTS} handled, all others TOO_MANY_REQUESTS; 20 of 20 of another client handled`,
  sabotage: "requestsPerSecond: Infinity",
  seconds: 1,
  async measure(run) {
    const peer = await run.start("messages", {
      options: {
        requestsPerSecond: run.either(REQUESTS_A_SECOND, Infinity),
      },
    });
    const [flooding, other] = await connectMany(peer.port, 2);
    const start = performance.now();
    for (let id = 1; id <= REQUESTS; id++) {
      flooding!.send(`["request",${id},"work",${id}]`);
    }
    for (let id = 1; id <= 20; id++) other!.send(`["request",${id},"work",1]`);
    const handledOf = async (raw: Raw, count: number) => {
      let handled = 0;
      let refused = 0;
      for (let i = 0; i < count; i++) {
        const frame = (await raw.frame(2_000))?.toString() ?? "";
        if (frame.startsWith('["reply"')) handled++;
        else if (frame.includes("TOO_MANY_REQUESTS")) refused++;
        else break;
      }
      return { handled, refused };
    };
    const [all, others] = await Promise.all([
      handledOf(flooding!, REQUESTS),
      handledOf(other!, 20),
    ]);
    const seconds = (performance.now() - start) / 1_000;
    const most = REQUESTS_A_SECOND * (1 + seconds) + 1;
    return {
      figure: `${all.handled} handled in ${
        ms(seconds * 1_000)
      }, ${all.refused} refused; ${others.handled} of 20 others handled`,
      holds: all.handled <= most && all.handled >= REQUESTS_A_SECOND &&
        all.handled + all.refused === REQUESTS && others.handled === 20 &&
        peer.unharmed,
    };
  },
};

const MOST_UNREADY = 20;
const STRANGERS = 200;

export const strangers: Row = {
  name: "strangers at the door",
  promise:
    "clients that do not say who they are (setup) are as many as maxUnready; those that do get in, which chance decides",
  bar:
    `at most ${MOST_UNREADY} of ${STRANGERS} stay; at least 16 of 20 others are answered at their first try`,
  sabotage: "maxUnready: Infinity",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("messages", {
      asksWho: true,
      options: { maxUnready: run.either(MOST_UNREADY, Infinity) },
    });
    const crowd: Raw[] = [];
    const tries: Promise<boolean>[] = [];
    for (let i = 0; i < STRANGERS; i++) {
      crowd.push(await Raw.connect(peer.port));
      if (i % (STRANGERS / 20) === 0) tries.push(introduced(peer.port));
      await sleep(5);
    }
    const answered = (await Promise.all(tries)).filter(Boolean).length;
    await until(() => openOf(crowd).length <= MOST_UNREADY, 500);
    const stay = openOf(crowd).length;
    return {
      figure:
        `${stay} of ${STRANGERS} stay; ${answered} of 20 others answered at their first try`,
      holds: stay <= MOST_UNREADY && answered >= 16 && peer.unharmed,
    };
  },
};

/** Connects, says who it is when asked, and makes a request; whether it is answered. */
async function introduced(port: number): Promise<boolean> {
  const raw = await Raw.connect(port, true, HONEST);
  if (await raw.frame(2_000) === undefined) return false;
  raw.send('["reply",1,"me"]');
  raw.send('["request",1,"work",7]');
  return (await raw.frame(2_000))?.toString() === '["reply",1,7]';
}
