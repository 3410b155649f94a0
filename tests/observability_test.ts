/** The tables of docs/observability.md have the names that the code has. */

import { assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type ObservedEvent, prometheusText } from "../mod.ts";
import { CLIENT_TIME_LIMITS } from "../src/defaults.ts";
import { connectMessages, serveMessages } from "../src/message/mod.ts";
import { DIAGNOSTICS_CHANNELS } from "../src/net/adapters/diagnostics.ts";
import { memoryNetwork } from "../src/net/adapters/memory.ts";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/observability.md", root), "utf8");

/** The cells of all rows of the tables under a heading. */
function rowsOf(heading: string): string[][] {
  const part = page.split(/^## /m).find((text) => text.startsWith(heading));
  return (part ?? "").split("\n")
    .filter((line) => /^\| [`a]/.test(line))
    .map((line) => line.slice(2, -2).split("|").map((cell) => cell.trim()));
}

const namesIn = (cell: string | undefined) =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** What a server and a client of messages say after a request, and are told. */
async function exchange() {
  const events: ObservedEvent[] = [];
  const at = {
    address: "memory:names",
    network: memoryNetwork(),
    maxConnections: 1,
    observe: (event: ObservedEvent) => void events.push(event),
    onConnectionError: () => undefined,
  };
  const { onConnectionError: _, maxConnections: __, ...ofClient } = at;
  const server = await serveMessages(at);
  server.on("add", () => 3);
  const client = await connectMessages(ofClient);
  await client.request("add", 1);
  const refused = await connectMessages(ofClient);
  await refused.closed;
  await client.close();
  await server.close();
  return { events, server: server.stats(), client: client.stats() };
}

const { events, server, client } = await exchange();

test("the tables of numbers have all fields of stats()", () => {
  const { connections, served, made, ...flat } = server;
  const fields = [
    ...Object.keys(flat),
    ...Object.keys(connections).map((name) => `connections.${name}`),
    ...Object.keys(served).filter((name) => name !== "commands"),
    ...Object.keys(served.commands["add"]!)
      .map((name) => `commands[name].${name}`),
  ];
  const rows = rowsOf("Numbers").filter(([first]) => !first!.includes(" and "))
    .filter((row) => row.length === 3);
  assertEquals(
    rows.flatMap(([name]) => namesIn(name)).sort(),
    fields.sort(),
  );
  assertEquals(Object.keys(made), Object.keys(served));
  const ofClient = Object.keys(client);
  assertEquals(ofClient.filter((name) => !(name in server)), ["strays"]);
});

test("the tables of numbers have all metrics, with their labels", () => {
  const found = new Map<string, Set<string>>();
  for (const line of prometheusText(server).split("\n")) {
    const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})?/.exec(line) ?? [];
    if (name === undefined) continue;
    const metric = name.replace(/_(bucket|sum|count)$/, "");
    const set = found.get(metric) ?? new Set();
    found.set(metric, set);
    for (const [, label] of labels.matchAll(/(\w+)="/g)) {
      if (label !== "le") set.add(label!);
    }
  }
  const metrics = [...found].map(([name, labels]) =>
    labels.size === 0 ? name : `${name}{${[...labels].join(",")}}`
  );
  const documented = rowsOf("Numbers").flatMap((row) => namesIn(row[2]));
  assertEquals(documented.sort(), metrics.sort());
});

test("the page has the bounds of the buckets", () => {
  const { bounds } = server.served.commands["add"]!.latency;
  const text = `${bounds.slice(0, -1).join(", ")} and ${bounds.at(-1)} seconds`;
  assertEquals(page.replaceAll("\n", " ").includes(text), true, text);
});

test("the table of limits has each that a NetError can have", () => {
  const sources = readdirSync(new URL("src/", root), {
    recursive: true,
    encoding: "utf8",
  }).filter((path) => path.endsWith(".ts"));
  const limits = new Set(Object.keys(CLIENT_TIME_LIMITS));
  for (const path of sources) {
    const text = readFileSync(
      new URL(`src/${path.replaceAll("\\", "/")}`, root),
      "utf8",
    ).replace(/\/\*[\s\S]*?\*\//g, "");
    // As the option of an error, or of what makes errors for one limit or the other.
    const named =
      /(?:\blimit: |new (?:Unready|Rate)(?:<\w+>)?\(\s*|, what, )"([\w.]+)"/g;
    for (const [, name] of text.matchAll(named)) limits.add(name!);
  }
  const rows = rowsOf("Why").map(([name]) => name!);
  const documented = rows.slice(
    rows.findIndex((row) => row.startsWith("a `Net")) + 1,
  );
  assertEquals(documented.flatMap(namesIn), [...limits].sort());
});

test("the table of reasons is that of closeReason()", () => {
  const source = readFileSync(
    new URL("src/framed/close_reason.ts", root),
    "utf8",
  );
  const own = [...source.matchAll(/^ \* \| `([a-z-]+)` \|/gm)]
    .map((match) => match[1]!);
  const rows = rowsOf("Why").map(([name]) => name!);
  assertEquals(rows.slice(0, own.length).flatMap(namesIn), own);
});

test("the table of events has their fields and their channels", () => {
  const rows = rowsOf("Events").map(([type, , fields, channel]) =>
    [namesIn(type)[0], namesIn(fields), namesIn(channel)[0]] as const
  );
  const types = new Map(events.map((event) => [event.type, event]));
  assertEquals(
    rows.map(([type]) => type),
    Object.keys(DIAGNOSTICS_CHANNELS),
  );
  for (const [type, fields, channel] of rows) {
    const { type: _, ...rest } = types.get(type as ObservedEvent["type"])!;
    assertEquals(fields, Object.keys(rest), type!);
    const names: Readonly<Record<string, string>> = DIAGNOSTICS_CHANNELS;
    assertEquals(channel, names[type!]);
  }
});
