import type { Peer } from "../../reliability/peer.ts";
import { ms, until } from "../../reliability/raw.ts";
import type { EngineServer } from "../engine_server.ts";
import { Member, range, sleep } from "../member.ts";
import type { ScaleRow } from "../row.ts";

const ROOM = "hall";
/** How many nodes are killed at once. */
const AT_ONCE = 10;
/** How many members a node has that is killed. */
const MEMBERS = 2;

/** How long it took until all members were gone, and their names free. */
interface Times {
  readonly goneMs: number;
  readonly freeMs: number;
}

export const nodeKill: ScaleRow = {
  name: "node-kill",
  promise:
    "nodes killed 100 times, 10 at once: their members are gone from the view of others and their names are free; nothing of them is left",
  bar:
    "gone and free within 6 s; 0 registers left over; who and nodes right on the others",
  engines: ["nats", "redis"],
  async measure(run) {
    const server = await run.server();
    const nodes = await run.nodes(2, server);
    const watchers = await Promise.all(nodes.map(async ({ port }, i) => {
      const watcher = await Member.connect(port, `watcher${i}`);
      await watcher.join(ROOM);
      return watcher;
    }));
    const times: Times[] = [];
    const rounds = run.length(10, 1);
    const atOnce = run.length(AT_ONCE, 5);
    for (let round = 0; round < rounds; round++) {
      const doomed = await run.nodes(atOnce, server);
      times.push(await killAll(doomed, nodes, watchers, round));
    }
    const kills = rounds * atOnce;
    const left = await leftOver(server, nodes);
    const goneMs = Math.max(...times.map(({ goneMs }) => goneMs));
    const freeMs = Math.max(...times.map(({ freeMs }) => freeMs));
    return {
      figure: `${kills} kills: gone within ${ms(goneMs)}, free within ${
        ms(freeMs)
      }; ${left.registers} registers left over, ${left.strangers} members and nodes too many`,
      holds: goneMs <= 6_000 && freeMs <= 6_000 && left.registers === 0 &&
        left.strangers === 0,
    };
  },
};

async function killAll(
  doomed: readonly Peer[],
  nodes: readonly Peer[],
  watchers: readonly Member[],
  round: number,
): Promise<Times> {
  const names = doomed.flatMap((_, i) =>
    range(MEMBERS).map((j) => `m${round}-${i}-${j}`)
  );
  await Promise.all(names.map(async (name, i) => {
    const { port } = doomed[Math.floor(i / MEMBERS)]!;
    const member = await Member.connect(port, name);
    await member.join(ROOM);
  }));
  const all = names.length + watchers.length;
  for (const watcher of watchers) {
    await until(async () => (await watcher.who(ROOM)).length === all, 5_000);
  }
  const killedAt = performance.now();
  for (const peer of doomed) peer.kill();
  const gone = until(
    () => watchers.every(({ left }) => names.every((name) => left.has(name))),
    10_000,
  );
  // The registers of the other names are left to the nodes to remove.
  const wanted = names.filter((_, i) => i % MEMBERS === 0);
  const heirs = wanted.map((name, i) =>
    inherit(nodes[i % nodes.length]!, name, killedAt)
  );
  const freeMs = Math.max(...await Promise.all(heirs));
  const isGone = await gone;
  const lastAt = Math.max(...watchers.flatMap(({ left }) => {
    return names.map((name) => left.get(name) ?? Infinity);
  }));
  return { goneMs: isGone ? lastAt - killedAt : Infinity, freeMs };
}

/** Takes the name of a member whose node was killed; returns when it was free. */
async function inherit(
  { port }: Peer,
  name: string,
  killedAt: number,
): Promise<number> {
  const heir = await Member.unnamed(port, name);
  const end = performance.now() + 10_000;
  while (!await heir.takesName()) {
    if (performance.now() > end) return Infinity;
    await sleep(100);
  }
  const freeMs = performance.now() - killedAt;
  await heir.close();
  return freeMs;
}

/** What there is still of nodes that were killed. */
async function leftOver(
  server: EngineServer,
  nodes: readonly Peer[],
): Promise<{ registers: number; strangers: number }> {
  const ids = nodes.map(({ first }) => String(first.id));
  const engine = await server.engine();
  let registers = Infinity;
  await until(async () => {
    registers = 0;
    for await (const [, value] of engine.registers()) {
      if (!ids.some((id) => value.startsWith(id))) registers++;
    }
    return registers === 0;
  }, 6_000);
  await engine.close();
  let strangers = 0;
  for (const node of nodes) {
    const names = await node.call<string[]>("who", ROOM);
    const known = await node.call<string[]>("nodes");
    strangers += Math.abs(names.length - nodes.length) +
      Math.abs(known.length - nodes.length);
  }
  return { registers, strangers };
}
