import {
  formatRecording,
  type RecordedFrame,
} from "../../testing/recorded_frame.ts";
import { FramePrinter } from "../frame_printer.ts";
import type { Notation } from "../notations.ts";
import type { Output } from "../output.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { cutTo } from "../terminal/fit.ts";
import { paint, type Palette } from "../terminal/palette.ts";
import { printable } from "../terminal/printable.ts";
import { textOfValue } from "../values.ts";
import type { Tapped } from "./frame_tap.ts";
import type { Way } from "./watcher.ts";

/** How many columns a line has that goes to no terminal. */
const COLUMNS = 160;

/**
 * Prints what a proxy passes on: a line for each frame with its time, connection,
 * direction, length and content, or in a notation of `--out`.
 */
export class PassagePrinter {
  readonly #output: Output;
  readonly #notation: Notation | undefined;
  readonly #frames: FramePrinter;
  readonly #palette: Palette;

  /** Makes a printer. */
  constructor(output: Output, notation: Notation | undefined) {
    this.#output = output;
    this.#notation = notation;
    this.#frames = new FramePrinter(output, notation);
    this.#palette = paint(output.color);
  }

  /** Whether all bytes are printed, and not just the first ones. */
  get wantsBytes(): boolean {
    return this.#notation !== undefined;
  }

  /** Prints a frame, and what was done to it. */
  print(
    time: number,
    way: Way,
    tapped: Tapped,
    faults: readonly string[],
  ): void {
    const { value, offset, bytes = new Uint8Array() } = tapped;
    if (this.#notation === undefined) {
      const { length } = tapped;
      const told = faults.length === 0
        ? ""
        : `${this.#palette.warning(`[${faults.join(", ")}]`)} `;
      this.#line(time, way, `${length}`.padStart(6), told, value);
    } else if (this.#notation === "frames") {
      this.#recorded({ time, ...way, offset, data: bytes }, faults);
    } else if (faults[0] !== "dropped") {
      this.#frames.print({ value, offset, bytes }, { time, ...way });
    }
  }

  /** Prints the end of a direction. */
  end(time: number, way: Way, offset: number): void {
    if (this.#notation === undefined) {
      this.#line(time, way, "   end", "", "");
    } else if (this.#notation === "frames") {
      this.#recorded({ time, ...way, offset, data: new Uint8Array() }, []);
    }
  }

  #line(
    time: number,
    { connection, direction }: Way,
    length: string,
    told: string,
    value: unknown,
  ): void {
    const palette = this.#palette;
    const seconds = (time / 1_000).toFixed(3).padStart(9);
    const arrow = direction === "toServer" ? "→" : "←";
    const start = `${seconds} #${connection} ${arrow} ${length} `;
    const columns = this.#output.isTerminal ? this.#output.columns : COLUMNS;
    const content = shortened(value, Math.max(20, columns - start.length));
    this.#output.write(
      `${palette.dim(seconds)} #${connection} ${palette[direction](arrow)} ${
        `${length} ${told}${content}`.trimEnd()
      }\n`,
    );
  }

  #recorded(frame: RecordedFrame, faults: readonly string[]): void {
    const line = formatRecording([frame]);
    this.#output.write(
      faults.length === 0
        ? line
        : line.replace(/}\n$/, `,"faults":${JSON.stringify(faults)}}\n`),
    );
  }
}

/** The start of a frame on one line. No more of it is looked at than is seen. */
function shortened(value: unknown, columns: number): string {
  const text = textOfValue(value);
  const start = typeof text === "string"
    ? escapeControls(text.slice(0, 16 * columns))
    : printable(text.subarray(0, 4 * columns));
  return cutTo(start, columns);
}
