/**
 * What becomes of the measured costs at another size: which part of a service is used up
 * first. All is proportional, as far as the model knows: a cost is the same at any load.
 */
import type { EngineName } from "./row.ts";

/** What was measured, of one process each. Times are CPU time in seconds. */
export interface Costs {
  /** Of a beat for each node that it is sent to. */
  readonly beatAtEngine: number;
  readonly beatAtNode: number;
  /** Of a text, for the engine: one that a single node hears, and each node more. */
  readonly textAtEngine: number;
  readonly hearerAtEngine: number;
  /** Of a text, for a node: that says it, that hears it, and for each of its members. */
  readonly sayAtNode: number;
  readonly hearAtNode: number;
  readonly memberAtNode: number;
  /** Of somebody who connects, takes a name and enters a room of 50. */
  readonly comeAtEngine: number;
  readonly comeAtNode: number;
  /** Of a register that is read, as all are when a node has died: also by the clock. */
  readonly registerSeconds: number;
  /** Of a name that is verified, as all are when the engine is up again. */
  readonly verifyAtEngine: number;
  /** Memory in bytes. A member has a connection, a name, and a place in a room. */
  readonly memberBytes: number;
  readonly roomBytes: number;
  readonly nameBytesAtEngine: number;
}

/** The size of a service, and what its machines have. None of it is measured. */
export interface Assumptions {
  readonly nodes: number;
  readonly membersPerNode: number;
  readonly membersPerRoom: number;
  readonly nodesPerRoom: number;
  /** How many texts a member says in a minute. */
  readonly textsPerMinute: number;
  /** How many cores the engine can use to send, and to keep texts. */
  readonly sendingCores: number;
  readonly keepingCores: number;
  readonly engineBytes: number;
  readonly nodeBytes: number;
  /** How long it may take after a death until all is as it was, in seconds. */
  readonly recoverySeconds: number;
}

const GIB = 2 ** 30;

/** A large service. A thread of Redis does all; a stream of JetStream is kept by one. */
export function largeService(engine: EngineName): Assumptions {
  return {
    nodes: 1_000,
    membersPerNode: 10_000,
    membersPerRoom: 50,
    nodesPerRoom: 2,
    textsPerMinute: 1,
    sendingCores: engine === "redis" ? 1 : 8,
    keepingCores: 1,
    engineBytes: 64 * GIB,
    nodeBytes: 4 * GIB,
    recoverySeconds: 60,
  };
}

/** What a part of the service has to do. */
export interface Load {
  readonly what: string;
  /** How much there is of it, with its unit. */
  readonly load: string;
  /** What it takes, and what there is, with their unit. */
  readonly takes: string;
  /** How much of what there is it takes: above 1, it cannot be. */
  readonly use: number;
  /** How many nodes of so many members there can be at most. */
  readonly mostNodes: number;
}

