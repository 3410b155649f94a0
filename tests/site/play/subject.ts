import type { Browser, Page } from "playwright-core";

/** What the tests of the page share. */
export interface Subject {
  /** The page as a file, and from a server. */
  readonly file: string;
  readonly http: string;
  /** The text of the page. */
  readonly html: string;
  /** The browser, when it has started. */
  browser(): Browser;
  /**
   * A page from the server, with its first example. It is always the same one, as it
   * takes a second to open one.
   */
  fresh(): Promise<Page>;
  /** Why a test is skipped, if it is. */
  readonly options: { readonly skip: string | false };
}
