/// <reference lib="dom" />
import { snippets } from "../snippets.ts";
import { printHex } from "../logic/hex.ts";
import { type Linked, printLink } from "../logic/link.ts";
import type { Notation } from "../protocol.ts";
import { change, state, theEngine } from "../state.ts";
import { text } from "../strings/texts.ts";
import { at, copy, html, onClick } from "./dom.ts";
import { goTo } from "./grid.ts";
import { liveAddress } from "./live.ts";

/** More bytes do not go into a link. */
const MOST_LINKED = 16_384;

const languages = at<HTMLSelectElement>("code-language");
const withBytes = at<HTMLInputElement>("with-bytes");

/** What a generator beside the page puts into the global object. */
interface Generator {
  framewireGenerate?(
    language: string,
    expression: string,
  ): { readonly name: string; readonly text: string };
}

/** Draws the code and the link. */
export function drawTools(): void {
  const { generator, file, code } = snippets[languages.value]!;
  // Single quotes could end the word of a shell.
  const quoted = `'${state.expression.replaceAll("'", "'\\''")}'`;
  const shown = code.replace(
    "$)",
    () => `${JSON.stringify(state.expression)})`,
  );
  const isNew = at("code").dataset.of !== languages.value + quoted;
  if (isNew) {
    at("code").dataset.of = languages.value + quoted;
    at("code").textContent = shown;
    at("generated").hidden = generator === undefined;
    at("download").hidden = true;
    at("command").textContent =
      `npx @framewire/framewire generate ${generator} ${quoted} > ${file}`;
  }
  withBytes.disabled = state.bytes.length > MOST_LINKED;
  at("link").textContent = `${location.href.split("#")[0]}#${linkOf()}`;
}

function linkOf(): string {
  const { expression, cuts, example, tab, bytes } = state;
  const address = tab === "live" ? liveAddress() : "";
  const link: Linked = {
    expression,
    cuts,
    example,
    tab,
    address,
  };
  return printLink(
    withBytes.checked && !withBytes.disabled ? { ...link, bytes } : link,
  );
}

for (const name of Object.keys(snippets)) languages.add(new Option(name));
languages.addEventListener("change", drawTools);
withBytes.addEventListener("change", drawTools);

function copies(button: string, from: string): void {
  onClick(button, async () => {
    await copy(at(from).textContent!);
    at(button).textContent = text("copied");
    setTimeout(() => at(button).textContent = text("copy"), 2_000);
  });
}
copies("copy-code", "code");
copies("copy-link", "link");
onClick("copy-link", () => history.replaceState(null, "", `#${linkOf()}`));

/** Loads the generator, which lies beside the page or does not. */
function generator(): Promise<Generator["framewireGenerate"]> {
  const loaded = () => (globalThis as Generator).framewireGenerate;
  return new Promise((resolve) => {
    if (loaded() !== undefined) return resolve(loaded());
    const script = document.createElement("script");
    script.src = "generate.js";
    script.onload = script.onerror = () => resolve(loaded());
    document.head.append(script);
  });
}

onClick("whole", async () => {
  const generate = await generator();
  const name = snippets[languages.value]!.generator ?? "";
  const download = at<HTMLAnchorElement>("download");
  let said: string;
  try {
    const made = generate?.(name, state.expression);
    said = made?.text ?? text("noGenerator");
    if (made !== undefined) {
      URL.revokeObjectURL(download.href);
      download.href = URL.createObjectURL(new Blob([made.text]));
      download.download = made.name;
      download.hidden = false;
    }
  } catch (error) {
    // The format cannot be written in that language.
    said = error instanceof Error ? error.message : `${error}`;
  }
  at("code").textContent = said;
});

onClick("guess-run", async () => {
  const found = await theEngine()?.guess();
  if (found === undefined) return;
  const { guesses, protocol } = found;
  at("guesses").innerHTML = (protocol && `<p>${html(protocol)}</p>`) +
    (guesses.map(({ expression, confidence, frames, explained, evidence }) =>
      `<div class="guess"><div class="line"><code>${
        html(expression)
      }</code><span class="tag">${text(confidence as "certain")}</span><small>${
        text("explained", frames, (100 * explained).toFixed(1))
      }</small><button data-use="${html(expression)}">${
        text("use")
      }</button></div><ul>${
        evidence.map((one) => `<li>${html(one)}</li>`).join("")
      }</ul></div>`
    ).join("") || `<p>${text("guessNone")}</p>`);
});
at("guesses").addEventListener("click", ({ target }) => {
  const { use } = (target as HTMLElement).dataset;
  if (use !== undefined) change({ expression: use });
});

async function append(): Promise<void> {
  const note = at("appended");
  const { bytes, expression, cuts } = state;
  try {
    const made = await theEngine()?.encode(
      expression,
      at<HTMLSelectElement>("notation").value as Notation,
      at<HTMLInputElement>("message").value,
    );
    if (made === undefined) return;
    const all = new Uint8Array(bytes.length + made.length);
    all.set(bytes);
    all.set(made, bytes.length);
    change({ bytes: all, cuts: [...cuts, bytes.length] });
    goTo(bytes.length);
    note.textContent = text(
      "appended",
      made.length,
      printHex(made.slice(0, 24)),
    );
  } catch (error) {
    note.textContent = error instanceof Error ? error.message : `${error}`;
  }
}
onClick("append", append);
at("message").addEventListener("keydown", ({ key }) => {
  if (key === "Enter") void append();
});
