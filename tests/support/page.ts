/** Pages of Chromium that are watched: on Deno. */

import { type Browser, chromium, type Page } from "playwright-core";

/** Starts Chromium. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      // Debian's runs as root in test machines, where its sandbox does not.
      "--no-sandbox",
      // Pages of other origins may connect to servers of this machine, and are not
      // asked whether a person allows it.
      "--disable-features=LocalNetworkAccessChecks",
    ],
  });
}

/**
 * Watches a page: each error of its scripts and its console, and each request to
 * another origin than `origin`, is added to the list that is returned.
 */
export function watch(page: Page, origin: string): string[] {
  const seen: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    seen.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => seen.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:")) {
      seen.push(`request: ${url}`);
    }
  });
  return seen;
}
