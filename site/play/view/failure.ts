/// <reference lib="dom" />
import type { Failure } from "../protocol.ts";
import { change, state } from "../state.ts";
import { text } from "../strings/texts.ts";
import { at, html, onClick } from "./dom.ts";
import { goTo } from "./grid.ts";

const card = at("failure");

/** Draws why the decoder stopped, or what it has passed over. */
export function drawFailure(): void {
  const { failure, recovery, skipped = [], done } = state.decoded ?? {};
  card.hidden = failure === undefined && skipped.length === 0;
  card.classList.toggle("bad", failure !== undefined);
  const shown = (failure === undefined ? "" : failureHtml(failure, recovery)) +
    (skipped.length === 0 ? "" : `<p class="note">${
      text(
        "recovered",
        skipped.slice(0, 8).map(([code, offset]) => `${code} @${offset}`)
          .join(", "),
      )
    }</p>`);
  if (done === undefined || card.dataset.shown === shown) return;
  card.dataset.shown = shown;
  card.innerHTML = shown;
  if (failure === undefined) return;
  onClick("show-failure", () => goTo(failure.offset, true));
  if (recovery !== undefined) {
    onClick("recover", () => change({ expression: recovery }));
  }
}

function failureHtml(
  { code, reason, offset, expected, got, hint }: Failure,
  recovery: string | undefined,
): string {
  const rows = [
    [code, reason],
    [text("expected"), expected],
    [text("got"), got],
    ...hint === undefined ? [] : [[text("cause"), hint]],
  ];
  const isCut = code === "FRAME_TRUNCATED";
  return `<div class="line"><h2>${
    text(isCut ? "cutFailure" : "failure")
  }</h2><span>${text("offset", offset)}</span><button id="show-failure">${
    text("show")
  }</button></div><dl>${
    rows.map(([name = "", said = ""]) =>
      `<dt>${html(name)}</dt><dd>${html(said)}</dd>`
    ).join("")
  }</dl>${
    recovery === undefined
      ? ""
      : `<button id="recover">${html(text("recover", recovery))}</button>`
  }`;
}
