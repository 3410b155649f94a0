/// <reference lib="dom" />
import { chunkAt } from "../logic/cuts.ts";
import { waitingAt } from "../logic/pieces.ts";
import { type Decoded, KIND, type PieceRow } from "../protocol.ts";
import { piece, pieceOf, state } from "../state.ts";
import { text } from "../strings/texts.ts";
import { at, html } from "./dom.ts";
import { goTo } from "./grid.ts";
import { List } from "./list.ts";

/** On a narrow screen, the fields of a frame stand under its name. */
const narrow = matchMedia("(max-width: 700px)");
const frames: List = new List(at("frames"), {
  get height() {
    return narrow.matches ? 58 : 32;
  },
  count: () => state.decoded?.kinds.length ?? 0,
  row: (index) => {
    const found = piece(index);
    return option(index, found === undefined ? "…" : frameRow(found));
  },
  choose: (index) => goTo(state.decoded!.offsets[index]!),
});

const chunks: List = new List(at("chunks"), {
  get height() {
    return narrow.matches ? 78 : 60;
  },
  count: () => state.decoded?.chunkFrames.length ?? 0,
  row: (index) => option(index, chunkRow(index, state.decoded!)),
  choose: (index) => goTo(state.cuts[index - 1] ?? 0),
});

/** Draws the frames and the chunks. */
export function drawLists(): void {
  frames.draw();
  chunks.draw();
}

function option(index: number, content: string): string {
  return `<div role="option" class="row item" data-row="${index}">${content}</div>`;
}

function frameRow(found: PieceRow): string {
  const { kind, number, offset, length, fields } = found;
  const name = kind === KIND.frame
    ? text("frame", number)
    : text(["frame", "passed", "bad", "cutOff"][kind] as "passed");
  const chips = fields.map(({ name, text }) =>
    `<span class="chip ${name}">${name} ${html(text)}</span>`
  ).join("");
  return `<strong>${name}</strong><small>${offset}+${length}</small>${
    tagOf(found)
  }<span>${chips}</span>${
    fields.length > 1 || kind !== KIND.frame
      ? ""
      : `<span>${html(found.text)}</span>`
  }`;
}

/** Whether the frame is split, or sticks to others. */
function tagOf({ kind, offset, length }: PieceRow): string {
  if (kind !== KIND.frame) {
    return kind === KIND.passed ? "" : `<span class="tag no">!</span>`;
  }
  const { cuts, decoded } = state;
  const first = chunkAt(cuts, offset);
  const last = chunkAt(cuts, offset + length - 1);
  const out = decoded?.chunkFrames;
  const together = out === undefined
    ? 0
    : (out[last] ?? 0) - (out[last - 1] ?? 0);
  const said = first !== last
    ? text("split", last - first + 1)
    : together > 1
    ? text("sticky", together)
    : "";
  return said && `<span class="tag">${said}</span>`;
}

function chunkRow(
  index: number,
  { chunkFrames, chunkBuffered, chunkPending, failure }: Decoded,
): string {
  const { cuts, bytes } = state;
  const from = cuts[index - 1] ?? 0;
  const to = cuts[index] ?? bytes.length;
  const all = chunkFrames[index]!;
  const out = all - (chunkFrames[index - 1] ?? 0);
  const pending = chunkPending[index]!;
  const isStopped = failure !== undefined && to > failure.offset &&
    failure.code !== "FRAME_TRUNCATED";
  return `<span><strong>${text("chunk", index + 1)}</strong> <small>${
    text("chunkBytes", to - from, from)
  }</small></span><span>${text("chunkFrames", out, all)} · ${
    text("holds", chunkBuffered[index]!, pending)
  }</span><small>${
    html(isStopped ? text("stopped") : waitingText(to, pending))
  }</small>`;
}

function waitingText(offset: number, pending: number): string {
  const found = pending === 0 ? undefined : pieceOf(offset) ??
    pieceOf(offset - 1);
  if (found === undefined) return text("waitsClean");
  const waiting = waitingAt(found, offset);
  switch (waiting.for) {
    case "bytes":
      return text("waitsMore", waiting.count, waiting.field);
    case "field":
      return text("waitsField", waiting.field);
    case "frame":
      return found.kind === KIND.cut
        ? text("waitsField", found.fields.at(-1)?.name ?? "")
        : text("waitsClean");
  }
}
