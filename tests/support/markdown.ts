/** Reads the documents of the project. */

import { readdirSync, readFileSync } from "node:fs";
import { headingSlug } from "../../scripts/site/heading_slug.ts";
import { projectFile } from "./programs.ts";

/** A document, and what other documents can link to. */
export interface MarkdownDocument {
  /** The path from the root of the project. */
  readonly path: string;
  readonly text: string;
  /** The headings, without their marks. */
  readonly headings: readonly {
    readonly level: number;
    readonly text: string;
  }[];
  readonly anchors: ReadonlySet<string>;
  /** The targets of its links and pictures. */
  readonly links: readonly string[];
  /** The blocks of code, with the word behind the fence. */
  readonly blocks: readonly {
    readonly language: string;
    readonly code: string;
  }[];
}

/** The documents beside `docs` that people read. */
const others = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "examples/README.md",
];

/** The pages below `docs`, by their paths from the root of the project. */
export const pages: readonly string[] = readdirSync(projectFile("docs"), {
  recursive: true,
  encoding: "utf8",
}).filter((path) => path.endsWith(".md")).map((path) =>
  `docs/${path.replaceAll("\\", "/")}`
).sort();

/** Reads all documents. */
export function readDocuments(): MarkdownDocument[] {
  return [...others, ...pages].map(readDocument);
}

/** Reads a document. */
export function readDocument(path: string): MarkdownDocument {
  const text = readFileSync(projectFile(path), "utf8");
  const blocks: { language: string; code: string }[] = [];
  const prose = text
    .replace(/^---\n[^]*?\n---\n/, "")
    .replace(
      /^( *)(`{3,})(.*)\n([^]*?)^\1\2$/gm,
      (_, _indent, _fence, language: string, code: string) => {
        blocks.push({ language: language.trim(), code });
        return "";
      },
    );
  const headings = [...prose.matchAll(/^(#+) (.+)$/gm)].map(
    ([, marks = "", title = ""]) => ({
      level: marks.length,
      text: title.replace(/`/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/\\(.)/g, "$1"),
    }),
  );
  const withoutCode = prose.replace(/`[^`\n]*`/g, "");
  const links = [
    ...withoutCode.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm),
  ]
    .map(([, inline, reference]) => (inline ?? reference)!);
  return { path, text, headings, anchors: anchorsOf(headings), links, blocks };
}

function anchorsOf(
  headings: MarkdownDocument["headings"],
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  return new Set(headings.map(({ text }) => {
    const slug = headingSlug(text);
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }));
}
