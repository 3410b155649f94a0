// Opens the page in Chromium, and watches what it does that it must not.

/// <reference lib="dom" />

import { assertEquals } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";

/** A page with what was seen of it. */
export interface Watched {
  readonly page: Page;
  /** Closes the page, and fails if it has told an error or asked for anything else. */
  close(): Promise<void>;
}

/** How a page is opened. */
export interface View {
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly locale?: string;
}

/** Starts the browser. */
export function launch(executablePath: string): Promise<Browser> {
  // Debian's runs as root in test machines, where its sandbox does not.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Opens the page and waits until frames are shown. */
export async function open(browser: Browser, view: View): Promise<Watched> {
  const { url, width = 1200, height = 900, colorScheme, locale } = view;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: colorScheme ?? "light",
    locale: locale ?? "en-US",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const seen: string[] = [];
  page.on("console", (message) => {
    if (/error|warning/.test(message.type())) seen.push(message.text());
  });
  page.on("pageerror", (error) => seen.push(String(error)));
  page.on("request", (request) => {
    const asked = request.url().split("#")[0]!;
    if (asked !== url.split("#")[0] && !/^(blob|data):/.test(asked)) {
      seen.push(`requested ${asked}`);
    }
  });
  await page.goto(url);
  await page.waitForSelector("#frames .chip", { state: "attached" });
  return {
    page,
    async close() {
      await context.close();
      assertEquals(seen, []);
    },
  };
}

/** What a list of the page shows. */
export function rowsOf(page: Page, list: string): Promise<string[]> {
  return page.locator(`#${list} [role=option]`).allTextContents();
}

/** Waits until the page has decoded, and drawn what it has. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    !document.getElementById("counts")!.textContent!.includes("·")
  );
  await page.evaluate(() =>
    new Promise((resolve) =>
      setTimeout(
        () => requestAnimationFrame(() => requestAnimationFrame(resolve)),
        60,
      )
    )
  );
}
