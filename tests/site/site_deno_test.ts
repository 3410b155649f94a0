// Builds the site, and reads it in Chromium.

import { assert, assertEquals } from "@std/assert";
import { after, before, test } from "node:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { root, run } from "../../scripts/testing/process.ts";
import {
  type FolderServer,
  serveFolder,
} from "../../scripts/site/serve_folder.ts";
import { findChromium } from "../support/chromium.ts";
import { pages } from "../support/markdown.ts";
import { startChromium, watch } from "../support/page.ts";

const chromium = await findChromium();
const skip = chromium === undefined ? "no Chromium here" : false;

const folder = `${root}build/site-tested`;
const screenshots = `${root}build/screenshots`;
let server: FolderServer;
let browser: Browser | undefined;

before(async () => {
  const { ok, output } = await run([
    Deno.execPath(),
    "run",
    "-A",
    `${root}scripts/site/build.ts`,
    "site-tested",
  ]);
  assert(ok, output);
  server = serveFolder(folder, 0);
  if (chromium === undefined) return;
  browser = await startChromium(chromium);
  await Deno.mkdir(screenshots, { recursive: true });
});

after(async () => {
  await browser?.close();
  await server[Symbol.asyncDispose]();
});

/** Opens pages of their own kind, and closes them. */
async function withPage(
  use: (page: Page, seen: readonly string[]) => Promise<void>,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<void> {
  const page = await browser!.newPage(options);
  try {
    const seen = watch(page, server.url);
    await use(page, seen);
    assertEquals(seen, []);
  } finally {
    await page.close();
  }
}

const addresses = pages.map((path) =>
  path.replace(/^docs\//, "").replace(/\.md$/, ".html")
);

test("the site is built, and every link of it leads somewhere", async () => {
  for (const path of [...addresses, "api/index.html"]) {
    assert((await Deno.stat(`${folder}/${path}`)).isFile);
  }
});

test(
  "pages load without errors, load nothing from elsewhere, and fit 360 pixels",
  { skip },
  async () => {
    await withPage(async (page) => {
      for (const path of [...addresses, "api/index.html"]) {
        await page.goto(server.url + path);
        await page.waitForSelector(
          path.startsWith("api/") ? "main" : "#app > *",
        );
        if (path.startsWith("api/")) continue;
        const width = await page.evaluate<number>(
          "document.documentElement.scrollWidth",
        );
        assert(width <= 360, `${path} is ${width} pixels wide`);
      }
    }, { viewport: { width: 360, height: 640 } });
  },
);

test(
  "the search finds “half-close” and “分包”, without a network",
  { skip },
  async () => {
    await withPage(async (page) => {
      for (
        const [path, words, detailed] of [
          ["", "half-close", "Display detailed list"],
          ["zh/", "分包", "显示正文"],
        ] as const
      ) {
        await page.goto(server.url + path);
        await page.keyboard.press("Control+KeyK");
        await page.locator(".VPLocalSearchBox input").fill(words);
        // The index, and the texts that are shown of it, come from the site itself.
        const results = page.locator(".VPLocalSearchBox .result");
        await results.first().waitFor();
        await page.getByTitle(detailed).click();
        await results.filter({ hasText: words }).first().click();
        await page.waitForURL(/\.html/);
        await page.locator("main", { hasText: words }).waitFor();
      }
    });
  },
);

test(
  "the keyboard alone skips to the content and follows links",
  { skip },
  async () => {
    await withPage(async (page) => {
      await page.goto(`${server.url}start.html`);
      await page.keyboard.press("Tab");
      const focused = () =>
        page.evaluate("document.activeElement?.textContent.trim()");
      assertEquals(await focused(), "Skip to content");
      for (let i = 0; i < 40 && await focused() !== "Formats"; i++) {
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "Formats" }).waitFor();
      assert(page.url().endsWith("/formats.html"));
    });
  },
);

test("axe has no serious findings, in light and dark; pictures to look at", {
  skip,
}, async () => {
  const found: string[] = [];
  await withPage(async (page) => {
    for (
      const [name, path] of [
        ["home", "index.html"],
        ["formats", "formats.html#lengthprefixed"],
        ["troubleshooting", "troubleshooting.html"],
        ["cli", "cli.html"],
        ["zh-start", "zh/start.html"],
      ] as const
    ) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(server.url + path);
      await page.waitForSelector("#app > *");
      await page.evaluate(axe.source);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await page.evaluate<axe.AxeResults>(
          `axe.run({ resultTypes: ["violations"] })`,
        );
        for (const { id, impact, nodes } of violations) {
          if (impact !== "serious" && impact !== "critical") continue;
          const where = nodes.map(({ target }) => target.join(" "));
          found.push(`${path}, ${colorScheme}: ${id} at ${where.slice(0, 3)}`);
        }
        await page.screenshot({
          path: `${screenshots}/site-${name}-${colorScheme}.png`,
        });
      }
    }
  }, { viewport: { width: 1280, height: 900 } });
  assertEquals(found, []);
});
