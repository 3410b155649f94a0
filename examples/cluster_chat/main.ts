/**
 * `deno task demo:cluster`: a chat service of three nodes, on Deno, Bun and Node. People
 * talk while each node, and then the engine between them, is killed and started again.
 * Their transcripts must have every word, once, in one order.
 */

import { setTimeout } from "node:timers/promises";
import { ensureNodeModules } from "../../scripts/testing/setup.ts";
import {
  count,
  printFailure,
  printHeading,
  printSuccess,
  printTable,
} from "../demo/transcript.ts";
import { misused, programOptions } from "../support/arguments.ts";
import { engineNames, findService, type Service } from "./service.ts";
import { Talker } from "./talker.ts";

const PEOPLE = ["Ann", "Bob", "Cid", "Dora"];
/** How often somebody says something, in turn. */
const WORD_MS = 50;
/** How often a word that was heard is shown. */
const SHOW_MS = 1_500;
/** How long people talk between two steps. */
const TALK_MS = 1_000;
/** How long the engine is away. */
const OUTAGE_MS = 2_000;
/** How long it may take until everybody has heard everything. */
const CATCH_UP_MS = 30_000;

const usage =
  "main.ts [--engine NAME]: kills the nodes of a chat service while people talk; NAME is nats, redis or memory, by default the first that is installed";
const { options } = programOptions(usage, ["engine"]);
const wanted = engineNames.find((name) => name === options.engine);
if (options.engine !== undefined && wanted === undefined) {
  misused(`Cannot use the engine ${options.engine}`, usage);
}
const started = performance.now();

/** @returns Whether nobody has missed a word, or heard one twice. */
async function main(folder: string): Promise<boolean> {
  await ensureNodeModules();
  const service = await findService(folder, wanted);
  await open(service);
  const addresses = service.nodes.map(({ address }) => address);
  const people = PEOPLE.map((name, i) => {
    // Each begins at another node, and goes on to the next.
    const first = i % addresses.length;
    const order = [...addresses.slice(first), ...addresses.slice(0, first)];
    return new Talker(name, order, tell);
  });
  await Promise.all(people.map(({ ready }) => ready));

  printHeading("They talk");
  let turn = 0;
  const talking = setInterval(
    () => people[turn++ % people.length]?.say(),
    WORD_MS,
  );
  const [somebody] = people;
  let shown = 0;
  const showing = setInterval(() => {
    const heard = somebody?.heard ?? [];
    const isNew = heard.length > shown;
    tell(`${somebody?.name} hears ${isNew ? heard.at(-1) : "nothing"}`);
    shown = heard.length;
  }, SHOW_MS);
  await killInTurn(service, people);
  clearInterval(talking);
  clearInterval(showing);
  await catchUp(people);
  await Promise.all(people.map((person) => person.leave()));
  for (const part of [...service.nodes, service.engine]) await part.kill();
  return report(people);
}

async function open({ engine, nodes }: Service): Promise<void> {
  printHeading("Three nodes, one chat");
  await engine.start();
  await Promise.all(nodes.map((node) => node.start()));
  printTable(["", "", "at"], [
    ["engine", engine.name, ""],
    ...nodes.map(({ name, address }) => ["node", name, address]),
  ]);
  console.log(
    "\n  A node that is killed is noticed by the others after 4 to 5 s. Until then, the\n" +
      "  names of its people are taken, also for themselves.",
  );
  if (nodes.every(({ isProcess }) => isProcess)) return;
  console.log(
    "  There is neither nats-server nor redis-server: the nodes are in this process,\n" +
      "  and are cut off where they would be killed.",
  );
}

async function killInTurn(
  { engine, nodes }: Service,
  people: readonly Talker[],
): Promise<void> {
  await setTimeout(TALK_MS);
  for (const node of nodes) {
    tell(`${node.name} is killed`);
    await node.kill();
    await catchUp(people);
    await node.start();
    tell(`${node.name} is there again`);
    await setTimeout(TALK_MS);
  }
  tell(`${engine.name} is killed`);
  await engine.kill();
  await setTimeout(OUTAGE_MS);
  await engine.start();
  tell(`${engine.name} is there again`);
  await catchUp(people);
  await setTimeout(TALK_MS);
}

/**
 * Everybody says something; waits until everybody has heard that, and all before it. So
 * all are in the room again.
 */
async function catchUp(people: readonly Talker[]): Promise<void> {
  for (const person of people) person.say();
  const said = people.flatMap((person) => person.said).length;
  await Promise.all(people.map((person) => person.hears(said, CATCH_UP_MS)));
}

function report(people: readonly Talker[]): boolean {
  const said = people.flatMap((person) => person.said);
  const order = people[0]?.heard.join();
  const rows = people.map(({ name, heard, returns, doubts, ...person }) => {
    const once = new Set(heard);
    return {
      name,
      said: person.said.length,
      heard: heard.length,
      missed: said.filter((word) => !once.has(word)).length,
      twice: heard.length - once.size,
      isSame: heard.join() === order,
      returns,
      doubts,
    };
  });
  printHeading("What is in their transcripts");
  printTable(
    ["", "said", "heard", "missed", "twice", "same order", "came back"],
    rows.map(({ name, said, heard, missed, twice, isSame, returns }) => [
      name,
      said,
      heard,
      missed,
      twice,
      isSame ? "yes" : "NO",
      returns,
    ]),
  );
  const isRight = rows.every(({ missed, twice, isSame, doubts }) =>
    missed + twice + doubts === 0 && isSame
  );
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  if (isRight) {
    printSuccess(
      `All right: ${count(said.length)} words, and each of ${people.length} ` +
        `people heard every one, once, in the same order (${seconds} s).`,
    );
  } else printFailure("Failed: the transcripts are not what was said.");
  return isRight;
}

/** A line of the story, with the time. */
function tell(text: string): void {
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${seconds.padStart(6)} s  ${text}`);
}

const folder = await Deno.makeTempDir({ prefix: "framewire-cluster-" });
// Also when the demo is interrupted.
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
try {
  Deno.exit(await main(folder) ? 0 : 1);
} catch (error) {
  printFailure(`Failed: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
