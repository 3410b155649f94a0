import { ms, p99 } from "../../reliability/raw.ts";
import { Member, range, sleep } from "../member.ts";
import type { NodeSettings, ScaleRow } from "../row.ts";
import { outcomeOf, readText, sum, Talker } from "../talker.ts";

const ROOM = "hall";
/** How many members a node has; the first one of each is a talker. */
const MEMBERS = 4;
const PER_SECOND = 150;
const TEXT_BYTES = 1_000;

/** An engine that keeps all that is said while the node stands still. */
const KEEPS_ALL: Readonly<Record<string, NodeSettings["engineOptions"]>> = {
  nats: { maxTopicMessages: 100_000 },
  redis: { maxTopicBytes: 64 * 2 ** 20 },
};

export const stoppedNode: ScaleRow = {
  name: "stopped-node",
  promise:
    "one of three nodes stands still (SIGSTOP) for 12 s while people talk: those on the others hear each other as fast as before; afterwards its own people hear all that they have missed",
  bar:
    "p99 at most twice the quiet one; all heard once, in one order, or told that something is lost",
  engines: ["nats", "redis"],
  async measure(run) {
    const server = await run.server();
    const engineOptions = KEEPS_ALL[run.engine]!;
    const nodes = await run.nodes(3, server, { engineOptions });
    const members = await Promise.all(
      range(MEMBERS * nodes.length).map(async (i) => {
        const { port } = nodes[Math.floor(i / MEMBERS)]!;
        const member = await Member.connect(port, `m${i}`);
        await member.join(ROOM);
        return member;
      }),
    );
    const onOthers = members.slice(0, 2 * MEMBERS);
    const onStopped = members.slice(2 * MEMBERS);
    let times: number[] = [];
    for (const member of onOthers) {
      member.onSaid = ({ text, from }) => {
        // What the stopped node was told before is late for its own reasons.
        if (onStopped.some(({ name }) => name === from)) return;
        times.push(performance.now() - readText(text).madeAt);
      };
    }
    const talkers = [0, MEMBERS, 2 * MEMBERS].map((i) =>
      new Talker(members[i]!, ROOM, 3_000 / PER_SECOND, TEXT_BYTES)
    );
    for (const talker of talkers) talker.start();
    const measure = async (seconds: number) => {
      times = [];
      await sleep(seconds * 1_000);
      return p99(times);
    };
    await sleep(2_000); // code is compiled
    const quiet = await measure(run.length(12, 5));
    const [, , stopped] = nodes;
    stopped!.kill("SIGSTOP");
    const meanwhile = await measure(run.length(12, 6));
    stopped!.kill("SIGCONT");
    const wentOnAt = performance.now();
    await sleep(2_000);
    await Promise.all(talkers.map((talker) => talker.stop()));
    const sent = talkers.flatMap(({ sent }) => sent);
    const others = await outcomeOf(ROOM, sent, onOthers);
    const own = await outcomeOf(ROOM, sent, onStopped);
    const backMs = performance.now() - wentOnAt;
    const lost = sum(onStopped.map(({ lost }) => lost));
    const all = await outcomeOf(ROOM, sent, members);
    return {
      figure: `p99 ${ms(quiet)} quiet, ${
        ms(meanwhile)
      } meanwhile; ${sent.length} said: the others ${others.lost} lost, ${others.twice} twice; its people ${own.lost} lost, ${own.twice} twice, told ${lost} times, whole ${
        ms(backMs)
      } after SIGCONT`,
      holds: meanwhile <= 2 * quiet && others.lost === 0 &&
        others.twice === 0 && own.twice === 0 &&
        (lost > 0 || own.lost === 0 && all.sameOrder),
    };
  },
};
