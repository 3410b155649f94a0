import { FrameError } from "../../../src/codec/errors.ts";
import type { Codec, CodecDescription } from "../../../src/codec/types.ts";
import { fieldNotes, shownValue } from "../../../src/cli/hex/field_notes.ts";
import {
  brokenFields,
  passedFields,
  wholeFields,
} from "../../../src/format/fields/frame_fields.ts";
import { KIND, type PieceRow } from "../protocol.ts";
import type { Pieces } from "./pieces.ts";

/** What is longer cannot be read in a row. */
const MOST_TEXT = 160;

/** The pieces from an index to another one, with their fields. */
export function pieceRows(
  codec: Codec<unknown>,
  bytes: Uint8Array,
  pieces: Pieces,
  from: number,
  to: number,
): PieceRow[] {
  const rows: PieceRow[] = [];
  const last = Math.min(to, pieces.offsets.length);
  for (let index = Math.max(0, from); index < last; index++) {
    rows.push(pieceRow(codec, bytes, pieces, index));
  }
  return rows;
}

function pieceRow(
  codec: Codec<unknown>,
  bytes: Uint8Array,
  pieces: Pieces,
  index: number,
): PieceRow {
  const { offsets, kinds, numbers } = pieces;
  const offset = offsets.at(index);
  const end = index + 1 < offsets.length ? offsets.at(index + 1) : pieces.end;
  const kind = kinds.at(index);
  const part = bytes.subarray(offset, end);
  const description: CodecDescription = codec.description ??
    { kind: codec.name, options: {} };
  const value = kind === KIND.frame
    ? pieces.values[index] ?? valueOf(codec, part)
    : undefined;
  const { fields } = kind === KIND.frame
    ? wholeFields(description, part, offset, value)
    : kind === KIND.passed
    ? passedFields(description, part, offset)
    : brokenFields(description, part, offset, pieces.error!, pieces.isTaken);
  const notes = fieldNotes(fields, part, offset);
  return {
    index,
    number: numbers.at(index) + (kind >= KIND.bad ? 1 : 0),
    kind,
    offset,
    length: end - offset,
    fields: fields.map(({ name, offset, length }, i) => ({
      name,
      offset,
      length,
      text: notes[i]!.text.slice(0, MOST_TEXT),
    })),
    text: kind === KIND.frame ? textOf(value) : "",
  };
}

/** A decoded frame in a row. */
export function textOf(value: unknown): string {
  return shownValue(value instanceof Uint8Array ? [value] : value)
    .slice(value instanceof Uint8Array ? 1 : 0)
    .replace(value instanceof Uint8Array ? /]$/ : /$^/, "")
    .slice(0, MOST_TEXT);
}

/** The value of a frame that is not kept: its bytes where they have it no more. */
function valueOf(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes)[0] ?? bytes;
  } catch (error) {
    if (error instanceof FrameError) return bytes;
    throw error;
  }
}
