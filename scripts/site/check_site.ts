/** Looks whether every link of the built site leads somewhere. */

import { join, relative } from "node:path";

/** What was found. */
export interface SiteReport {
  readonly pages: number;
  /** The links that lead nowhere, in words. */
  readonly wrong: readonly string[];
}

/** What a page offers and asks for. */
interface Page {
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly string[];
}

/** Checks each `href` and `src` of the pages below a folder: the file and the anchor. */
export async function checkSite(folder: string): Promise<SiteReport> {
  const files = new Set<string>();
  const pages = new Map<string, Page>();
  for (const path of filesOf(folder)) {
    files.add(path);
    if (!path.endsWith(".html")) continue;
    pages.set(path, pageOf(await Deno.readTextFile(join(folder, path))));
  }
  const wrong: string[] = [];
  for (const [path, { links }] of pages) {
    for (const link of links) {
      const [target = "", anchor = ""] = link.split("#");
      const file = fileOf(target, path);
      // The reference itself has links to parameters of types that it does not show.
      if (anchor.startsWith("type_param_")) continue;
      if (!files.has(file)) wrong.push(`${path}: no file for ${link}`);
      else if (anchor !== "" && !hasAnchor(pages.get(file), anchor)) {
        wrong.push(`${path}: no anchor for ${link}`);
      }
    }
  }
  return { pages: pages.size, wrong };
}

function* filesOf(folder: string, below = folder): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(below)) {
    const path = join(below, name);
    if (isDirectory) yield* filesOf(folder, path);
    else yield relative(folder, path);
  }
}

function pageOf(html: string): Page {
  // What scripts and comments hold is no link.
  const text = html.replace(
    /<!--[^]*?-->|(<script[^>]*>)[^]*?<\/script>/g,
    "$1",
  );
  const anchors = new Set<string>();
  const links = new Set<string>();
  for (
    const [, name, value = ""] of text.matchAll(
      /\s(id|name|href|src)="([^"]*)"/g,
    )
  ) {
    if (name === "id" || name === "name") anchors.add(unescaped(value));
    else if (!/^([a-z][a-z+.-]*:|\/\/)/i.test(value)) {
      links.add(unescaped(value));
    }
  }
  return { anchors, links: [...links] };
}

/** The file of an address, by its path below the site. */
function fileOf(target: string, from: string): string {
  const { pathname } = new URL(target, `http://site/${from}`);
  const file = decodeURI(pathname).slice(1);
  return file === "" || file.endsWith("/") ? `${file}index.html` : file;
}

function hasAnchor(page: Page | undefined, anchor: string): boolean {
  return page?.anchors.has(decodeURIComponent(anchor)) ?? false;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  gt: ">",
  lt: "<",
  quot: '"',
};

function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex, decimal, name) =>
      hex !== undefined
        ? String.fromCodePoint(parseInt(hex, 16))
        : decimal !== undefined
        ? String.fromCodePoint(Number(decimal))
        : entities[name] ?? whole,
  );
}
