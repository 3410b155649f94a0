import type { Codec, CodecDescription } from "../../codec/types.ts";
import {
  brokenFields,
  type FrameFields,
  passedFields,
  wholeFields,
} from "../../format/fields/frame_fields.ts";
import { errorAt } from "../error_at.ts";
import { hintFor } from "../../format/hint_for.ts";
import { type FieldNote, fieldNotes, shownValue } from "../hex/field_notes.ts";
import { OFFSET_WIDTH } from "../hex/hex_layout.ts";
import { showBytes } from "../hex/show_bytes.ts";
import { errorLines } from "./error_lines.ts";
import { type Found, FrameFinder } from "./frame_finder.ts";
import { Reads } from "./reads.ts";
import { counted } from "../counted.ts";
import { ofStream, type StreamView, type ViewOptions } from "./stream_view.ts";

/** So many bytes of what is no frame are shown. */
const MOST_BAD_BYTES = 256;

/** Shows the frames of a stream with their fields, up to a bad one. */
export class FrameView implements StreamView {
  readonly #description: CodecDescription;
  readonly #options: ViewOptions;
  readonly #finder: FrameFinder;
  readonly #reads: Reads;
  #frames = 0;
  isBad = false;

  /** Makes a view of one stream. */
  constructor(codec: Codec<unknown>, options: ViewOptions) {
    this.#description = codec.description ??
      { kind: codec.name, options: {} };
    this.#options = options;
    this.#finder = new FrameFinder(codec, options.start);
    this.#reads = new Reads(options.start);
  }

  get offset(): number {
    return this.#reads.end;
  }

  push(chunk: Uint8Array): Iterable<string> {
    if (this.isBad) return [];
    this.#reads.add(chunk.length);
    this.#finder.push(chunk);
    return this.#lines();
  }

  end(): Iterable<string> {
    if (this.isBad) return [];
    this.#finder.end();
    return this.#lines();
  }

  *#lines(): Generator<string, void> {
    // How many frames a read has is to be told with the first of them.
    const pieces: Found[] = [];
    for (
      let piece = this.#finder.next();
      piece !== undefined;
      piece = this.#finder.next()
    ) {
      pieces.push(piece);
      if (piece.kind === "bad") break;
    }
    const together = pieces.filter(({ kind }) => kind === "frame").length;
    for (const piece of pieces) {
      if (this.#options.budget.frames === 0) return;
      yield* this.#piece(piece, together);
    }
    this.#reads.forgetBefore(this.#reads.end - this.#finder.heldLength);
  }

  *#piece(piece: Found, together: number): Generator<string, void> {
    const { palette, layout } = this.#options;
    const { offset, kind } = piece;
    const bytes = kind === "bad"
      ? piece.bytes.subarray(0, MOST_BAD_BYTES)
      : piece.bytes;
    const { fields } = this.#fieldsOf(piece);
    const notes = fieldNotes(fields, bytes, offset);
    yield this.#title(piece, together);
    yield* showBytes(
      {
        bytes,
        offset,
        fields,
        marks: this.#options.showsReads
          ? this.#reads.marksIn(offset, offset + bytes.length)
          : [],
      },
      [...notes, ...this.#valueOf(piece, notes)],
      layout,
      palette,
    );
    if (piece.error !== undefined) {
      // Behind good frames, it is looked at as if the stream began with it.
      const hint = hintFor(errorAt(piece.error, 0), bytes);
      yield* errorLines(piece.error, hint, layout.underWidth, palette);
    }
  }

  #fieldsOf(
    { kind, bytes, offset, value, error, isTaken }: Found,
  ): FrameFields {
    if (kind === "frame") {
      return wholeFields(this.#description, bytes, offset, value);
    }
    return error === undefined
      ? passedFields(this.#description, bytes, offset)
      : brokenFields(this.#description, bytes, offset, error, isTaken === true);
  }

  /** What a frame was decoded to, where its fields do not say it. */
  #valueOf({ kind, value }: Found, notes: readonly FieldNote[]): FieldNote[] {
    const isSaid = notes.length !== 1 || typeof value === "string" ||
      value instanceof Uint8Array || this.#description.over !== undefined;
    return kind !== "frame" || isSaid
      ? []
      : [{ role: "body", name: "value", text: shownValue(value) }];
  }

  /** The number of a piece, where it is, and in which reads, on one line or on two. */
  #title(piece: Found, together: number): string {
    const { palette, titleWidth } = this.#options;
    const { kind, offset, bytes } = piece;
    const color = palette[kind === "bad" ? "error" : "strong"];
    const name = this.#nameOf(piece);
    const where = `${ofStream(this.#options)} at ${offset}, ${
      counted(bytes.length, "byte")
    }`;
    const [reads, note] = kind === "passed"
      ? ["", ""]
      : this.#inReads(piece, together);
    const width = name.length + where.length + reads.length + note.length + 3;
    const gap = width > titleWidth ? `\n${" ".repeat(OFFSET_WIDTH)}` : " ";
    return color(name) + palette.dim(where) +
      (reads === "" ? "" : palette.dim(`,${gap}${reads}`)) +
      (note === "" ? "" : ` ${palette.warning(note)}`);
  }

  #nameOf({ kind }: Found): string {
    switch (kind) {
      case "passed":
        return "passed over";
      case "bad":
        this.isBad = true;
        return `bad frame ${this.#frames + 1}`;
      case "frame":
        this.#options.totals.frames++;
        this.#options.budget.frames--;
        return `frame ${++this.#frames}`;
    }
  }

  /** In which reads a piece is, and whether it is cut or glued to others. */
  #inReads(
    { kind, offset, bytes }: Found,
    together: number,
  ): [reads: string, note: string] {
    const { showsReads, totals } = this.#options;
    if (!showsReads || bytes.length === 0) return ["", ""];
    const first = this.#reads.numberOf(offset);
    const last = this.#reads.numberOf(offset + bytes.length - 1);
    if (first !== last) {
      if (kind === "frame") totals.cut++;
      return [`in reads ${first}-${last}`, "(cut)"];
    }
    const isGlued = kind === "frame" && together > 1;
    if (isGlued) totals.glued++;
    return [`in read ${first}`, isGlued ? `(glued: ${together} frames)` : ""];
  }
}
