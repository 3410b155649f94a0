/** The anchors of headings: the same on GitHub and on the site. */

/** The anchor that GitHub gives a heading, without the number of a repetition. */
export function headingSlug(heading: string): string {
  return heading.trim().toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}
