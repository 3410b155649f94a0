/**
 * `measure.ts ROW ENGINE OPTIONS`: measures one row, and prints what it found as a line
 * of JSON. `main.ts` starts it for each row, on Node: the clients are in its process.
 */
import process from "node:process";
import { Peer } from "../reliability/peer.ts";
import { type Finding, runtimeNames } from "../reliability/row.ts";
import { type EngineServer, startServer } from "./engine_server.ts";
import { range } from "./member.ts";
import type { EngineName, ScaleOptions, ScaleRun } from "./row.ts";
import { rows } from "./rows/mod.ts";

const [name, engineName, given = ""] = process.argv.slice(2);
const row = rows.find((row) => row.name === name);
if (row === undefined) throw new TypeError(`No such row: ${name}`);
const engine = engineName as EngineName;
const options = JSON.parse(given) as ScaleOptions;
const peers: Peer[] = [];
const servers: EngineServer[] = [];
let started = 0;
const run: ScaleRun = {
  engine,
  options,
  length: (full, quick) => options.quick ? quick : full,
  async server({ isDurable = false } = {}) {
    const server = await startServer(engine, isDurable);
    servers.push(server);
    return server;
  },
  async start(program, settings = {}, runtime) {
    const inTurn = runtimeNames[started++ % runtimeNames.length]!;
    const path = `scale/${program}.ts`;
    const peer = await Peer.start(runtime ?? inTurn, path, settings);
    peers.push(peer);
    return peer;
  },
  async nodes(count, { port }, settings = {}) {
    return await Promise.all(
      range(count).map(() => run.start("node", { engine, port, ...settings })),
    );
  },
};
const finding: Finding = await row.measure(run).catch((error) => ({
  figure: `cannot be measured: ${error instanceof Error ? error.stack : error}`
    .replaceAll(/\s+/g, " "),
  holds: false,
}));
const complaints = peers.map(({ complaints }) => complaints).join("").trim();
if (!finding.holds && complaints !== "") console.error(complaints);
for (const peer of peers) peer.kill();
for (const server of servers) await server[Symbol.asyncDispose]();
console.log(JSON.stringify(finding));
process.exit(0);
