/** A rule of markdown-it for links to files that are no pages. */

import type { MarkdownRenderer } from "vitepress";
import { outsideLink } from "./outside_links.ts";

/**
 * Leads them to the repository. While there is none, the text stands there without a
 * link, with the path of the file behind it where the text does not say it.
 */
export function linksOutside(
  markdown: MarkdownRenderer,
  repository: string,
): void {
  markdown.core.ruler.push("links_outside", ({ tokens, env }) => {
    for (const { children } of tokens) {
      let path: string | undefined;
      let text = "";
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const href = token.attrGet("href") ?? "";
          const link = outsideLink(env.relativePath, href, repository);
          if (link === undefined) continue;
          if (link.href !== undefined) {
            token.attrSet("href", link.href);
            continue;
          }
          ({ path } = link);
          text = "";
          token.tag = "span";
          token.attrs = [["class", "source"]];
        } else if (path === undefined) continue;
        else if (token.type === "link_close") {
          token.tag = "span";
          if (!path.endsWith(text.replace(/\/$/, ""))) {
            token.type = "html_inline";
            token.content = ` (<code v-pre>${path}</code>)</span>`;
          }
          path = undefined;
        } else text += token.content;
      }
    }
  });
}
