import { cutsOf } from "./logic/cuts.ts";
import { pieceAt } from "./logic/pieces.ts";
import type { Decoded, PieceRow, Vocabulary } from "./protocol.ts";
import type { RemoteEngine } from "./view/worker.ts";

/** All that the page shows. */
export interface State {
  expression: string;
  bytes: Uint8Array;
  cuts: readonly number[];
  /** The number of the example that the bytes are of, from 1 on; 0 if they are none. */
  example: number;
  tab: "decode" | "live";
  /** The byte that the keyboard is at. */
  chosen: number;
  /** Bytes that were changed, with what they were. */
  readonly changed: Map<number, number>;
  decoded: Decoded | undefined;
  vocabulary: readonly Vocabulary[];
}

/** The only state of the page. */
export const state: State = {
  expression: "",
  bytes: new Uint8Array(0),
  cuts: [],
  example: 0,
  tab: "decode",
  chosen: 0,
  changed: new Map(),
  decoded: undefined,
  vocabulary: [],
};

let engine: RemoteEngine | undefined;
let render: (isDecoded: boolean) => void = () => {};
let isLoaded = false;
/** Pieces that the worker has sent, in blocks; those asked for are empty. */
let blocks = new Map<number, readonly PieceRow[]>();

const BLOCK = 32;
/** So many bytes are decoded before the next picture is drawn. */
const MOST_AT_ONCE = 65_536;

/** The engine, when it has started. */
export function theEngine(): RemoteEngine | undefined {
  return engine;
}

/** Connects the state with what shows it and what decodes. */
export function setRender(show: typeof render): void {
  render = show;
}

/** Takes the engine when it has started. */
export function setEngine(started: RemoteEngine): void {
  engine = started;
  decode();
}

/**
 * Changes the format, the bytes or the cuts, and decodes again.
 *
 * @param hasBytes Whether the worker has the new bytes already.
 */
export function change(
  patch: Partial<
    Pick<State, "expression" | "bytes" | "cuts" | "example">
  >,
  hasBytes = false,
): void {
  if (patch.bytes !== undefined) {
    isLoaded = hasBytes;
    edits++;
    state.example = 0;
    state.changed.clear();
    state.chosen = 0;
    // Of many bytes, the frames that were there before would be seen for too long.
    if (patch.bytes.length > MOST_AT_ONCE) state.decoded = undefined;
  }
  Object.assign(state, patch);
  if (patch.bytes !== undefined || patch.cuts !== undefined) {
    state.cuts = cutsOf(state.cuts, state.bytes.length);
  }
  decode();
}

/** Changes one byte in its place. */
export function setByte(offset: number, byte: number): void {
  const { bytes, changed } = state;
  if (!changed.has(offset)) changed.set(offset, bytes[offset]!);
  bytes[offset] = byte;
  if (changed.get(offset) === byte) changed.delete(offset);
  state.example = 0;
  isLoaded = false;
  edits++;
  decode();
}

/** Gives all bytes the values that they had. */
export function restore(): void {
  for (const [offset, byte] of state.changed) state.bytes[offset] = byte;
  state.changed.clear();
  isLoaded = false;
  edits++;
  decode();
}

let runs = 0;
let edits = 0;
/** What the frames that are shown are of. */
let shown: readonly [edits: number, cuts: readonly number[]] = [0, []];

function decode(): void {
  render(false);
  if (engine === undefined) return;
  const run = ++runs;
  const take = (decoded: Decoded | undefined) => {
    if (decoded === undefined || run !== runs) return;
    const { refusal } = decoded;
    const isSame = shown[0] === edits && shown[1] === state.cuts;
    if (refusal !== undefined && state.decoded !== undefined && isSame) {
      // While an expression is typed, the frames of the last good one stay.
      state.decoded = { ...state.decoded, refusal };
    } else {
      blocks = new Map();
      state.decoded = decoded;
      shown = [edits, state.cuts];
    }
    render(true);
  };
  if (!isLoaded) void engine.load(state.bytes);
  isLoaded = true;
  const cuts = Uint32Array.from(state.cuts);
  void engine.decode(state.expression, cuts, take).then(take);
}

/** A piece, if it is there; it is asked for where it is not. */
export function piece(index: number): PieceRow | undefined {
  const block = Math.floor(index / BLOCK);
  const rows = blocks.get(block);
  if (rows !== undefined) return rows[index % BLOCK];
  const own = blocks;
  own.set(block, []);
  const from = block * BLOCK;
  void engine?.rows(from, from + BLOCK).then((rows) => {
    own.set(block, rows);
    if (own === blocks) render(true);
  });
  return undefined;
}

/** The piece that a byte is in, if it is there. */
export function pieceOf(offset: number): PieceRow | undefined {
  const index = pieceAt(state.decoded?.offsets ?? [], offset);
  return index < 0 ? undefined : piece(index);
}
