import type { Peer } from "../../reliability/peer.ts";
import { ms, until } from "../../reliability/raw.ts";
import { Member, range, sleep } from "../member.ts";
import type { NodeSettings, ScaleRow, ScaleRun } from "../row.ts";
import { sum } from "../talker.ts";

const CLIENTS = 1_000;
const ROOMS = 40;
/** In how many rooms each client is. */
const EACH = 2;
/** How much is said in each room while the clients are away. */
const MISSED = 20;

/** Engines that keep less of a topic than is missed. */
const CUT: Readonly<Record<string, NodeSettings["engineOptions"]>> = {
  nats: { maxTopicMessages: MISSED / 2 },
  redis: { maxTopicBytes: 1_024 },
};

/** What became of the clients that came back. */
interface Comeback {
  /** How many of their joins said `recovered`. */
  readonly recovered: number;
  readonly notRecovered: number;
  /** How many have heard what was said, in a room, once and in order. */
  readonly exact: number;
  /** How much was heard twice. */
  readonly twice: number;
  /** How long all of them took. */
  readonly tookMs: number;
}

export const comeback: ScaleRow = {
  name: "comeback",
  promise:
    "1,000 clients come back to another node, with their positions in 2 rooms each, after 1 s and after 60 s (--away): each hears exactly what it has missed; where the history was cut, each is told so",
  bar:
    "2,000 of 2,000 joins recovered and exact, none twice; with a cut history 0 of 2,000 recovered",
  engines: ["nats", "redis"],
  async measure(run) {
    const { away } = run.options;
    const server = await run.server();
    const nodes = await run.nodes(3, server);
    const times = run.length([1, away], [away]);
    const runs: Comeback[] = [];
    for (const [i, seconds] of times.entries()) {
      runs.push(await comeBack(nodes, i, seconds * 1_000));
    }
    for (const node of nodes) node.kill();
    const cut = await withCutHistory(run);
    const all = CLIENTS * EACH;
    const tell = (
      { recovered, exact, twice, tookMs }: Comeback,
      i: number,
    ) =>
      `after ${
        times[i]
      } s: ${recovered} recovered, ${exact} exact, ${twice} twice, in ${
        ms(tookMs)
      }`;
    return {
      figure: [
        ...runs.map(tell),
        `cut: ${cut.recovered} recovered, ${cut.notRecovered} not`,
      ].join("; "),
      holds:
        runs.every(({ recovered, exact, twice }) =>
          recovered === all && exact === all && twice === 0
        ) && cut.recovered === 0 && cut.notRecovered === all,
    };
  },
};

/** The same with an engine that keeps little. */
async function withCutHistory(run: ScaleRun): Promise<Comeback> {
  const server = await run.server();
  const engineOptions = CUT[run.engine]!;
  const nodes = await run.nodes(3, server, { engineOptions });
  return await comeBack(nodes, 0, 1_000);
}

/** The last of the nodes has a talker for each room, the others have the clients. */
async function comeBack(
  nodes: readonly Peer[],
  turn: number,
  awayMs: number,
): Promise<Comeback> {
  const rooms = range(ROOMS).map((i) => `t${turn}-${i}`);
  const ports = nodes.map(({ port }) => port);
  const talkers = await Promise.all(rooms.map(async (room) => {
    const talker = await Member.connect(ports[2]!, `talker-${room}`);
    await talker.join(room);
    return talker;
  }));
  const said = new Map<string, string[]>(rooms.map((room) => [room, []]));
  const sayInAll = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await Promise.all(rooms.map((room, j) => {
        const texts = said.get(room)!;
        const text = `${room} ${texts.length}`;
        texts.push(text);
        return talkers[j]!.say(room, text, text);
      }));
    }
  };
  const roomsOf = (i: number) =>
    range(EACH).map((j) => rooms[(i + j * 7) % ROOMS]!);
  const before = await Promise.all(
    range(CLIENTS).map(async (i) => {
      const member = await Member.connect(ports[i % 2]!, `m${i}`);
      for (const room of roomsOf(i)) await member.join(room);
      return member;
    }),
  );
  await sayInAll(3);
  await haveHeard(before, said);
  await Promise.all(before.map((member) => member.close()));
  const leftAt = performance.now();
  await sayInAll(MISSED / 2);
  await sleep(leftAt + awayMs * 0.9 - performance.now());
  await sayInAll(MISSED / 2);
  await sleep(leftAt + awayMs - performance.now());
  const start = performance.now();
  let recovered = 0;
  let notRecovered = 0;
  let isOver = false;
  const meanwhile = (async () => {
    while (!isOver) {
      await sayInAll(1);
      await sleep(100);
    }
  })();
  const after = await Promise.all(
    range(CLIENTS).map(async (i) => {
      const old = before[i]!;
      const member = await Member.connect(ports[(i + 1) % 2]!, old.name);
      for (const room of roomsOf(i)) {
        member.heard(room).push(...old.heard(room));
        const entered = await member.join(room, old.positions.get(room));
        if (entered.recovered) recovered++;
        else notRecovered++;
      }
      return member;
    }),
  );
  const tookMs = performance.now() - start;
  isOver = true;
  await meanwhile;
  if (notRecovered === 0) await haveHeard(after, said);
  const heard = after.flatMap((member) => [...member.texts]);
  await Promise.all([...talkers, ...after].map((member) => member.close()));
  return {
    recovered,
    notRecovered,
    tookMs,
    exact:
      heard.filter(([room, texts]) => texts.join() === said.get(room)!.join())
        .length,
    twice: sum(heard.map(([, texts]) => texts.length - new Set(texts).size)),
  };
}

async function haveHeard(
  members: readonly Member[],
  said: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  await until(
    () =>
      members.every(({ texts }) =>
        [...texts].every(([room, heard]) =>
          heard.length >= said.get(room)!.length
        )
      ),
    10_000,
  );
  // What comes twice may come last.
  await sleep(300);
}
