// The page in Chromium, as a file and from a server.

import { mkdirSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import type { Browser } from "playwright-core";
import { makePage } from "../../scripts/site/play/page.ts";
import { findChromium } from "../support/chromium.ts";
import { launch, open, settled, type Watched } from "./play/browser.ts";
import { featureTests } from "./play/features.ts";
import { loadTests } from "./play/load.ts";
import { pictureTests } from "./play/pictures.ts";
import { safetyTests } from "./play/safety.ts";
import type { Subject } from "./play/subject.ts";

const chromium = await findChromium();
const html = await makePage();
const folder = new URL("../../build/play/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("index.html", folder), html);

const server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: () => undefined },
  () => new Response(html, { headers: { "content-type": "text/html" } }),
);
const browser: Browser | undefined = chromium === undefined
  ? undefined
  : await launch(chromium);

after(async () => {
  await browser?.close();
  await server.shutdown();
});

/** The page that most tests share. */
let shared: Watched | undefined;

const subject: Subject = {
  file: new URL("index.html", folder).href,
  http: `http://127.0.0.1:${server.addr.port}/`,
  html,
  browser: () => browser!,
  async fresh() {
    shared ??= await open(browser!, { url: subject.http });
    const { page } = shared;
    await page.click("#tab-decode");
    await page.click("[data-example='1']");
    await settled(page);
    return page;
  },
  options: { skip: browser === undefined ? "no Chromium here" : false },
};

safetyTests(subject);
featureTests(subject);
loadTests(subject);
pictureTests(subject);

test(
  "nothing that was done has told an error, or asked anybody else",
  subject.options,
  async () => {
    await shared?.close();
  },
);
