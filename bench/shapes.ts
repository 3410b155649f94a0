/** The shapes of load, and what is measured under each. */
import {
  type Command,
  type LoadGenerator,
  output,
  Running,
} from "./processes.ts";

/** The echo servers of `servers/main.ts`: first the floors, then ours. */
export const servers = [
  "raw",
  "hand",
  "handIterate",
  "forEach",
  "observed",
  "iterate",
  "batches",
  "pipe",
  "pipeBatches",
] as const;

export type ServerName = typeof servers[number];

/** The floor by hand of a server that takes frames in the same way. */
export function floorOf(server: ServerName): ServerName {
  return server === "iterate" ? "handIterate" : "hand";
}

/** One figure of one round. */
export interface Figure {
  /** Messages, or connections, a second. */
  readonly perSecond?: number;
  /** What each cost the server: nanoseconds of CPU, or bytes of memory. */
  readonly cost: number;
}

/** A shape of load. */
export interface Shape {
  readonly name: string;
  /** The unit of what is counted, and of its cost. */
  readonly counted: string;
  readonly unit: "ns" | "bytes";
  /** Servers that tell nothing new under it are left out. */
  readonly servers: readonly ServerName[];
  measure(server: Command, load: LoadGenerator): Promise<Figure>;
}

const WARM_UP_SECONDS = 0.4;
const SECONDS = 1.2;
const IDLE_CONNECTIONS = 2_000;

/** All shapes. */
export const shapes: readonly Shape[] = [
  echoShape("pipelined: 64 B x 64", 64, 64),
  echoShape("one in flight: 64 B", 1, 64),
  echoShape("large: 16 KiB x 8", 8, 16_384),
  echoShape("cold: 64 B x 64, the first 1.2 s", 64, 64, 0),
  {
    name: "connect, echo, close",
    counted: "connections",
    unit: "ns",
    servers: ["raw", "hand", "forEach", "observed", "iterate"],
    measure: (server, load) =>
      underLoad(server, load, ["50"], "connect", WARM_UP_SECONDS),
  },
  {
    name: `idle: ${IDLE_CONNECTIONS} connections`,
    counted: "connections",
    unit: "bytes",
    servers: ["raw", "forEach", "observed", "iterate"],
    measure: measureIdle,
  },
];

function echoShape(
  name: string,
  inFlight: number,
  size: number,
  warmUpSeconds = WARM_UP_SECONDS,
): Shape {
  return {
    name,
    counted: "messages",
    unit: "ns",
    servers,
    measure: (server, load) =>
      underLoad(
        server,
        load,
        ["16", `${inFlight}`, `${size}`],
        "echo",
        warmUpSeconds,
      ),
  };
}

async function underLoad(
  command: Command,
  { command: load }: LoadGenerator,
  args: readonly string[],
  mode: "echo" | "connect",
  warmUpSeconds: number,
): Promise<Figure> {
  await using server = new Running(command);
  const port = await server.line();
  const run = (seconds: number) =>
    output([...load, mode, port, ...args, `${seconds}`]);
  if (warmUpSeconds > 0) await run(warmUpSeconds);
  const before = await server.cpuSeconds();
  const perSecond = Number(await run(SECONDS));
  const used = await server.cpuSeconds() - before;
  return { perSecond, cost: used / (perSecond * SECONDS) * 1e9 };
}

async function measureIdle(
  command: Command,
  { command: load }: LoadGenerator,
): Promise<Figure> {
  await using server = new Running(command);
  const port = await server.line();
  // The first connections bring in code and memory that all others share.
  await output([...load, "connect", port, "8", "0.3"]);
  const before = await server.residentBytes();
  await using idle = new Running([
    ...load,
    "idle",
    port,
    `${IDLE_CONNECTIONS}`,
  ]);
  await idle.line();
  const used = await server.residentBytes() - before;
  return { cost: used / IDLE_CONNECTIONS };
}
