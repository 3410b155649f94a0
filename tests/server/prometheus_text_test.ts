import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import {
  type CommandStats,
  createClient,
  lines,
  type PeerRequestStats,
  prometheusText,
  serve,
  type ServerStats,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";

const command: CommandStats = {
  done: 5,
  failed: 1,
  refused: 0,
  cancelled: 0,
  timedOut: 2,
  latency: { bounds: [0.1, 1], counts: [3, 0, 2], sum: 4.5 },
};

const server: ServerStats & PeerRequestStats = {
  connections: {
    open: 3,
    accepted: 7,
    refused: { maxConnections: 2 },
    closed: { done: 1, reset: 3 },
  },
  handlers: 3,
  framesReceived: 10,
  framesSent: 11,
  bytesReceived: 120,
  bytesSent: 130,
  unreadBytes: 14,
  queuedBytes: 15,
  served: {
    underWay: 4,
    commands: { 'say "hi"\\\n': command },
  },
  made: { underWay: 0, commands: {} },
};

/** A family of metrics as the text has it. */
interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Map<string, number>;
}

/** Reads the text format strictly: every line, and in its order. */
function parse(text: string): Map<string, Family> {
  assert(text.endsWith("\n"));
  const families = new Map<string, Family>();
  let help: string[] = [];
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name, rest] = comment as unknown as string[];
      if (kind === "HELP") help = [name!, rest!];
      else {
        assertEquals(help[0], name, line);
        assert(!families.has(name!), `${name} twice`);
        families.set(name!, {
          type: rest!,
          help: help[1]!,
          samples: new Map(),
        });
        current = name!;
      }
      continue;
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)$/
        .exec(line);
    assert(sample !== null, line);
    const [, name, labels = "", value] = sample;
    const family = families.get(current)!;
    const own = family.type === "histogram"
      ? [`${current}_bucket`, `${current}_sum`, `${current}_count`]
      : [current];
    assert(own.includes(name!), line);
    const key = name!.slice(current.length) + labels;
    assert(!family.samples.has(key), `${line} twice`);
    assert(Number.isFinite(Number(value)), line);
    family.samples.set(key, Number(value));
  }
  return families;
}

test("prometheusText() has every number of the stats", () => {
  const families = parse(prometheusText(server));
  const simple = [...families]
    .filter(([name]) => !name.includes("_request"))
    .map(([name, { type, samples }]) =>
      `${name} ${type} ${JSON.stringify([...samples])}`
    );
  assertEquals(simple, [
    'framewire_connections_open gauge [["",3]]',
    'framewire_connections_accepted_total counter [["",7]]',
    'framewire_connections_refused_total counter [["{reason=\\"maxConnections\\"}",2]]',
    'framewire_connections_closed_total counter [["{reason=\\"done\\"}",1],["{reason=\\"reset\\"}",3]]',
    'framewire_handlers gauge [["",3]]',
    'framewire_received_frames_total counter [["",10]]',
    'framewire_sent_frames_total counter [["",11]]',
    'framewire_received_bytes_total counter [["",120]]',
    'framewire_sent_bytes_total counter [["",130]]',
    'framewire_unread_bytes gauge [["",14]]',
    'framewire_queued_bytes gauge [["",15]]',
  ]);
  const underWay = families.get("framewire_requests_under_way");
  assertEquals([...underWay!.samples], [
    ['{direction="served"}', 4],
    ['{direction="made"}', 0],
  ]);
});

test("prometheusText() escapes labels, and adds the buckets up", () => {
  const families = parse(prometheusText(server));
  const labels = 'direction="served",command="say \\"hi\\"\\\\\\n"';
  assertEquals([...families.get("framewire_requests_total")!.samples], [
    [`{${labels},outcome="done"}`, 5],
    [`{${labels},outcome="failed"}`, 1],
    [`{${labels},outcome="refused"}`, 0],
    [`{${labels},outcome="cancelled"}`, 0],
    [`{${labels},outcome="timedOut"}`, 2],
  ]);
  const { type, samples } = families.get("framewire_request_duration_seconds")!;
  assertEquals(type, "histogram");
  assertEquals([...samples], [
    [`_bucket{${labels},le="0.1"}`, 3],
    [`_bucket{${labels},le="1"}`, 3],
    [`_bucket{${labels},le="+Inf"}`, 5],
    [`_sum{${labels}}`, 4.5],
    [`_count{${labels}}`, 5],
  ]);
});

test("prometheusText() takes the stats of a client, and another prefix", async () => {
  const network = memoryNetwork();
  const address = "memory:metrics";
  const codec = lines();
  await using _ = await serve({ address, network, codec }, () => undefined);
  await using client = await createClient({ address, network, codec });
  await client.send("hello");
  const families = parse(prometheusText(client.stats(), { prefix: "one" }));
  assertEquals(families.size, 6);
  assertEquals(families.get("one_sent_frames_total")?.samples.get(""), 1);
});

test("prometheusText() refuses a prefix that no metric may begin with", () => {
  for (const prefix of ["", "1st", "a-b", "a b", "ä"]) {
    const error = assertThrows(
      () => prometheusText(server, { prefix }),
      TypeError,
    );
    assertStringIncludes(error.message, "Cannot use prefix");
  }
});

const promtool = spawnSync("promtool", ["--version"]).status === 0;

test(
  "promtool of Prometheus finds no fault in prometheusText()",
  { skip: promtool ? false : "no promtool (Debian's package prometheus) here" },
  () => {
    const { status, stdout, stderr } = spawnSync(
      "promtool",
      ["check", "metrics"],
      { input: prometheusText(server), encoding: "utf8" },
    );
    assertEquals([stdout, stderr, status], ["", "", 0]);
  },
);
