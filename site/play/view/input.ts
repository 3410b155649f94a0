/// <reference lib="dom" />
import { examples } from "../examples.ts";
import { atRandom, everyByte } from "../logic/cuts.ts";
import { parseHex, parseText, printHex, printText } from "../logic/hex.ts";
import { frameStarts } from "../logic/pieces.ts";
import { change, state, theEngine } from "../state.ts";
import { text } from "../strings/texts.ts";
import { at, html, onClick } from "./dom.ts";

/** More cannot be edited as text. */
const MOST_EDITED = 65_536;

const input = at<HTMLTextAreaElement>("input");
const details = at<HTMLDetailsElement>("edit");
const streams = at<HTMLSelectElement>("streams");

/** Takes an example by its number, from 1 on. */
export function takeExample(number: number): void {
  const { expression, bytes, cuts } = examples[number - 1]!;
  streams.hidden = true;
  // The bytes of the example stay as they are, whatever the page does to them.
  change({ expression, bytes: bytes.slice(), cuts, example: number });
}

/** Draws what belongs to the bytes as a whole. */
export function drawInput(): void {
  const { decoded, bytes, cuts } = state;
  at("counts").textContent = text(
    "counts",
    decoded?.frames ?? 0,
    bytes.length,
    cuts.length + 1,
  ) + (decoded?.done ? "" : ` · ${text("working")}`);
  if (document.activeElement !== input) fill();
}

/** Draws the buttons of the examples. */
export function drawExamples(): void {
  at("examples").innerHTML = examples.map(({ name }, i) =>
    `<button data-example="${i + 1}">${html(name)}</button>`
  ).join("");
}

function isHex(): boolean {
  return document.querySelector<HTMLInputElement>("[name=notation]")!.checked;
}

function fill(): void {
  if (!details.open) return;
  const { bytes } = state;
  const isLong = bytes.length > MOST_EDITED;
  input.disabled = isLong;
  input.value = isLong
    ? text("tooLong", bytes.length)
    : isHex()
    ? printHex(bytes)
    : printText(bytes);
}

details.addEventListener("toggle", fill);
for (const radio of document.querySelectorAll("[name=notation]")) {
  radio.addEventListener("change", fill);
}
input.addEventListener("input", () => {
  const note = at("input-note");
  try {
    const bytes = (isHex() ? parseHex : parseText)(input.value);
    note.textContent = text("editHelp");
    change({ bytes });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    note.textContent = text("notHex", error.message);
  }
});

at("examples").addEventListener("click", ({ target }) => {
  const { example } = (target as HTMLElement).dataset;
  if (example !== undefined) takeExample(Number(example));
});

/** Takes a file: a capture, whose streams can be chosen, or bytes. */
async function open(file: File): Promise<void> {
  // The worker reads it as well: to send it 10 MB would stall the page.
  const [content, found] = await Promise.all([
    file.arrayBuffer(),
    theEngine()?.openFile(file),
  ]);
  streams.hidden = found === undefined;
  if (found === undefined) {
    return change({ bytes: new Uint8Array(content), cuts: [] }, true);
  }
  streams.innerHTML =
    found.map(({ name, length }, i) =>
      `<option value="${i}">${html(`${name} (${length})`)}</option>`
    ).join("") || `<option>${text("noStream")}</option>`;
  if (found.length > 0) await takeStream(0);
}

async function takeStream(index: number): Promise<void> {
  const stream = await theEngine()?.captured(index);
  if (stream !== undefined) change(stream);
}

streams.addEventListener("change", () => {
  void takeStream(Number(streams.value));
});
onClick("file-button", () => at("file").click());
at<HTMLInputElement>("file").addEventListener("change", ({ target }) => {
  const chosen = target as HTMLInputElement;
  const [file] = chosen.files ?? [];
  if (file !== undefined) void open(file);
  chosen.value = "";
});
addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", () => {
  document.body.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const [file] = event.dataTransfer?.files ?? [];
  if (file !== undefined) void open(file);
});

onClick("glue", () => change({ cuts: [] }));
onClick("each", () => change({ cuts: everyByte(state.bytes.length) }));
onClick("random", () => change({ cuts: atRandom(state.bytes.length) }));
onClick("at-frames", () => {
  const { offsets, kinds } = state.decoded ?? { offsets: [], kinds: [] };
  change({ cuts: frameStarts(offsets, kinds) });
});
