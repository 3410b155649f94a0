import { ms, p99, until } from "../../reliability/raw.ts";
import { fill } from "../fill.ts";
import { Member, range, sleep } from "../member.ts";
import type { ScaleRow, Traffic } from "../row.ts";
import { sum } from "../talker.ts";

const ROOM = "hall";
const MEMBERS = 1_000;
const QUESTIONS = 200;

export const who: ScaleRow = {
  name: "who",
  promise:
    "`who` of a room of 1,000 members on 3 nodes, one of which hangs: the answer needs no other node",
  bar: "p99 of 200 under 5 ms, all 1,000 names in each, no use of the engine",
  engines: ["nats", "redis"],
  async measure(run) {
    const server = await run.server();
    const nodes = await run.nodes(3, server);
    const askers = await Promise.all(nodes.map(async ({ port }, i) => {
      const asker = await Member.connect(port, `asker${i}`);
      await asker.join(ROOM);
      return asker;
    }));
    await Promise.all(
      range(MEMBERS - askers.length).map((i) =>
        fill(nodes[i % nodes.length]!.port, `m${i}`, ROOM)
      ),
    );
    const isFull = await until(async () => {
      const all = await Promise.all(askers.map((asker) => asker.who(ROOM)));
      return all.every(({ length }) => length === MEMBERS);
    }, 60_000);
    await sleep(1_000);
    const [asking, , hung] = nodes;
    const [asker] = askers;
    const usesOf = async () => (await asking!.call<Traffic>("traffic")).calls;
    for (const _ of range(QUESTIONS)) await asker!.who(ROOM); // code is compiled
    hung!.kill("SIGSTOP");
    const before = await usesOf();
    const times: number[] = [];
    const missing: number[] = [];
    for (const _ of range(QUESTIONS)) {
      const start = performance.now();
      const names = await asker!.who(ROOM);
      times.push(performance.now() - start);
      missing.push(MEMBERS - names.length);
    }
    const uses = await usesOf() - before;
    hung!.kill("SIGCONT");
    return {
      figure: `p99 ${ms(p99(times))}, ${
        sum(missing)
      } names missing, ${uses} uses of the engine`,
      holds: isFull && p99(times) < 5 && sum(missing) === 0 && uses === 0,
    };
  },
};
