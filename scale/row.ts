import type { Peer } from "../reliability/peer.ts";
import type { Finding, RuntimeName } from "../reliability/row.ts";
import type { EngineServer } from "./engine_server.ts";

/** What connects the nodes; with `memory`, there is one. */
export const engineNames = ["nats", "redis", "memory"] as const;

export type EngineName = typeof engineNames[number];

/** One promise, and how it is measured. */
export interface ScaleRow {
  readonly name: string;
  readonly promise: string;
  /** What must hold, with its figure. */
  readonly bar: string;
  /** With which engines it can be measured. */
  readonly engines: readonly EngineName[];
  measure(run: ScaleRun): Promise<Finding>;
}

/** What a row is told on the command line. */
export interface ScaleOptions {
  /** Fewer repeats. */
  readonly quick: boolean;
  /** How long clients stay away in the longer of two runs, in seconds. */
  readonly away: number;
  /** Another checkout of the project, to compare with. */
  readonly baseline?: string;
}

/** One measurement of a row with an engine. */
export interface ScaleRun {
  readonly engine: EngineName;
  readonly options: ScaleOptions;
  /** The one of the full form, or of the quick one. */
  length<T>(full: T, quick: T): T;
  /** Starts the server of the engine; it is ended with the run. See `startServer`. */
  server(options?: { isDurable?: boolean }): Promise<EngineServer>;
  /** Starts a program of `scale/`, which is ended with the run. */
  start(
    program: string,
    settings?: Readonly<Record<string, unknown>>,
    runtime?: RuntimeName,
  ): Promise<Peer>;
  /** Starts nodes of a service of rooms, on the three runtimes in turn. */
  nodes(
    count: number,
    server: EngineServer,
    settings?: Partial<NodeSettings>,
  ): Promise<Peer[]>;
}

/** What `node.ts` is told. */
export interface NodeSettings {
  readonly engine: EngineName;
  /** Where the server of the engine is. */
  readonly port: number;
  /** Options of the engine. */
  readonly engineOptions?: Readonly<Record<string, unknown>>;
  /** Options of `serveRooms`. */
  readonly rooms?: Readonly<Record<string, unknown>>;
}

/** What a node has had to do with its engine, without the beats. */
export interface Traffic {
  /** The messages that the client of the engine has received. */
  readonly received: number;
  /** The calls that the backplane has made. */
  readonly calls: number;
}
