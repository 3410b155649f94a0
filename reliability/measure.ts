/**
 * `measure.ts ROW RUNTIME [--sabotage] [--long]`: measures one row, and prints what
 * it found as a line of JSON. `main.ts` starts it for each row, on Node: its sockets
 * are the other side of what is measured.
 */
import process from "node:process";
import { Peer } from "./peer.ts";
import type { Finding, Run, RuntimeName } from "./row.ts";
import { rows } from "./rows/mod.ts";

const [name, runtime, ...flags] = process.argv.slice(2);
const row = rows.find((row) => row.name === name);
if (row === undefined) throw new TypeError(`No such row: ${name}`);
const peers: Peer[] = [];
const sabotaged = flags.includes("--sabotage");
const long = flags.includes("--long");
const run: Run = {
  runtime: runtime as RuntimeName,
  sabotaged,
  long,
  either: (right, wrong) => sabotaged ? wrong : right,
  length: (short, soak) => long ? soak : short,
  async start(program, settings = {}, options = {}) {
    const path = `reliability/peers/${program}.ts`;
    const peer = await Peer.start(run.runtime, path, settings, options);
    peers.push(peer);
    return peer;
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
console.log(JSON.stringify(finding));
process.exit(0);
