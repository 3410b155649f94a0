import { hexOf } from "../codec/bytes/hex.ts";
import { base64 } from "../testing/base64.ts";
import { formatRecording } from "../testing/recorded_frame.ts";
import type { Notation } from "./notations.ts";
import type { Output } from "./output.ts";
import { escapeControls } from "./terminal/escape_controls.ts";
import { printable } from "./terminal/printable.ts";
import { bytesOfValue, jsonOf, textOfValue } from "./values.ts";
import type { WireFrame } from "./wire_codec.ts";

/** Whose frame it is. */
export interface FrameOrigin {
  /** The time since the first one, in milliseconds. */
  readonly time: number;
  readonly direction: "toServer" | "toClient";
  /** The number of the connection, from 1 on. */
  readonly connection: number;
}

/** Writes frames to an output in the notation of `--out`. */
export class FramePrinter {
  readonly #output: Output;
  readonly #notation: Notation;

  /** Makes a printer. */
  constructor(output: Output, notation: Notation = "lines") {
    this.#output = output;
    this.#notation = notation;
  }

  /** Whether it writes the bytes that frames had. */
  get wantsBytes(): boolean {
    return this.#notation === "frames";
  }

  /** Writes one frame; the caller flushes the output behind those of a chunk. */
  print({ value, bytes, offset }: WireFrame, origin: FrameOrigin): void {
    const output = this.#output;
    switch (this.#notation) {
      case "text":
        return output.write(this.#text(value));
      case "lines":
        output.write(this.#text(value));
        return output.write("\n");
      case "json":
        return output.write(`${this.#safe(jsonOf(value))}\n`);
      case "hex":
        return output.write(`${hexOf(bytesOfValue(value), "")}\n`);
      case "base64":
        return output.write(`${base64(bytesOfValue(value))}\n`);
      case "raw":
        return output.write(bytesOfValue(value));
      case "nul":
        output.write(bytesOfValue(value));
        return output.write("\0");
      case "frames":
        return output.write(
          formatRecording([{ ...origin, offset, data: bytes }]),
        );
    }
  }

  /** Text for a terminal has no control characters. */
  #text(value: unknown): string | Uint8Array {
    const text = textOfValue(value);
    if (!this.#output.isTerminal) return text;
    return typeof text === "string" ? escapeControls(text) : printable(text);
  }

  #safe(json: string): string {
    return this.#output.isTerminal ? escapeControls(json) : json;
  }
}
