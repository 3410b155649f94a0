/// <reference lib="dom" />

/** An element of the page by its name. */
export function at<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text as HTML. */
export function html(text: string | number): string {
  return `${text}`.replace(/[&<>"]/g, (one) => ENTITIES[one]!);
}

/** Calls a function for the clicks on an element. */
export function onClick(id: string, run: () => unknown): void {
  at(id).addEventListener("click", run);
}

/** Puts a text on the clipboard: also where the page is a file. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the permission, an older way may have it.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
