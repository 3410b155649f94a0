/// <reference lib="dom" />
import { moved, toggled } from "../logic/cuts.ts";
import { hexByte } from "../logic/hex.ts";
import { change, pieceOf, restore, setByte, state } from "../state.ts";
import { text } from "../strings/texts.ts";
import type { PieceRow } from "../protocol.ts";
import { at, html, onClick } from "./dom.ts";
import { List } from "./list.ts";

const element = at("grid");
/** So many cuts in view are in the order of the tab key. */
const MOST_TABS = 12;

let first = 0;
let tabs = 0;
/** The element to get the focus again when its row is drawn anew. */
let focused: string | undefined;

function columns(): number {
  return element.clientWidth >= 540 ? 16 : 8;
}

const list: List = new List(element, {
  height: 28,
  count: () => Math.ceil(state.bytes.length / columns()),
  row: gridRow,
  need(from, to) {
    const all = columns();
    first = state.chosen >= from * all && state.chosen < to * all
      ? state.chosen
      : from * all;
    tabs = 0;
    const active = document.activeElement as HTMLElement | null;
    if (active !== null && element.contains(active)) {
      focused ??= active.dataset.key;
    }
    element.setAttribute(
      "aria-rowcount",
      `${Math.ceil(state.bytes.length / all)}`,
    );
    element.setAttribute("aria-colcount", `${all + 1}`);
  },
  drawn() {
    if (focused === undefined) return;
    const found = element.querySelector<HTMLElement>(`[data-key=${focused}]`);
    focused = undefined;
    (found ?? element).focus({ preventScroll: true });
  },
});

/** Draws the bytes. */
export function drawGrid(): void {
  list.draw();
  drawChosen();
}

/** Goes to a byte. */
export function goTo(offset: number, hasFocus = false): void {
  const last = state.bytes.length - 1;
  state.chosen = Math.max(0, Math.min(offset, last));
  if (hasFocus) focused = `b${state.chosen}`;
  list.reveal(Math.floor(state.chosen / columns()));
  drawGrid();
}

function gridRow(row: number): string {
  const { bytes, chosen, changed, cuts } = state;
  const all = columns();
  const from = row * all;
  let cells = "";
  let ascii = "";
  let piece: PieceRow | undefined;
  let field = 0;
  for (let i = from; i < Math.min(from + all, bytes.length); i++) {
    if (piece === undefined || i >= piece.offset + piece.length) {
      piece = pieceOf(i);
      field = 0;
    }
    const fields = piece?.fields ?? [];
    while (
      field < fields.length &&
      i >= fields[field]!.offset + fields[field]!.length
    ) field++;
    const byte = bytes[i]!;
    const names = [
      fields[field]?.name ?? "",
      piece?.offset === i ? "first" : "",
      changed.has(i) ? "changed" : "",
      i === chosen ? "chosen" : "",
    ];
    const index = indexOf(cuts, i);
    cells += `<b role="gridcell" data-key="b${i}" tabindex="${
      i === first ? 0 : -1
    }" class="${names.join(" ").trim()}">${
      index < 0 ? "" : cutHandle(index, i)
    }${hexByte(byte)}</b>`;
    ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
  }
  const isWide = all === 8 || element.clientWidth >= 640;
  return `<div role="row" aria-rowindex="${
    row + 1
  }" class="row"><span role="rowheader" class="at">${
    from.toString(16).padStart(6, "0")
  }</span>${cells}${
    isWide && element.clientWidth > 400
      ? `<span role="gridcell" class="ascii">${html(ascii)}</span>`
      : ""
  }</div>`;
}

function cutHandle(index: number, offset: number): string {
  return `<span role="slider" class="cut" data-key="c${index}" tabindex="${
    tabs++ < MOST_TABS ? 0 : -1
  }" aria-label="${text("cut", offset)}" aria-valuemin="1" aria-valuemax="${
    state.bytes.length - 1
  }" aria-valuenow="${offset}"></span>`;
}

