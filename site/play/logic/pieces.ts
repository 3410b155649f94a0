import { KIND, type PieceRow } from "../protocol.ts";

/** The index of the piece that a byte is in; -1 behind the last one. */
export function pieceAt(offsets: ArrayLike<number>, offset: number): number {
  let [low, high] = [0, offsets.length - 1];
  if (high < 1 || offset >= offsets[high]! || offset < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/** Where frames begin: that is where a sender that writes each at once cuts. */
export function frameStarts(
  offsets: ArrayLike<number>,
  kinds: ArrayLike<number>,
): number[] {
  const starts: number[] = [];
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== KIND.passed) starts.push(offsets[i]!);
  }
  return starts;
}

/** What a decoder waits for. */
export type Waiting =
  | { readonly for: "frame" }
  | { readonly for: "bytes"; readonly count: number; readonly field: string }
  | { readonly for: "field"; readonly field: string };

/** What a decoder waits for that has the bytes of a piece up to an offset. */
export function waitingAt(piece: PieceRow, offset: number): Waiting {
  const { fields, length } = piece;
  const end = piece.offset + length;
  const index = fields.findIndex((field) =>
    offset < field.offset + field.length
  );
  if (offset <= piece.offset || index < 0) return { for: "frame" };
  const { name } = fields[index]!;
  // Only behind a length is it known how much is missing.
  const isKnown = fields.slice(0, index).some(({ name }) => name === "length");
  return isKnown && piece.kind === KIND.frame
    ? { for: "bytes", count: end - offset, field: name }
    : { for: "field", field: name };
}
