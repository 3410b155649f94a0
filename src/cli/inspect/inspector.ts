import type { Codec } from "../../codec/types.ts";
import { hexLayout } from "../hex/hex_layout.ts";
import type { Program } from "../program.ts";
import { paint, type Palette } from "../terminal/palette.ts";
import type { TrafficEvent } from "../traffic.ts";
import { ByteView } from "./byte_view.ts";
import { FrameView } from "./frame_view.ts";
import { counted } from "../counted.ts";
import type { StreamView } from "./stream_view.ts";

/** What an {@linkcode Inspector} is told of its input. */
export interface InspectorOptions {
  /** Without a codec, only bytes are shown. */
  readonly codec: Codec<unknown> | undefined;
  /** Whether the input is one stream, which needs no name. */
  readonly isPlain: boolean;
  /** Whether chunks are what the peer's writes became, or only pieces of a file. */
  readonly showsReads: boolean;
}

type DataEvent = Extract<TrafficEvent, { kind: "data" }>;
type StreamName = Pick<DataEvent, "connection" | "direction">;

/** Pieces of a file are shown one after another. */
const PIECE_LENGTH = 65_536;

/** Shows the streams of an input, each with its own view. */
export class Inspector {
  readonly #program: Pick<Program, "flags" | "stdout">;
  readonly #options: InspectorOptions;
  readonly #palette: Palette;
  readonly #budget: { frames: number };
  readonly #views = new Map<string, StreamView>();
  readonly #totals = { bytes: 0, reads: 0, frames: 0, cut: 0, glued: 0 };
  /** Whether a bad frame has come, or bytes are missing. */
  isBad = false;
  /** Whether what follows need not be read. */
  isOver = false;

  constructor(
    program: Pick<Program, "flags" | "stdout">,
    options: InspectorOptions,
  ) {
    this.#program = program;
    this.#options = options;
    this.#palette = paint(program.stdout.color);
    this.#budget = { frames: program.flags.limit ?? Infinity };
  }

  /** What there was, in a sentence. */
  get summary(): string {
    const { bytes, reads, frames, cut, glued } = this.#totals;
    const found = `${counted(frames, "frame")} in ${counted(bytes, "byte")}`;
    return this.#options.showsReads
      ? `${found} and ${counted(reads, "read")}: ${cut} cut, ${glued} glued`
      : found;
  }

  /** Shows what comes next. */
  take(event: TrafficEvent): void {
    if (this.isOver) return;
    switch (event.kind) {
      case "open":
        return;
      case "data":
        return this.#data(event);
      case "gap": {
        this.#end(event);
        this.isBad = true;
        const missing = counted(event.length, "byte");
        const where = `at ${event.offset} of ${labelOf(event)}`;
        return this.#write([
          this.#palette.error(`missing: ${missing} ${where}`),
        ]);
      }
      case "end":
      case "reset":
        this.#end(event);
        // Another datagram can follow a bad one.
        this.#views.delete(labelOf(event));
        return;
      case "close":
        this.#end({ ...event, direction: "toServer" });
        this.#end({ ...event, direction: "toClient" });
    }
  }

  /** Ends the streams whose end has not come. */
  end(): void {
    for (const view of this.#views.values()) {
      if (this.isOver) return;
      this.#write(view.end());
      this.isBad ||= view.isBad;
    }
  }

  #data(event: DataEvent): void {
    const { data } = event;
    if (data.length === 0) return;
    this.#totals.reads++;
    this.#totals.bytes += data.length;
    const view = this.#viewOf(event);
    const most = this.#options.showsReads ? data.length : PIECE_LENGTH;
    for (let at = 0; at < data.length && !this.isOver; at += most) {
      this.#write(view.push(data.subarray(at, at + most)));
      this.isBad ||= view.isBad;
      this.isOver = this.#budget.frames === 0 ||
        view.isBad && this.#options.isPlain;
    }
  }

  #viewOf(event: DataEvent): StreamView {
    const { offset } = event;
    const label = labelOf(event);
    const known = this.#views.get(label);
    if (known?.isBad || known?.offset === offset) return known;
    // Bytes are missing: a frame cannot go on behind them.
    if (known !== undefined) this.#end(event);
    const { stdout } = this.#program;
    const { codec, isPlain, showsReads } = this.#options;
    const options = {
      layout: hexLayout(stdout.columns),
      palette: this.#palette,
      showsReads,
      label: isPlain ? undefined : label,
      // Who reads a pipe looks for lines.
      titleWidth: stdout.isTerminal ? stdout.columns : Infinity,
      totals: this.#totals,
      budget: this.#budget,
      start: offset,
    };
    const view = codec === undefined
      ? new ByteView(options)
      : new FrameView(codec, options);
    this.#views.set(label, view);
    return view;
  }

  #end(name: StreamName): void {
    const label = labelOf(name);
    const view = this.#views.get(label);
    if (view === undefined) return;
    this.#write(view.end());
    this.isBad ||= view.isBad;
    // A bad stream stays known, so that nothing more is shown of it.
    if (!view.isBad) this.#views.delete(label);
  }

  #write(lines: Iterable<string>): void {
    const { stdout } = this.#program;
    for (const line of lines) stdout.write(`${line}\n`);
  }
}

function labelOf({ connection, direction }: StreamName): string {
  const to = direction === "toServer" ? "server" : "client";
  return `connection ${connection} to ${to}`;
}
