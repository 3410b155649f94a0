import { ms, until } from "../../reliability/raw.ts";
import type { EngineServer } from "../engine_server.ts";
import { Member, range, sleep } from "../member.ts";
import type { ScaleRow } from "../row.ts";
import { outcomeOf, readText, sum, Talker } from "../talker.ts";

const ROOMS = 4;
/** All talkers together say 1,000 texts a second. */
const PER_SECOND = 1_000;

/** How long it took until all talkers were refused, and until all was whole again. */
interface Times {
  readonly refusedMs: number;
  readonly wholeMs: number;
}

export const engineKill: ScaleRow = {
  name: "engine-kill",
  promise:
    "engine killed 10 times under 1,000 messages a second of 12 people on 3 nodes, who say again what was refused: all that was acknowledged is heard once, in one order",
  bar:
    "0 lost, 0 twice, one order; refused within 1 s of the kill; whole within 5 s of the restart",
  engines: ["nats", "redis"],
  async measure(run) {
    const server = await run.server({ isDurable: true });
    const nodes = await run.nodes(3, server);
    const talkers = await Promise.all(
      range(ROOMS * nodes.length).map(async (i) => {
        const room = `room${i % ROOMS}`;
        const { port } = nodes[Math.floor(i / ROOMS)]!;
        const member = await Member.connect(port, `m${i}`);
        await member.join(room);
        const everyMs = 1_000 * ROOMS * nodes.length / PER_SECOND;
        return new Talker(member, room, everyMs);
      }),
    );
    const latest = talkers.map(() => 0);
    talkers.forEach(({ member }, i) => {
      member.onSaid = ({ text }) => latest[i] = readText(text).madeAt;
    });
    for (const talker of talkers) talker.start();
    const times: Times[] = [];
    const rates: number[] = [];
    for (let i = 0; i < run.length(10, 3); i++) {
      const before = sum(talkers.map(({ sent }) => sent.length));
      const from = performance.now();
      await sleep(1_000 + Math.random() * 300);
      const after = sum(talkers.map(({ sent }) => sent.length));
      rates.push((after - before) / (performance.now() - from) * 1_000);
      times.push(await killAndRestart(server, talkers, latest));
    }
    await Promise.all(talkers.map((talker) => talker.stop()));
    const outcomes = await Promise.all(
      range(ROOMS).map((i) => {
        const those = talkers.filter(({ room }) => room === `room${i}`);
        const sent = those.flatMap(({ sent }) => sent);
        const members = those.map(({ member }) => member);
        return outcomeOf(`room${i}`, sent, members);
      }),
    );
    const sent = sum(outcomes.map(({ sent }) => sent));
    const lost = sum(outcomes.map(({ lost }) => lost)) +
      sum(talkers.map(({ member }) => member.lost));
    const twice = sum(outcomes.map(({ twice }) => twice));
    const sameOrder = outcomes.every(({ sameOrder }) => sameOrder);
    const refusedMs = Math.max(...times.map(({ refusedMs }) => refusedMs));
    const wholeMs = Math.max(...times.map(({ wholeMs }) => wholeMs));
    return {
      figure: `${times.length} kills at ${
        (sum(rates) / rates.length).toFixed(0)
      }/s, ${sent} acknowledged: ${lost} lost, ${twice} twice, ${
        sameOrder ? "one order" : "SEVERAL ORDERS"
      }; refused within ${ms(refusedMs)}, whole within ${ms(wholeMs)}`,
      holds: lost === 0 && twice === 0 && sameOrder && refusedMs <= 1_000 &&
        wholeMs <= 5_000,
    };
  },
};

/** @param latest When the latest text was made that each talker has heard. */
async function killAndRestart(
  server: EngineServer,
  talkers: readonly Talker[],
  latest: readonly number[],
): Promise<Times> {
  const killedAt = performance.now();
  await server.kill();
  await until(
    () => talkers.every(({ refusedAt }) => refusedAt > killedAt),
    10_000,
  );
  const refusedMs = Math.max(
    ...talkers.map(({ refusedAt }) => refusedAt),
  ) - killedAt;
  await sleep(Math.random() * 500);
  await server.start();
  const readyAt = performance.now();
  await until(
    () =>
      talkers.every(({ sentAt }) => sentAt > readyAt) &&
      latest.every((madeAt) => madeAt > readyAt),
    20_000,
  );
  return { refusedMs, wholeMs: performance.now() - readyAt };
}
