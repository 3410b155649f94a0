import type { Codec } from "../../codec/types.ts";
import { hexLayout } from "../hex/hex_layout.ts";
import type { Program } from "../program.ts";
import { paint } from "../terminal/palette.ts";
import { ByteView } from "./byte_view.ts";
import { FrameView } from "./frame_view.ts";
import type { StreamPart } from "./stream_parts.ts";
import { counted, type StreamView, type ViewOptions } from "./stream_view.ts";

/** Shows the streams of an input, each with its own view. */
export class Inspector {
  readonly #program: Pick<Program, "flags" | "stdout">;
  readonly #codec: Codec<unknown> | undefined;
  readonly #showsReads: boolean;
  readonly #budget: { frames: number };
  readonly #views = new Map<string | undefined, StreamView>();
  readonly #totals = { bytes: 0, parts: 0, frames: 0, cut: 0, glued: 0 };
  /** Whether a bad frame has come. */
  isBad = false;
  /** Whether what follows need not be read. */
  isOver = false;

  /** Makes one; without a codec it shows bytes only. */
  constructor(
    program: Pick<Program, "flags" | "stdout">,
    codec: Codec<unknown> | undefined,
    showsReads: boolean,
  ) {
    this.#program = program;
    this.#codec = codec;
    this.#showsReads = showsReads;
    this.#budget = { frames: program.flags.limit ?? Infinity };
  }

  /** What there was, in a sentence. */
  get summary(): string {
    const { bytes, parts, frames, cut, glued } = this.#totals;
    const found = `${counted(frames, "frame")} in ${counted(bytes, "byte")}`;
    return this.#showsReads
      ? `${found} and ${counted(parts, "read")}: ${cut} cut, ${glued} glued`
      : found;
  }

  /** Shows the next bytes of a stream. */
  take(part: StreamPart): void {
    const { stream, bytes, isEnd = false } = part;
    if (this.isOver) return;
    const view = this.#viewOf(part);
    if (bytes.length > 0) {
      this.#totals.bytes += bytes.length;
      this.#totals.parts++;
      this.#write(view.push(bytes));
    }
    if (isEnd) this.#end(stream, view);
    this.isBad ||= view.isBad;
    this.isOver = this.#budget.frames === 0 ||
      view.isBad && stream === undefined;
  }

  /** Ends the streams whose end has not come. */
  end(): void {
    for (const [stream, view] of this.#views) {
      if (!this.isOver) this.#end(stream, view);
      this.isBad ||= view.isBad;
    }
  }

  #viewOf({ stream, offset }: StreamPart): StreamView {
    const known = this.#views.get(stream);
    if (known !== undefined) {
      if (offset === undefined || offset === known.offset || known.isBad) {
        return known;
      }
      // Bytes are missing: a frame cannot go on behind them.
      this.#end(stream, known);
    }
    const { stdout } = this.#program;
    const options: ViewOptions = {
      layout: hexLayout(stdout.columns),
      palette: paint(stdout.color),
      showsReads: this.#showsReads,
      label: stream,
      // Who reads a pipe looks for lines.
      titleWidth: stdout.isTerminal ? stdout.columns : Infinity,
      totals: this.#totals,
      budget: this.#budget,
      ...(offset !== undefined && { start: offset }),
    };
    const view = this.#codec === undefined
      ? new ByteView(options)
      : new FrameView(this.#codec, options);
    this.#views.set(stream, view);
    return view;
  }

  #end(stream: string | undefined, view: StreamView): void {
    this.#write(view.end());
    this.isBad ||= view.isBad;
    // A bad stream stays known, so that nothing more is shown of it.
    if (!view.isBad) this.#views.delete(stream);
  }

  #write(lines: Iterable<string>): void {
    const { stdout } = this.#program;
    for (const line of lines) stdout.write(`${line}\n`);
  }
}
