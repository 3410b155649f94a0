import type { Peer } from "../../reliability/peer.ts";
import { until } from "../../reliability/raw.ts";
import { Member, range, sleep } from "../member.ts";
import type { ScaleRow, Traffic } from "../row.ts";
import { sum } from "../talker.ts";

/** In how many rooms a member is at most. */
const ROOMS_EACH = 10;

/** The two nodes that have members in a room. */
function nodesOf(room: number, count: number): readonly [number, number] {
  const first = room % count;
  const distance = 1 + Math.floor(room / count) % (count - 1);
  return [first, (first + distance) % count];
}

export const interest: ScaleRow = {
  name: "interest",
  promise:
    "1,000 rooms with members on 2 of 2, 4 and 8 nodes: a text is sent to the nodes that have members in the room, however many nodes there are",
  bar:
    "the messages that nodes receive for a text, all together: at most 3 (2 nodes hear it, and NATS acknowledges it), the same within a tenth",
  engines: ["nats", "redis"],
  async measure(run) {
    const counts: { nodes: number; perSay: number; most: number }[] = [];
    const rooms = run.length(1_000, 250);
    for (const nodes of [2, 4, 8]) {
      const server = await run.server();
      const peers = await run.nodes(nodes, server);
      counts.push({ nodes, ...await messagesPerSay(peers, rooms) });
      for (const peer of peers) peer.kill();
      await server.kill();
    }
    const [first] = counts;
    return {
      figure: counts.map(({ nodes, perSay, most }) =>
        `${nodes} nodes: ${perSay.toFixed(2)} for a text, at most ${
          most.toFixed(2)
        } at one node for each text of its rooms`
      ).join("; "),
      holds: counts.every(({ perSay }) =>
        Math.abs(perSay / first!.perSay - 1) <= 0.1 && perSay <= 3 * 1.1
      ),
    };
  },
};

/** A seat of a room on a node, and who has it. */
interface Seat {
  readonly room: string;
  readonly node: number;
  member?: Member;
}

async function messagesPerSay(
  peers: readonly Peer[],
  rooms: number,
): Promise<{ perSay: number; most: number }> {
  const seats: Seat[] = range(rooms).flatMap((room) =>
    nodesOf(room, peers.length).map((node) => ({ room: `r${room}`, node }))
  );
  await Promise.all(peers.map(async ({ port }, node) => {
    const own = seats.filter((seat) => seat.node === node);
    await Promise.all(
      range(Math.ceil(own.length / ROOMS_EACH)).map(async (i) => {
        const member = await Member.connect(port, `m${node}-${i}`);
        const some = own.slice(i * ROOMS_EACH, (i + 1) * ROOMS_EACH);
        for (const seat of some) {
          await member.join(seat.room);
          seat.member = member;
        }
      }),
    );
  }));
  await sleep(1_000); // the nodes have told of the members
  const before = await trafficOf(peers);
  await Promise.all(seats.map(({ room, node, member }) => {
    const text = `${room} ${node}`;
    return member!.say(room, text, text);
  }));
  await until(
    () => seats.every(({ room, member }) => member!.heard(room).length === 2),
    10_000,
  );
  const after = await trafficOf(peers);
  const received = after.map((count, i) => count - before[i]!);
  return {
    perSay: sum(received) / seats.length,
    most: Math.max(...received.map((count, node) =>
      // Two texts were said in each room.
      count / (2 * seats.filter((seat) => seat.node === node).length)
    )),
  };
}

async function trafficOf(peers: readonly Peer[]): Promise<number[]> {
  const all = await Promise.all(
    peers.map((peer) => peer.call<Traffic>("traffic")),
  );
  return all.map(({ received }) => received);
}
