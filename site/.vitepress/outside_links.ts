/** Links from the documents to files that are no pages, such as sources. */

import { posix } from "node:path";

/** What a link to a file of the project is on the site. */
export interface OutsideLink {
  /** The path of the file or folder from the root of the project. */
  readonly path: string;
  /** Where it can be read; `undefined` while the project is in no public place. */
  readonly href: string | undefined;
}

/**
 * What becomes of a link that leads out of the folder of the documents, or `undefined`
 * for other links.
 *
 * @param page The path of the page below the folder of the documents.
 */
export function outsideLink(
  page: string,
  href: string,
  repository: string,
): OutsideLink | undefined {
  if (/^([a-z][a-z+.-]*:|\/|#)/i.test(href)) return undefined;
  const [file = "", anchor] = href.split("#");
  const from = posix.join("docs", posix.dirname(page));
  const path = posix.join(from, decodeURI(file)).replace(/\/$/, "");
  if (path === "docs" || path.startsWith("docs/")) return undefined;
  const view = posix.extname(path) === "" ? "tree" : "blob";
  const suffix = anchor === undefined ? "" : `#${anchor}`;
  return {
    path,
    href: repository === ""
      ? undefined
      : `${repository}/${view}/main/${path}${suffix}`,
  };
}
