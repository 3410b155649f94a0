import type { FrameError } from "../../codec/errors.ts";
import type { Codec } from "../../codec/types.ts";
import { counted } from "../counted.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { codecOf } from "../formats.ts";
import { FramePrinter } from "../frame_printer.ts";
import { FrameStream } from "../frame_stream.ts";
import { isInterrupted } from "../interrupted.ts";
import type { Program, Verb } from "../program.ts";
import { describe } from "../report.ts";
import { type TrafficEvent, trafficOf } from "../traffic.ts";
import type { WireFrame } from "../wire_codec.ts";

/** Prints the frames of bytes. */
export const decode: Verb = async (program) => {
  const { flags, operands: [file], stdout, stderr, signal } = program;
  const decoding = new Decoding(await codecOf(flags), program);
  for await (const batch of trafficOf(file, program)) {
    if (signal.aborted) break;
    for (const event of batch) {
      decoding.take(event);
      if (decoding.isOver) return decoding.exitCode;
    }
    await stdout.flush();
  }
  if (isInterrupted(signal)) {
    stderr.write(`interrupted: ${counted(decoding.frames, "frame")}\n`);
  }
  return decoding.exitCode;
};

/** Which stream an event is of, and when it was. */
type Moment = Pick<
  Extract<TrafficEvent, { kind: "data" }>,
  "connection" | "direction" | "time"
>;

/** The streams of an input, and what came of them. */
class Decoding {
  exitCode: ExitCode = EXIT.good;
  readonly #codec: Codec<unknown>;
  readonly #program: Program;
  readonly #printer: FramePrinter;
  /** The open streams of each direction, by the number of their connection. */
  readonly #streams = {
    toServer: new Map<number, FrameStream>(),
    toClient: new Map<number, FrameStream>(),
  };
  /** How many frames were printed. */
  frames = 0;

  constructor(codec: Codec<unknown>, program: Program) {
    this.#codec = codec;
    this.#program = program;
    this.#printer = new FramePrinter(program.stdout, program.flags.out);
  }

  /** Whether as many frames are printed as were wanted. */
  get isOver(): boolean {
    return this.frames === this.#program.flags.limit;
  }

  take(event: TrafficEvent): void {
    switch (event.kind) {
      case "open":
        return;
      case "data": {
        const { offset, data } = event;
        const stream = this.#streamOf(event, offset);
        return this.#print(stream.push(data), event);
      }
      case "gap": {
        const { offset, length } = event;
        this.#end(event);
        this.#bad(event, `${length} bytes at offset ${offset} are missing`);
        // Without a way to find the next frame, the rest of the stream is none.
        const rest = this.#streamOf(event, offset + length);
        if (!this.#program.flags.skipBad) rest.stop();
        return;
      }
      case "end":
      case "reset":
        return this.#end(event);
      case "close":
        this.#end({ ...event, direction: "toServer" });
        this.#end({ ...event, direction: "toClient" });
    }
  }

  #streamOf(moment: Moment, from: number): FrameStream {
    const { connection, direction } = moment;
    const streams = this.#streams[direction];
    const open = streams.get(connection);
    if (open !== undefined) return open;
    const { skipBad = false } = this.#program.flags;
    const onBad = (error: FrameError) => this.#bad(moment, describe(error));
    const stream = new FrameStream(this.#codec, from, {
      skipBad,
      keepsBytes: this.#printer.wantsBytes,
    }, onBad);
    streams.set(connection, stream);
    return stream;
  }

  #end(moment: Moment): void {
    const { connection, direction } = moment;
    const stream = this.#streams[direction].get(connection);
    if (stream === undefined) return;
    this.#streams[direction].delete(connection);
    this.#print(stream.end(), moment);
  }

  #print(frames: Iterable<WireFrame>, moment: Moment): void {
    for (const frame of frames) {
      if (this.isOver) return;
      this.#printer.print(frame, moment);
      this.frames++;
    }
  }

  #bad({ connection, direction }: Moment, what: string): void {
    this.exitCode = EXIT.different;
    this.#program.stderr.write(
      `connection ${connection}, ${direction}: ${what}\n`,
    );
  }
}
