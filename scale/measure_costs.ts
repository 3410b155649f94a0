import type { Peer } from "../reliability/peer.ts";
import { until } from "../reliability/raw.ts";
import {
  cpuSecondsOf,
  type EngineServer,
  residentBytesOf,
} from "./engine_server.ts";
import { fill } from "./fill.ts";
import { Member, range, sleep } from "./member.ts";
import type { Costs } from "./model.ts";
import type { ScaleRun } from "./row.ts";

/** How many nodes there seem to be. */
const BEATING = 1_000;
const LISTENING = 20;

/** How many names are verified. */
const VERIFIED = 3_200;

/** Measures what everything costs. The nodes are on Node. */
export async function measureCosts(run: ScaleRun): Promise<Costs> {
  return {
    ...await beatCosts(run),
    ...await textCosts(run),
    ...await memberCosts(run),
    ...await verifyCosts(run),
  };
}

/** The CPU time of a process during some work, in seconds. */
async function cpuOf<T extends readonly number[]>(
  pids: T,
  work: () => Promise<unknown>,
): Promise<number[]> {
  const before = pids.map(cpuSecondsOf);
  await work();
  return pids.map((pid, i) => cpuSecondsOf(pid) - before[i]!);
}

/** Has nodes hear the beats of a thousand, for some seconds. */
async function beatCosts(
  run: ScaleRun,
): Promise<Pick<Costs, "beatAtEngine" | "beatAtNode">> {
  const server = await run.server();
  const { engine: name } = run;
  const { port } = server;
  const settings = { engine: name, port, count: LISTENING };
  const listeners = await run.start("listeners", settings, "node");
  const engine = await server.engine();
  const beats = range(BEATING).map(() => {
    const node = crypto.randomUUID();
    const serves = [`rooms:${node}/${crypto.randomUUID()}`];
    return new TextEncoder().encode(JSON.stringify({ node, serves }));
  });
  const beatFor = async (seconds: number) => {
    const start = performance.now();
    for (let i = 0; i < seconds * BEATING; i++) {
      engine.send("nodes", beats[i % BEATING]!);
      if (i % 10 === 9) await sleep(start + i - performance.now());
    }
  };
  await beatFor(1); // code is compiled, and all nodes are known
  const seconds = run.length(6, 3);
  const pids = [server.pid, listeners.pid];
  const [atEngine, atNode] = await cpuOf(pids, () => beatFor(seconds));
  const deliveries = seconds * BEATING * LISTENING;
  await engine.close();
  listeners.kill();
  await server.kill();
  return {
    beatAtEngine: atEngine! / deliveries,
    beatAtNode: atNode! / deliveries,
  };
}

/** Has twenty members, each in a room of its own, talk as fast as they can. */
async function textCosts(run: ScaleRun): Promise<
  Pick<
    Costs,
    | "textAtEngine"
    | "hearerAtEngine"
    | "sayAtNode"
    | "hearAtNode"
    | "memberAtNode"
  >
> {
  const server = await run.server();
  const node = await nodeOnNode(run, server);
  const rooms = range(20).map((i) => `r${i}`);
  const enter = (peer: Peer, name: string) =>
    Promise.all(rooms.map(async (room) => {
      const member = await Member.connect(peer.port, `${name}-${room}`);
      await member.join(room);
      return member;
    }));
  const talkers = await enter(node, "talker");
  const each = run.length(800, 250);
  const count = each * rooms.length;
  let said = 0;
  const talk = () =>
    Promise.all(talkers.map(async (talker, i) => {
      for (let j = 0; j < each; j++) {
        const text = "a text of some forty characters, or about";
        await talker.say(rooms[i]!, text, `${said++}`);
      }
    }));
  await talk(); // code is compiled
  const alone = await cpuOf([server.pid, node.pid], talk);
  const more = 20;
  await Promise.all(
    rooms.flatMap((room) =>
      range(more).map((i) => fill(node.port, `${room}-${i}`, room))
    ),
  );
  await sleep(1_000); // they have come
  const full = await cpuOf([node.pid], talk);
  const other = await nodeOnNode(run, server);
  await enter(other, "other");
  await talk();
  const two = await cpuOf([server.pid, other.pid], talk);
  other.kill();
  node.kill();
  await server.kill();
  const memberAtNode = (full[0]! - alone[1]!) / count / more;
  const hearAtNode = two[1]! / count - memberAtNode;
  return {
    textAtEngine: alone[0]! / count,
    hearerAtEngine: Math.max(0, two[0]! - alone[0]!) / count,
    sayAtNode: alone[1]! / count - memberAtNode - hearAtNode,
    hearAtNode,
    memberAtNode,
  };
}