/** The index of a cut, found by halves. */
function indexOf(cuts: readonly number[], offset: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cuts[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return cuts[low] === offset ? low : -1;
}

function drawChosen(): void {
  const { bytes, chosen, changed } = state;
  const byte = bytes[chosen];
  at("chosen").hidden = byte === undefined;
  at("restore").hidden = changed.size === 0;
  if (byte === undefined) return;
  const piece = pieceOf(chosen);
  const field = piece?.fields.find(({ offset, length }) =>
    chosen >= offset && chosen < offset + length
  );
  const where = piece === undefined || field === undefined
    ? text("noFrame")
    : text("ofFrame", field.name, piece.number);
  const said = text("byteAt", chosen, hexByte(byte), where);
  if (at("byte").textContent !== said) at("byte").textContent = said;
}

/** The place in the bytes that is nearest to a point of the screen. */
function placeAt(x: number, y: number): number | undefined {
  const cell = document.elementFromPoint(x, y)
    ?.closest<HTMLElement>("[data-key^=b]");
  if (!cell) return undefined;
  const { left, width } = cell.getBoundingClientRect();
  return Number(cell.dataset.key!.slice(1)) + (x > left + width / 2 ? 1 : 0);
}

function flip(offset: number): void {
  if (offset < state.bytes.length) {
    setByte(offset, state.bytes[offset]! ^ 0xff);
  }
}

function moveCut(index: number, to: number): void {
  const { cuts, bytes } = state;
  if (cuts[index] === undefined) return;
  change({ cuts: moved(cuts, index, to, bytes.length) });
}

function toggleCut(offset: number): void {
  change({ cuts: toggled(state.cuts, offset, state.bytes.length) });
}

let dragged: number | undefined;
element.addEventListener("pointerdown", (event) => {
  const handle = (event.target as HTMLElement).dataset.key;
  if (!handle?.startsWith("c")) return;
  event.preventDefault();
  dragged = Number(handle.slice(1));
  focused = handle;
  element.setPointerCapture(event.pointerId);
});
element.addEventListener("pointermove", ({ clientX, clientY }) => {
  const place = dragged === undefined ? undefined : placeAt(clientX, clientY);
  if (dragged === undefined || place === undefined) return;
  if (state.cuts[dragged] === place) return;
  focused = `c${dragged}`;
  moveCut(dragged, place);
});
for (const name of ["pointerup", "pointercancel"]) {
  // The click that follows belongs to the drag.
  element.addEventListener(name, () => setTimeout(() => dragged = undefined));
}

element.addEventListener("click", ({ target }) => {
  const cell = (target as HTMLElement).closest<HTMLElement>("[data-key^=b]");
  if (cell === null || target !== cell || dragged !== undefined) return;
  const offset = Number(cell.dataset.key!.slice(1));
  state.chosen = offset;
  focused = `b${offset}`;
  flip(offset);
});

element.addEventListener("keydown", (event) => {
  const { dataset } = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isDone = dataset.key?.startsWith("c")
    ? pressedAtCut(event.key, Number(dataset.key.slice(1)))
    : pressedAtByte(event.key);
  if (isDone) event.preventDefault();
});

function pressedAtCut(key: string, index: number): boolean {
  const offset = state.cuts[index] ?? 0;
  if (key === "Delete" || key === "Backspace") {
    focused = `b${offset}`;
    state.chosen = offset;
    toggleCut(offset);
    return true;
  }
  const to = {
    ArrowLeft: offset - 1,
    ArrowRight: offset + 1,
    ArrowUp: offset - columns(),
    ArrowDown: offset + columns(),
    Home: 0,
    End: state.bytes.length,
  }[key];
  if (to === undefined) return false;
  focused = `c${index}`;
  moveCut(index, to);
  return true;
}

/** The first of two digits that are typed. */
let typed: number | undefined;

function pressedAtByte(key: string): boolean {
  const { chosen, bytes } = state;
  const all = columns();
  const to = {
    ArrowLeft: chosen - 1,
    ArrowRight: chosen + 1,
    ArrowUp: chosen - all,
    ArrowDown: chosen + all,
    PageUp: chosen - 8 * all,
    PageDown: chosen + 8 * all,
    Home: 0,
    End: bytes.length - 1,
  }[key];
  if (to !== undefined) {
    typed = undefined;
    goTo(to, true);
  } else if (key === "Enter" || key === " ") flip(chosen);
  else if (/^x$/i.test(key) && typed === undefined) toggleCut(chosen);
  else if (/^[\da-f]$/i.test(key)) {
    const digit = parseInt(key, 16);
    if (typed === undefined) typed = digit;
    else {
      setByte(chosen, typed * 16 + digit);
      typed = undefined;
      goTo(chosen + 1, true);
    }
  } else return false;
  return true;
}

onClick("flip", () => flip(state.chosen));
onClick("cut-here", () => toggleCut(state.chosen));
onClick("restore", restore);
