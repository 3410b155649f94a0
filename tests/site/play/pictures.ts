// Pictures of the page, to be looked at: build/screenshots.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { RunningCommand } from "../../support/command.ts";
import { open, settled, type View, type Watched } from "./browser.ts";
import type { Subject } from "./subject.ts";

const folder = new URL("../../../build/screenshots/", import.meta.url);

/** What is done before each picture is taken. */
const states: Readonly<
  Record<string, Omit<View, "url"> & { prepare(page: Page): Promise<void> }>
> = {
  start: { prepare: () => Promise.resolve() },
  "error-at-column": {
    async prepare(page) {
      await page.fill("#format", "length(2, litle) | json");
      await settled(page);
      await page.locator("#format").pressSequentially("");
    },
  },
  "bad-byte": {
    async prepare(page) {
      await page.click("text=COBS + CRC");
      await page.click("[data-key=b13]");
    },
  },
  guess: {
    async prepare(page) {
      await page.click("text=Redis");
      await page.click("#guess-run");
      await page.locator("#guesses .guess").first().waitFor();
    },
  },
  "narrow-dark": {
    width: 360,
    height: 800,
    colorScheme: "dark",
    prepare: (page) => page.click("text=MQTT"),
  },
  "chinese-live": {
    locale: "zh-CN",
    async prepare(page) {
      const listener = new RunningCommand([
        "listen",
        "ws://127.0.0.1:0",
        "--echo",
        "--origin",
        "*",
        "--frame",
        "length(2) | json",
      ]);
      await page.click("#tab-live");
      await page.fill("#address", await listener.address());
      await page.selectOption("#live-mode", "frames");
      await page.selectOption("#live-notation", "json");
      await page.click("#connect");
      await page.locator("#send:enabled").waitFor();
      for (const said of ['{"粘包":[1,2]}', '["分包",true]']) {
        await page.fill("#live-message", said);
        await page.click("#send");
      }
      await page.locator("#messages [role=option]").nth(3).waitFor();
      listener.interrupt();
      await listener.result();
    },
  },
};

/** Takes the pictures. */
export function pictureTests(subject: Subject): void {
  test("pictures of six states are taken", subject.options, async () => {
    mkdirSync(folder, { recursive: true });
    let wide: Watched | undefined;
    for (const [name, { prepare, ...view }] of Object.entries(states)) {
      const isWide = Object.keys(view).length === 0;
      const watched = isWide && wide !== undefined
        ? wide
        : await open(subject.browser(), { url: subject.http, ...view });
      const { page } = watched;
      await prepare(page);
      await settled(page);
      const path = fileURLToPath(new URL(`${name}.png`, folder));
      await page.screenshot({ path, fullPage: true });
      if (isWide) wide = watched;
      else await watched.close();
    }
    await wide?.close();
  });
}