/** All loads, the heaviest first. */
export function loadsOf(costs: Costs, size: Assumptions): Load[] {
  const { nodes, membersPerNode, membersPerRoom, nodesPerRoom } = size;
  const members = nodes * membersPerNode;
  const texts = members * size.textsPerMinute / 60;
  const hereOfRoom = membersPerRoom / nodesPerRoom;
  const rooms = membersPerNode / hereOfRoom;
  const saidHere = texts / nodes;
  const heardHere = saidHere * nodesPerRoom;
  const load = (
    what: string,
    load: string,
    need: number,
    have: number,
    unit: string,
    power = 1,
  ): Load => ({
    what,
    load,
    takes: `${short(need)} of ${short(have)} ${unit}`,
    use: need / have,
    mostNodes: power === 0
      ? (need > have ? 0 : Infinity)
      : nodes * (have / need) ** (1 / power),
  });
  return [
    load(
      "engine: beats",
      `${count(nodes * nodes)} deliveries/s`,
      nodes * nodes * costs.beatAtEngine,
      size.sendingCores,
      "cores",
      2,
    ),
    load(
      "engine: texts",
      `${count(texts)} texts/s, each to ${nodesPerRoom} nodes`,
      texts *
        (costs.textAtEngine + (nodesPerRoom - 1) * costs.hearerAtEngine),
      size.keepingCores,
      "cores",
    ),
    load(
      "engine: memory of names",
      `${count(members)} names`,
      members * costs.nameBytesAtEngine / GIB,
      size.engineBytes / GIB,
      "GiB",
    ),
    load(
      "engine: a node dies",
      `all ${count(members)} names read by one node`,
      members * costs.registerSeconds,
      size.recoverySeconds,
      "s",
    ),
    load(
      "engine: its members come elsewhere",
      `${count(membersPerNode)} join`,
      membersPerNode * costs.comeAtEngine,
      size.recoverySeconds * size.keepingCores,
      "s",
      0,
    ),
    load(
      "engine: it was restarted",
      `all ${count(members)} names verified`,
      members * costs.verifyAtEngine,
      size.recoverySeconds * size.keepingCores,
      "s",
    ),
    load(
      "node: beats",
      `${count(nodes)} beats/s`,
      nodes * costs.beatAtNode,
      1,
      "cores",
    ),
    load(
      "node: texts",
      `${count(saidHere)} said, ${count(heardHere)} heard, ${
        count(heardHere * hereOfRoom)
      } told/s`,
      saidHere * costs.sayAtNode +
        heardHere * (costs.hearAtNode + hereOfRoom * costs.memberAtNode),
      1,
      "cores",
      0,
    ),
    load(
      "node: memory",
      `${count(membersPerNode)} members, ${count(rooms)} rooms`,
      (membersPerNode * costs.memberBytes + rooms * costs.roomBytes) / GIB,
      size.nodeBytes / GIB,
      "GiB",
      0,
    ),
  ].sort((a, b) => b.use - a.use);
}

/** The costs, the assumptions and the loads as tables. */
export function tablesOf(
  engine: EngineName,
  costs: Costs,
  size: Assumptions,
): string[] {
  const us = (seconds: number) => `${(seconds * 1e6).toFixed(1)} µs`;
  const kib = (bytes: number) => `${(bytes / 1_024).toFixed(1)} KiB`;
  return [
    "",
    `## ${count(size.nodes)} nodes over ${engine}: a model`,
    "",
    `Assumed: ${
      count(size.membersPerNode)
    } members on each node, rooms of ${size.membersPerRoom} on ${size.nodesPerRoom} nodes, ${size.textsPerMinute} text a minute of each member; an engine with ${size.sendingCores} cores to send and ${size.keepingCores} to keep, and ${
      size.engineBytes / GIB
    } GiB; a node with one core and ${
      size.nodeBytes / GIB
    } GiB; ${size.recoverySeconds} s until all is as it was after a death; all costs as at the small load at which they were measured.`,
    "",
    `Measured, as CPU time: a beat ${
      us(costs.beatAtEngine)
    } at the engine for each node and ${
      us(costs.beatAtNode)
    } at each node; a text ${us(costs.textAtEngine)} at the engine, ${
      us(costs.hearerAtEngine)
    } for each node more, ${us(costs.sayAtNode)} at the node that says it, ${
      us(costs.hearAtNode)
    } at one that hears it, ${
      us(costs.memberAtNode)
    } for each member; to connect, take a name and join ${
      us(costs.comeAtNode)
    } at the node and ${us(costs.comeAtEngine)} at the engine; to read a name ${
      us(costs.registerSeconds)
    } by the clock, to verify it ${
      us(costs.verifyAtEngine)
    } at the engine. Memory: ${kib(costs.memberBytes)} for a member and ${
      kib(costs.roomBytes)
    } for a room at the node, ${
      kib(costs.nameBytesAtEngine)
    } for a name at the engine.`,
    "",
    "| what | load | takes | times what there is | nodes at most |",
    "| --- | --- | --- | --- | --- |",
    ...loadsOf(costs, size).map(({ what, load, takes, use, mostNodes }) =>
      `| ${what} | ${load} | ${takes} | ${short(use)} | ${
        mostNodes === Infinity ? "any number" : count(mostNodes)
      } |`
    ),
  ];
}

function count(value: number): string {
  return Math.floor(value).toLocaleString("en");
}

function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
