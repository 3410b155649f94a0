import type { Codec } from "../../codec/types.ts";
import { formatAddress } from "../../net/address.ts";
import { formatRecording } from "../../testing/recorded_frame.ts";
import { connectTo, listenOn, placeOf } from "../addresses.ts";
import { clock } from "../clock.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { parseFaults } from "../faults/parse_faults.ts";
import { givenCodec } from "../formats.ts";
import type { Output } from "../output.ts";
import type { Program } from "../program.ts";
import { describe } from "../report.ts";
import type { Tapped } from "./frame_tap.ts";
import type { PassagePrinter } from "./passage_printer.ts";
import { runProxy } from "./proxy.ts";
import { Totals } from "./totals.ts";
import type { ProxyWatcher, Way } from "./watcher.ts";

/** Where a proxy tells what it passes on. */
export interface Told {
  /** Shows frames as they are passed on. */
  readonly printer?: PassagePrinter | undefined;
  /** Gets all frames as they arrive, as a recording. */
  readonly recording?: Output | undefined;
  /** Is called when something has arrived. */
  readonly onProgress?: (totals: Totals) => void;
}

/** Runs a proxy between the two addresses of a program until it is told to stop. */
export async function standBetween(
  program: Program,
  told: Told,
): Promise<ExitCode> {
  const { flags, operands: [at = "", target = ""], signal, stderr } = program;
  const codec = await givenCodec(flags);
  const { seed = 0, bandwidth = Infinity } = flags;
  if (bandwidth === 0) {
    throw new UsageError("Cannot pass 0 bytes a second: expected 1B or more");
  }
  const faults = parseFaults(flags.fault);
  const connect = connector(target, program, codec);
  const watcher = new TellingWatcher(program, told);
  const failed = (what: string) => (error: unknown) =>
    stderr.tell(`${what}: ${describe(error as Error)}`);
  const listener = await listenOn(at, program, codec, failed("client"));
  stderr.tell(`listening on ${formatAddress(listener.address)}`);
  await runProxy(listener, {
    connect,
    codec,
    faults,
    seed,
    bytesPerSecond: bandwidth,
    watcher,
    onConnection: (connection) => {
      watcher.totals.connections = connection;
    },
    onUnconnected: (connection, error) => failed(`#${connection}`)(error),
  }, signal);
  const summary = watcher.totals.summary(codec ? "frame" : "chunk");
  const seeded = flags.fault === undefined ? "" : ` (seed ${seed})`;
  stderr.tell(`${summary}${seeded}`);
  return watcher.exitCode;
}

/** What connects each client to the target. */
function connector(
  target: string,
  { flags, signal }: Program,
  codec: Codec<unknown> | undefined,
): () => ReturnType<typeof connectTo> {
  const { kind } = placeOf(target);
  if (kind === "stdio" || kind === "udp") {
    throw new UsageError(
      `Cannot connect clients to ${target}: expected an address of byte streams, or exec:PROGRAM`,
    );
  }
  // The certificate is that of the listener.
  const { cert: _cert, key: _key, ...own } = flags;
  return () => connectTo(target, { flags: own, signal }, codec);
}

/** Prints, records and counts. */
class TellingWatcher implements ProxyWatcher {
  readonly totals: Totals = new Totals();
  exitCode: ExitCode = EXIT.good;
  readonly #program: Program;
  readonly #told: Told;
  readonly #now = clock();

  constructor(program: Program, told: Told) {
    this.#program = program;
    this.#told = told;
  }

  get wantsBytes(): boolean {
    const { printer, recording } = this.#told;
    return recording !== undefined || printer?.wantsBytes === true;
  }

  arrived({ connection, direction }: Way, tapped: Tapped): void {
    this.totals.arrived(direction, tapped);
    const { offset, bytes = new Uint8Array() } = tapped;
    this.#record({ connection, direction }, offset, bytes);
    this.#told.onProgress?.(this.totals);
  }

  passed(way: Way, tapped: Tapped, faults: readonly string[]): void {
    this.#told.printer?.print(this.#now(), way, tapped, faults);
  }

  endArrived(way: Way, offset: number): void {
    this.#record(way, offset, new Uint8Array());
  }

  endPassed(way: Way, offset: number): void {
    this.#told.printer?.end(this.#now(), way, offset);
  }

  bad({ connection, direction }: Way, error: unknown): void {
    this.exitCode = EXIT.different;
    const from = direction === "toServer" ? "client" : "server";
    this.#program.stderr.tell(
      `#${connection}: the ${from} sends bytes that are no frame, which are passed on as they come: ${
        describe(error as Error)
      }`,
    );
  }

  fault(_: Way, kind: string): void {
    this.totals.fault(kind);
  }

  flush(): Promise<void> | undefined {
    const { recording, printer } = this.#told;
    const recorded = recording?.flush();
    const printed = printer && this.#program.stdout.flush();
    return recorded === undefined || printed === undefined
      ? recorded ?? printed
      : Promise.all([recorded, printed]).then(() => undefined);
  }

  #record(way: Way, offset: number, data: Uint8Array): void {
    this.#told.recording?.write(
      formatRecording([{ time: this.#now(), ...way, offset, data }]),
    );
  }
}
