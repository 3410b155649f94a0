import type { Browser } from "playwright-core";

/** What the tests of the page share. */
export interface Subject {
  /** The page as a file, and from a server. */
  readonly file: string;
  readonly http: string;
  /** The text of the page. */
  readonly html: string;
  /** The browser, when it has started. */
  browser(): Browser;
  /** Why a test is skipped, if it is. */
  readonly options: { readonly skip: string | false };
}
