/**
 * A cluster that is replaced under load, with no request lost and none done twice:
 * `main.ts [PROCESSES] [ROUNDS]`.
 *
 * Several processes listen at one port (`reusePort`). Each is replaced in turn: a new one
 * is started, then the old one gets SIGTERM. It tells its clients to go elsewhere,
 * answers what is under way, and ends. Clients repeat what it says it has not handled.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { programArguments } from "../support/arguments.ts";
import { Cluster } from "./cluster.ts";
import { load, type Tally } from "./load.ts";

const CLIENTS = 16;
/** How many requests are answered before and after each round. */
const BETWEEN = 1_000;

const [processes = "2", rounds = "1"] = programArguments(
  "main.ts [PROCESSES] [ROUNDS]: replaces the processes of a cluster under load",
);
const folder = mkdtempSync(join(tmpdir(), "framewire-cluster-"));
const journal = join(folder, "journal");
try {
  const cluster = await Cluster.start(Number(processes), journal);
  console.log(
    `Processes ${(await cluster.pids()).join(", ")} at ${cluster.address}`,
  );
  const tally: Tally = {
    sent: 0,
    answered: 0,
    repeated: 0,
    lost: 0,
    connected: 0,
  };
  const stop = new AbortController();
  const loading = load(cluster.address, CLIENTS, tally, stop.signal);
  const answered = async (count: number) => {
    while (tally.answered < count) {
      await Promise.race([
        loading,
        new Promise((resolve) => setTimeout(resolve, 20)),
      ]);
    }
  };
  await answered(BETWEEN);
  for (let round = 0; round < Number(rounds); round++) {
    await cluster.restart();
    console.log(`Replaced by ${(await cluster.pids()).join(", ")}`);
    await answered(tally.answered + BETWEEN);
  }
  stop.abort();
  await loading;
  await cluster.close();
  const done = readFileSync(journal, "utf8").trim().split("\n");
  const doubled = done.length - new Set(done).size;
  const { sent, repeated, lost, connected } = tally;
  console.log(
    `Requests: ${sent} sent, ${tally.answered} answered, ${repeated} repeated, ${lost} lost, ${doubled} doubled; ${connected} connections`,
  );
  const isRight = lost === 0 && doubled === 0 && done.length === sent;
  process.exitCode = isRight ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
