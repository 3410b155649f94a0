/// <reference lib="dom" />
import { complete } from "../logic/complete.ts";
import { change, state } from "../state.ts";
import { text } from "../strings/texts.ts";
import { at, html } from "./dom.ts";

const input = at<HTMLInputElement>("format");
const list = at("words");
let words: readonly string[] = [];
let from = 0;
let current = -1;

/** Draws the expression and what is wrong with it. */
export function drawFormat(): void {
  if (input.value !== state.expression) input.value = state.expression;
  const { refusal, normal = "" } = state.decoded ?? {};
  const caret = at("caret");
  caret.hidden = refusal === undefined;
  input.setAttribute("aria-invalid", `${refusal !== undefined}`);
  const note = at("refusal");
  note.className = refusal === undefined ? "" : "bad";
  if (refusal === undefined) {
    note.textContent = normal === "" || normal === state.expression
      ? ""
      : text("same", normal);
    return;
  }
  const { message, column, suggestion } = refusal;
  caret.textContent = `${" ".repeat(column - 1)}^`;
  caret.scrollLeft = input.scrollLeft;
  note.innerHTML = html(message) +
    (suggestion === undefined
      ? ""
      : ` <button id="suggestion">${
        html(text("didYouMean", suggestion))
      }</button>`);
  document.getElementById("suggestion")?.addEventListener("click", () => {
    const { expression } = state;
    const rest = expression.slice(column - 1);
    const wrong = /^(preset:)?[\w-]*/.exec(rest)![0];
    change({
      expression: expression.slice(0, column - 1) + suggestion +
        rest.slice(wrong.length),
    });
    input.focus();
  });
}

function offer(): void {
  const caret = input.selectionStart ?? input.value.length;
  ({ from, words } = complete(input.value, caret, state.vocabulary));
  current = -1;
  drawWords();
}

function drawWords(): void {
  list.hidden = words.length === 0;
  input.setAttribute("aria-expanded", `${!list.hidden}`);
  list.innerHTML = words.map((word, i) =>
    `<div role="option" id="word-${i}" aria-selected="${i === current}">${
      html(word)
    }</div>`
  ).join("");
  if (current < 0) input.removeAttribute("aria-activedescendant");
  else {
    input.setAttribute("aria-activedescendant", `word-${current}`);
    list.children[current]!.scrollIntoView({ block: "nearest" });
  }
}

function close(): void {
  words = [];
  current = -1;
  drawWords();
}

function take(word: string): void {
  const caret = input.selectionStart ?? input.value.length;
  input.setRangeText(word, from, caret, "end");
  change({ expression: input.value });
  // Behind `name=`, its words come next.
  if (/[=(]$/.test(word)) offer();
  else close();
}

input.addEventListener("input", () => {
  change({ expression: input.value });
  offer();
});
input.addEventListener("click", offer);
input.addEventListener("scroll", () => {
  at("caret").scrollLeft = input.scrollLeft;
});
input.addEventListener("blur", close);
input.addEventListener("keydown", (event) => {
  const { key } = event;
  if (key === "ArrowDown" || key === "ArrowUp") {
    if (words.length === 0) offer();
    const count = words.length;
    if (count > 0) {
      const step = key === "ArrowDown" ? 1 : current < 0 ? 0 : -1;
      current = (current + step + count) % count;
    }
    drawWords();
  } else if (key === "Enter" && current >= 0) take(words[current]!);
  else if (key === "Escape" && words.length > 0) close();
  else return;
  event.preventDefault();
});
// A press takes the focus from the input, which closes the list.
list.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const option = (event.target as Element).closest("[role=option]");
  if (option !== null) take(option.textContent!);
});
