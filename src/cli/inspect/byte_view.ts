import { concat } from "../../net/bytes.ts";
import { hexRows } from "../hex/hex_rows.ts";
import { Reads } from "./reads.ts";
import { counted } from "../counted.ts";
import { ofStream, type StreamView, type ViewOptions } from "./stream_view.ts";

/** Shows a stream whose format is not known: its reads, or all bytes in full rows. */
export class ByteView implements StreamView {
  readonly isBad = false;
  readonly #options: ViewOptions;
  readonly #reads: Reads;
  /** What does not fill a row yet, where there are no reads. */
  #rest: Uint8Array = new Uint8Array(0);

  /** Makes a view of one stream. */
  constructor(options: ViewOptions) {
    this.#options = options;
    this.#reads = new Reads(options.start);
  }

  get offset(): number {
    return this.#reads.end;
  }

  *push(chunk: Uint8Array): Generator<string, void> {
    const { palette, showsReads } = this.#options;
    const reads = this.#reads;
    if (!showsReads) {
      yield* this.#pushRows(chunk);
      return;
    }
    const offset = reads.end;
    reads.add(chunk.length);
    reads.forgetBefore(offset);
    yield palette.strong(`read ${reads.count}`) + ofStream(this.#options) +
      palette.dim(` at ${offset}, ${counted(chunk.length, "byte")}`);
    yield* this.#rows(chunk, offset);
  }

  *end(): Generator<string, void> {
    yield* this.#rows(this.#rest, this.#reads.end - this.#rest.length);
  }

  *#pushRows(chunk: Uint8Array): Generator<string, void> {
    const rest = this.#rest;
    const offset = this.#reads.end - rest.length;
    this.#reads.add(chunk.length);
    this.#reads.forgetBefore(this.#reads.end);
    const bytes = rest.length === 0 ? chunk : concat([rest, chunk]);
    const full = bytes.length - bytes.length % this.#options.layout.perRow;
    this.#rest = bytes.slice(full);
    yield* this.#rows(bytes.subarray(0, full), offset);
  }

  *#rows(bytes: Uint8Array, offset: number): Generator<string, void> {
    const { layout, palette } = this.#options;
    const shown = { bytes, offset, fields: [], marks: [] };
    for (const row of hexRows(shown, layout.perRow, palette)) {
      yield row.trimEnd();
    }
  }
}
