import { Buffer } from "node:buffer";
import { bytesOf } from "../../tests/support/byte_notation.ts";
import { Random } from "../../tests/support/random.ts";
import { type Vector, vectorFiles } from "../../tests/support/vectors.ts";
import { growthOf, type Peer } from "../peer.ts";
import { connectMany, frameOf, mib, ms, Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";

/** The most that a server may take for a bad frame. */
const CLOSE_MS = 100;
/** The longest that a frame may take. */
const STALL_MS = 100;
const LARGEST_INPUT = 65_536;
const ANNOUNCING = 50;
/** How often they do that. */
const ROUNDS = 2;

interface Case extends Vector {
  /** The name of its server. */
  readonly key: string;
}

interface Taken {
  readonly fates: Readonly<
    Record<number, { frames: number; errors: string[]; typed: boolean }>
  >;
  readonly frames: number;
  readonly stall: number;
}

function casesWhere(isWanted: (one: Vector) => boolean): Case[] {
  return vectorFiles().flatMap(({ format, vectors }) =>
    vectors
      .filter((one) => one.input !== undefined && isWanted(one))
      // A program that stops within the input is another case.
      .filter(({ stopAfter, then }) => !stopAfter && !then)
      .map((one) => ({
        ...one,
        key: JSON.stringify([format, one.options ?? {}]),
      }))
  );
}

function portOf(peer: Peer, { key }: Case): number {
  return (peer.first.ports as Record<string, number>)[key]!;
}

/** Sends bytes and the end; returns the own port, and how long the close took. */
async function say(
  port: number,
  bytes: Uint8Array,
): Promise<{ own: number; closeMs: number }> {
  const raw = await Raw.connect(port, false);
  const own = raw.socket.localPort!;
  const start = performance.now();
  raw.socket.end(bytes);
  // Long, since a busy machine makes any close slow: what became of a connection that
  // has not ended is not known, and would seem not to be the same again.
  await raw.ends(10_000);
  raw.socket.destroy();
  return { own, closeMs: (raw.overAt ?? Infinity) - start };
}

export const malformed: Row = {
  name: "malformed input",
  promise:
    "malformed input of every kind: one typed error, one close, the process and all other connections unharmed",
  bar:
    `each: the code and offset of its case, closed in ${CLOSE_MS} ms, or at a second try; a neighbour is answered in ${CLOSE_MS} ms`,
  sabotage: "the servers speak another format (lines)",
  seconds: 2,
  async measure(run) {
    const peer = await run.start(
      "vectors",
      run.either({}, { format: "lines" }),
    );
    const neighbour = await run.start("serve", { handler: "echo" });
    const other = await Raw.connect(neighbour.port);
    const cases = casesWhere(({ error }) => error !== undefined);
    let right = 0;
    let slowest = 0;
    let neighbourMs = 0;
    for (const one of cases) {
      const port = portOf(peer, one);
      let said = await say(port, bytesOf(one.input!));
      // Once more: a busy machine makes any close slow now and then.
      if (said.closeMs > CLOSE_MS) said = await say(port, bytesOf(one.input!));
      slowest = Math.max(slowest, said.closeMs);
      neighbourMs = Math.max(neighbourMs, await other.echo());
      const { fates } = await peer.call<Taken>("take");
      const errors = fates[said.own]?.errors;
      const { code, offset } = one.error!;
      if (errors?.length === 1 && errors[0] === `${code} at ${offset}`) right++;
    }
    return {
      figure: `${right} of ${cases.length} as said, closed in at most ${
        ms(slowest)
      }, neighbour ${ms(neighbourMs)}`,
      holds: right === cases.length && slowest <= CLOSE_MS &&
        neighbourMs <= CLOSE_MS && peer.unharmed,
    };
  },
};

export const randomBytes: Row = {
  name: "random bytes",
  promise:
    "random and mutated bytes, 1 million frames: no hang, no untyped error, replays from its seed",
  bar:
    `no stall over ${STALL_MS} ms for at most 64 KiB, all errors typed, the same again`,
  sabotage: "each 100,000th frame, the handler blocks and throws",
  seconds: 10,
  async measure(run) {
    const peer = await run.start(
      "vectors",
      run.either({}, { faultEvery: 100_000 }),
    );
    // A frame of a mebibyte takes its time by itself, and is no fault.
    const cases = casesWhere(({ error, input }) =>
      error === undefined && bytesOf(input!).length <= LARGEST_INPUT
    );
    const seed = run.either(Math.floor(Math.random() * 2 ** 31), 1);
    const fatesOf = async (seed: number) => {
      const random = new Random(seed);
      const one = random.pick(cases);
      const { own } = await say(portOf(peer, one), mutated(one, random));
      const taken = await peer.call<Taken>("take");
      return { ...taken, fate: taken.fates[own], key: one.key };
    };
    await peer.call("take");
    let stall = 0;
    let slowest = "";
    let untyped = 0;
    let errors = 0;
    let connections = 0;
    let replayed = true;
    for (let frames = 0; frames < run.length(1_000_000, 20_000_000);) {
      const taken = await fatesOf(seed + connections);
      frames = taken.frames;
      // Once more: a busy machine makes any input slow now and then.
      const again = taken.stall > STALL_MS || connections % 20 === 0
        ? await fatesOf(seed + connections)
        : taken;
      const stalled = Math.min(taken.stall, again.stall);
      if (stalled > stall) slowest = taken.key;
      stall = Math.max(stall, stalled);
      replayed &&= JSON.stringify(again.fate) === JSON.stringify(taken.fate);
      errors += taken.fate?.errors.length ?? 0;
      if (taken.fate?.typed === false) untyped++;
      connections++;
    }
    return {
      figure:
        `seed ${seed}: ${connections} connections, ${errors} errors, ${untyped} untyped, longest stall ${
          ms(stall)
        } (${slowest}), ${replayed ? "replayed" : "NOT the same again"}`,
      holds: stall <= STALL_MS && untyped === 0 && errors > 0 && replayed &&
        peer.unharmed,
    };
  },
};

/** Many good frames, and then what was good before it was changed. */
function mutated({ input }: Case, random: Random): Uint8Array {
  const good = Buffer.from(bytesOf(input!));
  const times = Math.ceil(random.below(30_000) / Math.max(1, good.length));
  const bad = Buffer.concat([good, good]);
  for (let i = 1 + random.below(4); i > 0 && bad.length > 0; i--) {
    bad[random.below(bad.length)] = random.below(256);
  }
  return Buffer.concat([
    ...Array<Buffer>(times).fill(good),
    random.chance(0.2) ? random.bytes(200) : bad,
    random.chance(0.5) ? good : good.subarray(random.below(good.length + 1)),
  ]);
}

export const announced: Row = {
  name: "4 GiB announced",
  promise:
    "4 GiB announced: refused from the header; what is held is at most the header and one read",
  bar:
    `${ANNOUNCING} clients that each send 4 MiB, ${ROUNDS} times: all refused, at most 32 MiB of memory more the time with the least`,
  sabotage: "maxFrameLength of 4 GiB",
  seconds: 1,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "echo",
      codec: { maxFrameLength: run.either(2 ** 20, 2 ** 32 - 1) },
    });
    const body = Buffer.alloc(2 ** 22, 1);
    const whole = frameOf(body.subarray(0, 2 ** 20 - 4));
    // What a runtime takes for itself when it first reads so much is not counted.
    const first = await connectMany(peer.port, ANNOUNCING, false);
    for (const { socket } of first) socket.write(whole);
    await until(
      () => first.every(({ received }) => received === whole.length),
      5_000,
    );
    let refused = 0;
    let growth = Infinity;
    await peer.call("collectGarbage");
    const before = peer.residentBytes();
    for (let i = 0; i < ROUNDS; i++) {
      // What it holds is there each time; garbage may be there once.
      await peer.call("collectGarbage");
      const most = await growthOf(peer, async () => {
        refused += await announceAll(peer.port, body);
      }, before);
      growth = Math.min(growth, most);
    }
    let typed = 0;
    await until(async () => {
      const { closes } = await peer.call<
        { closes: Readonly<Record<number, string[]>> }
      >("report");
      typed = Object.values(closes).filter(([close]) =>
        close?.endsWith("FRAME_TOO_LARGE")
      ).length;
      return typed === ROUNDS * ANNOUNCING;
    }, 3_000);
    return {
      figure: `${typed} of ${ROUNDS * ANNOUNCING} refused as FRAME_TOO_LARGE, ${
        mib(growth)
      } more`,
      holds: refused === ROUNDS * ANNOUNCING && typed === refused &&
        growth <= 32 * 2 ** 20 && peer.unharmed,
    };
  },
};

/** Announces 4 GiB on many connections, and begins to send; how many are refused. */
async function announceAll(port: number, body: Buffer): Promise<number> {
  const all = await connectMany(port, ANNOUNCING, false);
  for (const { socket } of all) {
    socket.write(Buffer.of(0xff, 0xff, 0xff, 0xff));
    socket.write(body);
  }
  const isOver = ({ overAt }: Raw) => overAt !== undefined;
  await until(() => all.every(isOver), 1_500);
  for (const { socket } of all) socket.destroy();
  return all.filter(isOver).length;
}
