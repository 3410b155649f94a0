import { checkOptions, type OptionKinds } from "../checks.ts";
import type { ConnectionStats } from "../framed/stats.ts";
import type {
  CommandStats,
  PeerRequestStats,
  RequestStats,
  ServerStats,
} from "./stats.ts";

/** Options of {@linkcode prometheusText}. */
export interface PrometheusTextOptions {
  /**
   * What the names of all metrics begin with: letters, digits, `_` and `:`, no digit
   * first. Servers of one process need different ones.
   *
   * @default {"framewire"}
   */
  prefix?: string;
}

const kinds: OptionKinds<PrometheusTextOptions> = { prefix: "string" };

/** All that `stats()` of servers and clients may have. */
type AnyStats = Partial<ConnectionStats & ServerStats & PeerRequestStats>;

/** A sample: what stands behind the name, the labels, the value. */
type Sample = readonly [
  suffix: string,
  labels: Readonly<Record<string, string>>,
  value: number,
];

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: (stats: AnyStats) => readonly Sample[];
}

const METRICS: readonly Metric[] = [
  {
    name: "connections_open",
    type: "gauge",
    help: "Connections that are open.",
    samples: ({ connections }) => one(connections?.open),
  },
  {
    name: "connections_accepted_total",
    type: "counter",
    help: "Connections that were given to the handler.",
    samples: ({ connections }) => one(connections?.accepted),
  },
  {
    name: "connections_refused_total",
    type: "counter",
    help: "Connections that were refused, by reason.",
    samples: ({ connections }) => byReason(connections?.refused),
  },
  {
    name: "connections_closed_total",
    type: "counter",
    help: "Connections that have ended, by reason.",
    samples: ({ connections }) => byReason(connections?.closed),
  },
  {
    name: "handlers",
    type: "gauge",
    help: "Handlers of connections that have not ended.",
    samples: ({ handlers }) => one(handlers),
  },
  {
    name: "received_frames_total",
    type: "counter",
    help: "Frames that have been handed out.",
    samples: ({ framesReceived }) => one(framesReceived),
  },
  {
    name: "sent_frames_total",
    type: "counter",
    help: "Frames that have been sent.",
    samples: ({ framesSent }) => one(framesSent),
  },
  {
    name: "received_bytes_total",
    type: "counter",
    help: "Bytes of frames and bodies that have been handed out.",
    samples: ({ bytesReceived }) => one(bytesReceived),
  },
  {
    name: "sent_bytes_total",
    type: "counter",
    help: "Bytes of frames and bodies that the system has taken.",
    samples: ({ bytesSent }) => one(bytesSent),
  },
  {
    name: "unread_bytes",
    type: "gauge",
    help: "Bytes that have arrived and wait to be handed out.",
    samples: ({ unreadBytes }) => one(unreadBytes),
  },
  {
    name: "queued_bytes",
    type: "gauge",
    help: "Bytes that have been sent and wait to be taken by the system.",
    samples: ({ queuedBytes }) => one(queuedBytes),
  },
  {
    name: "requests_under_way",
    type: "gauge",
    help: "Requests that are under way, served or made here.",
    samples: (stats) =>
      directionsOf(stats).map((
        [direction, { underWay }],
      ) => ["", { direction }, underWay]),
  },
  {
    name: "requests_total",
    type: "counter",
    help: "Requests that have ended, by command and outcome.",
    samples: (stats) => commandsOf(stats).flatMap(outcomesOf),
  },
  {
    name: "request_duration_seconds",
    type: "histogram",
    help: "How long requests took that were not refused.",
    samples: (stats) => commandsOf(stats).flatMap(bucketsOf),
  },
];

/**
 * The numbers of a server or a client in the text format of Prometheus, version 0.0.4
 * (<https://prometheus.io/docs/instrumenting/exposition_formats/>). Its content type
 * is `text/plain; version=0.0.4`. The names are in `docs/observability.md`.
 *
 * @example
 * ```ts
 * import { lines, prometheusText, serve } from "@framewire/framewire";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   (connection) => connection.forEach((line) => connection.send(line)),
 * );
 * assertStringIncludes(
 *   prometheusText(server.stats()),
 *   "# TYPE framewire_connections_open gauge\nframewire_connections_open 0\n",
 * );
 * ```
 *
 * @param stats What `stats()` of a server, a connection or a peer has returned.
 * @param options What the names begin with.
 * @returns The text.
 * @throws {TypeError} If the prefix is none, or there is no such option.
 */
export function prometheusText(
  stats: ConnectionStats | ServerStats | PeerRequestStats,
  options: PrometheusTextOptions = {},
): string {
  checkOptions("prometheusText", options, kinds);
  const { prefix = "framewire" } = options;
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(prefix)) {
    throw new TypeError(
      `Cannot use prefix: expected letters, digits, _ and :, got ${
        JSON.stringify(prefix)
      }`,
    );
  }
  let text = "";
  for (const { name, type, help, samples } of METRICS) {
    const found = samples(stats);
    if (found.length === 0) continue;
    const metric = `${prefix}_${name}`;
    text += `# HELP ${metric} ${help}\n# TYPE ${metric} ${type}\n`;
    for (const [suffix, labels, value] of found) {
      text += `${metric}${suffix}${textOf(labels)} ${value}\n`;
    }
  }
  return text;
}

function one(value: number | undefined): Sample[] {
  return value === undefined ? [] : [["", {}, value]];
}

function byReason(
  counts: Readonly<Record<string, number>> = {},
): Sample[] {
  return Object.entries(counts)
    .map(([reason, count]) => ["", { reason }, count]);
}

function directionsOf(
  { served, made }: AnyStats,
): (readonly [direction: string, RequestStats])[] {
  const found: [string, RequestStats][] = [];
  if (served !== undefined) found.push(["served", served]);
  if (made !== undefined) found.push(["made", made]);
  return found;
}

/** The commands of a direction, with the labels that all their samples have. */
interface LabelledCommand {
  readonly labels: Readonly<Record<string, string>>;
  readonly stats: CommandStats;
}

function commandsOf(stats: AnyStats): LabelledCommand[] {
  return directionsOf(stats).flatMap(([direction, { commands }]) =>
    Object.entries(commands)
      .map(([command, stats]) => ({ labels: { direction, command }, stats }))
  );
}

function outcomesOf({ labels, stats }: LabelledCommand): Sample[] {
  const { latency: _, ...outcomes } = stats;
  return Object.entries(outcomes)
    .map(([outcome, count]) => ["", { ...labels, outcome }, count]);
}

/** The buckets of a command, each with all that are in those before it. */
function bucketsOf({ labels, stats }: LabelledCommand): Sample[] {
  const { bounds, counts, sum } = stats.latency;
  let count = 0;
  const buckets = counts.map((inBucket, i): Sample => {
    count += inBucket;
    const le = i < bounds.length ? `${bounds[i]}` : "+Inf";
    return ["_bucket", { ...labels, le }, count];
  });
  return [...buckets, ["_sum", labels, sum], ["_count", labels, count]];
}

function textOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
