/// <reference lib="dom" />
import { parseLink } from "./logic/link.ts";
import { change, setEngine, setRender, type State, state } from "./state.ts";
import { type Language, speak, text, type TextName } from "./strings/texts.ts";
import { at, onClick } from "./view/dom.ts";
import { drawFailure } from "./view/failure.ts";
import { drawFormat } from "./view/format.ts";
import { drawGrid } from "./view/grid.ts";
import { drawExamples, drawInput, takeExample } from "./view/input.ts";
import { drawLists } from "./view/lists.ts";
import { drawLive } from "./view/live.ts";
import { drawTools } from "./view/tools.ts";
import { startEngine } from "./view/worker.ts";

const root = document.documentElement;
const tabs = ["decode", "live"] as const;

function draw(): void {
  drawFormat();
  drawInput();
  drawGrid();
  drawLists();
  drawFailure();
  drawTools();
  drawLive();
}

let isDue = false;
function drawSoon(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function setLanguage(language: Language): void {
  speak(language);
  root.lang = language;
  for (const one of document.querySelectorAll<HTMLElement>("[data-t]")) {
    one.textContent = text(one.dataset.t as TextName);
  }
  for (const one of document.querySelectorAll<HTMLElement>("[data-l]")) {
    one.ariaLabel = text(one.dataset.l as TextName);
  }
  at("legend").innerHTML = FIELDS.map((name) =>
    `<li class="${name}">${name}</li>`
  )
    .join("");
  drawTheme();
  draw();
}

const FIELDS = [
  "length",
  "header",
  "command",
  "reply",
  "start",
  "body",
  "checksum",
  "delimiter",
  "skipped",
];

function drawTheme(): void {
  at("theme").textContent = text(
    root.dataset.theme === "dark" ? "light" : "theme",
  );
}

function setTheme(theme: string): void {
  root.dataset.theme = theme;
  drawTheme();
}

function setTab(tab: State["tab"], hasFocus = false): void {
  state.tab = tab;
  for (const name of tabs) {
    const button = at(`tab-${name}`);
    button.ariaSelected = `${name === tab}`;
    button.tabIndex = name === tab ? 0 : -1;
    at(name).hidden = name !== tab;
  }
  if (hasFocus) at(`tab-${tab}`).focus();
  drawSoon();
}

for (const tab of tabs) {
  onClick(`tab-${tab}`, () => setTab(tab));
  at(`tab-${tab}`).addEventListener("keydown", ({ key }) => {
    if (/^Arrow(Left|Right)$/.test(key)) {
      setTab(tab === "live" ? "decode" : "live", true);
    }
  });
}
onClick("theme", () => {
  setTheme(root.dataset.theme === "dark" ? "light" : "dark");
});
onClick("language", () => setLanguage(root.lang === "zh" ? "en" : "zh"));

function openLink(): boolean {
  const link = parseLink(location.hash);
  if (link === undefined) return false;
  const { expression, cuts, example, tab, address, bytes } = link;
  takeExample(
    example > 0 && at("examples").children[example - 1] ? example : 1,
  );
  at<HTMLInputElement>("with-bytes").checked = bytes !== undefined;
  if (bytes !== undefined) change({ bytes });
  change({ expression, cuts });
  if (address !== "") at<HTMLInputElement>("address").value = address;
  setTab(tab);
  return true;
}

setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
at<HTMLInputElement>("address").value = "ws://127.0.0.1:9000";
setLanguage(navigator.language.startsWith("zh") ? "zh" : "en");
drawExamples();
setRender(drawSoon);
setTab("decode");
if (!openLink()) takeExample(1);
addEventListener("hashchange", openLink);

const engine = startEngine();
setEngine(engine);
void engine.vocabulary().then((vocabulary) => state.vocabulary = vocabulary);
