/** Copies what is read by people. */

import { dirname, join, normalize } from "node:path";
import { root } from "../testing/process.ts";
import { REPOSITORY } from "./public_fields.ts";

/** The files beside the code of every package: what concerns its users. */
export const documents: readonly string[] = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "LICENSE",
  "docs/browser.md",
  "docs/observability.md",
  "docs/operating.md",
  "docs/peers.md",
  "docs/recipes.md",
  "docs/speed.svg",
  "docs/testing.md",
  "docs/transports.md",
  "docs/vectors.md",
];

/** Copies the documents into the folder of a package. */
export async function copyDocuments(folder: string): Promise<void> {
  for (const path of documents) await copy(path, folder);
}

async function copy(path: string, folder: string): Promise<void> {
  await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
  if (path.endsWith(".md")) {
    const text = await Deno.readTextFile(root + path);
    await Deno.writeTextFile(
      `${folder}/${path}`,
      withoutPadding(withLinks(text, path)),
    );
  } else {
    await Deno.copyFile(root + path, `${folder}/${path}`);
  }
}

/**
 * The text of a document for the package: a link to a file that is not in the
 * package leads to the repository, or is none while there is no repository. A picture
 * that is not in the package is its description then.
 */
export function withLinks(
  text: string,
  path: string,
  repository: string = REPOSITORY,
): string {
  return text.replace(
    /(!?)\[([^\]]+)\]\(([^)#:]+)(#[^)]*)?\)/g,
    (link, mark: string, words: string, target: string, anchor = "") => {
      const file = normalize(join(dirname(path), target));
      if (documents.includes(file)) return link;
      if (repository === "") return words;
      const view = mark === "" ? "blob" : "raw";
      return `${mark}[${words}](${repository}/${view}/main/${file}${anchor})`;
    },
  );
}

/** The text of a document without what lines the columns of its tables up. */
export function withoutPadding(text: string): string {
  return text.replace(
    /^\|.*/gm,
    (row) => row.replace(/ +\|/g, " |").replace(/-{4,}/g, "---"),
  );
}
