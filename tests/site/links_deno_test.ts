// The links between the documents, as GitHub and the site follow them.

import { assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { outsideLink } from "../../site/.vitepress/outside_links.ts";
import { readDocuments } from "../support/markdown.ts";
import { projectFile } from "../support/programs.ts";

const documents = new Map(readDocuments().map((one) => [one.path, one]));

test("every link within the project leads to a file and an anchor", () => {
  const wrong: string[] = [];
  for (const { path, links } of documents.values()) {
    for (const link of links) {
      if (/^[a-z][a-z+.-]*:/i.test(link)) continue;
      const [target = "", anchor] = link.split("#");
      const file = target === ""
        ? path
        : posix.join(posix.dirname(path), decodeURI(target));
      if (!existsSync(projectFile(file))) wrong.push(`${path}: ${link}`);
      else if (
        anchor !== undefined &&
        documents.get(file)?.anchors.has(decodeURIComponent(anchor)) === false
      ) {
        wrong.push(`${path}: no heading for ${link}`);
      }
    }
  }
  assertEquals(wrong, []);
});

test("outsideLink() finds the links that lead out of the pages", () => {
  const repository = "https://example.org/framewire";
  for (
    const [page, href, path, url] of [
      ["a.md", "../src/b.ts#c", "src/b.ts", "blob/main/src/b.ts#c"],
      ["zh/a.md", "../../examples/b/", "examples/b", "tree/main/examples/b"],
      ["a.md", "b.md", undefined, undefined],
      ["zh/a.md", "../b.md", undefined, undefined],
      ["a.md", "https://example.org/", undefined, undefined],
      ["a.md", "#b", undefined, undefined],
    ] as const
  ) {
    assertEquals(
      outsideLink(page, href, repository),
      path && { path, href: `${repository}/${url}` },
    );
    assertEquals(
      outsideLink(page, href, ""),
      path && { path, href: undefined },
    );
  }
});
