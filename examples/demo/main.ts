/**
 * `deno task demo`: one server, four clients at once, one frame format. What TCP
 * glues together or cuts in pieces comes out as the messages that went in.
 */

import type { Server } from "../../mod.ts";
import { root } from "../../scripts/testing/process.ts";
import { programArguments } from "../support/arguments.ts";
import { type Client, findClients, type Report, runClient } from "./clients.ts";
import { portOf, replyWhenAllAreHere, type Tally } from "./server.ts";
import { setUp } from "./setup.ts";
import {
  printCast,
  printConversation,
  printPurpose,
  printTallies,
} from "./story.ts";
import { count, printFailure, printSuccess } from "./transcript.ts";

/** The text whose lines are the messages. */
const TEXT_FILE = `${root}README.md`;
const CHINESE = ["粘包与分包: 你好,世界", "消息有长短,字节不分家"];

programArguments(
  "main.ts: runs a server and four clients, and tells what they did",
);

async function main(folder: string): Promise<void> {
  const started = performance.now();
  await setUp(folder);
  const clients = await findClients(folder);
  const text = await Deno.readTextFile(TEXT_FILE);
  const messages = [...text.split(/\r?\n/), ...CHINESE];
  const file = `${folder}/messages.json`;
  await Deno.writeTextFile(file, JSON.stringify(messages));

  printPurpose();
  const tallies = new Map<number, Tally>();
  const server = await replyWhenAllAreHere(clients.length, tallies);
  const talking = performance.now();
  let reports: Report[][];
  try {
    printCast(server, clients, messages);
    reports = await talk(clients, server, file);
  } finally {
    await server.close();
  }
  const talked = seconds(talking);

  printConversation(clients, reports, messages);
  printTallies(clients, reports, tallies, messages);
  const total = reports.flat().length * messages.length;
  printSuccess(
    `All right: ${count(total)} messages out and ${
      count(total)
    } replies back, ` +
      `none lost, none doubled, every byte as expected (${talked} s, ` +
      `${seconds(started)} s with the set-up).`,
  );
}

/** Runs all clients at once; when one fails, the others are ended. */
async function talk(
  clients: readonly Client[],
  server: Server<Uint8Array>,
  file: string,
): Promise<Report[][]> {
  const stop = new AbortController();
  const args = [`${portOf(server.address)}`, file];
  let failure: unknown;
  const reports = await Promise.all(clients.map(async (client) => {
    try {
      return await runClient(client, args, stop.signal);
    } catch (error) {
      // The first to fail is the reason; the others fail because of it.
      failure ??= error;
      stop.abort();
      return [];
    }
  }));
  if (failure !== undefined) throw failure;
  return reports;
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1_000).toFixed(1);
}

const folder = await Deno.makeTempDir({ prefix: "framewire-demo-" });
// Also when the demo is interrupted.
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
try {
  await main(folder);
} catch (error) {
  printFailure(`Failed: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