/** Has members come, to rooms of 50 and then to rooms of their own. */
async function memberCosts(run: ScaleRun): Promise<
  Pick<
    Costs,
    | "comeAtEngine"
    | "comeAtNode"
    | "registerSeconds"
    | "memberBytes"
    | "roomBytes"
    | "nameBytesAtEngine"
  >
> {
  const server = await run.server();
  const node = await nodeOnNode(run, server);
  const comeTo = async (count: number, roomOf: (i: number) => string) => {
    const watcher = await Member.connect(node.port, `w-${roomOf(0)}`);
    const rooms = new Set(range(count).map(roomOf));
    // No more at a time than a listening socket lets wait.
    for (let i = 0; i < count; i += 100) {
      await Promise.all(
        range(Math.min(100, count - i)).map((j) => {
          const room = roomOf(i + j);
          return fill(node.port, `${room}-${i + j}`, room);
        }),
      );
    }
    for (const room of rooms) {
      const full = count / rooms.size;
      await until(
        async () => (await watcher.who(room)).length >= full,
        20_000,
      );
    }
    await watcher.close();
  };
  const heldBytes = async () => {
    await node.call("collectGarbage");
    await sleep(300);
    return node.residentBytes();
  };
  const count = run.length(4_000, 1_000);
  await comeTo(500, (i) => `warm${i % 10}`); // code is compiled
  const empty = await heldBytes();
  const emptyEngine = residentBytesOf(server.pid);
  const [comeAtEngine, comeAtNode] = await cpuOf(
    [server.pid, node.pid],
    () => comeTo(count, (i) => `many${i % (count / 50)}`),
  );
  const many = await heldBytes();
  const manyEngine = residentBytesOf(server.pid);
  await comeTo(count / 4, (i) => `own${i}`);
  const own = await heldBytes();
  const engine = await server.engine();
  let registers = 0;
  const start = performance.now();
  for await (const _ of engine.registers()) registers++;
  const registerSeconds = (performance.now() - start) / 1_000 / registers;
  await engine.close();
  // The rooms of 50 are counted for their members: they are few.
  const memberBytes = (many - empty) / count;
  return {
    comeAtEngine: comeAtEngine! / count,
    comeAtNode: comeAtNode! / count,
    registerSeconds,
    memberBytes,
    roomBytes: Math.max(0, (own - many) / (count / 4) - memberBytes),
    nameBytesAtEngine: Math.max(0, manyEngine - emptyEngine) / count,
  };
}

/** Has names verified as a node does it, 64 at a time. */
async function verifyCosts(
  run: ScaleRun,
): Promise<Pick<Costs, "verifyAtEngine">> {
  const server = await run.server();
  const engine = await server.engine();
  const verify = async () => {
    for (let i = 0; i < VERIFIED; i += 64) {
      await Promise.all(
        range(64).map((j) => engine.swap(`name:m${i + j}`, undefined, "node")),
      );
    }
  };
  await verify(); // they are set
  const times = run.length(4, 1);
  const [atEngine] = await cpuOf([server.pid], async () => {
    for (const _ of range(times)) await verify();
  });
  await engine.close();
  await server.kill();
  return { verifyAtEngine: atEngine! / (times * VERIFIED) };
}

async function nodeOnNode(
  run: ScaleRun,
  { port }: EngineServer,
): Promise<Peer> {
  return await run.start("node", { engine: run.engine, port }, "node");
}
