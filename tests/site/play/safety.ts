// What the page must not do, and what it must be for everybody.

/// <reference lib="dom" />

import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { engine } from "../../../site/play/engine/engine.ts";
import { type Linked, printLink } from "../../../site/play/logic/link.ts";
import { bytesOf } from "../../support/byte_notation.ts";
import { Random } from "../../support/random.ts";
import { vectorFiles } from "../../support/vectors.ts";
import { open, settled } from "./browser.ts";
import type { Subject } from "./subject.ts";

const axe = readFileSync(
  new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url),
  "utf8",
);

/** Tests of size, policy, links, access and what was packed. */
export function safetyTests(subject: Subject): void {
  const { file, http, html, options } = subject;

  test("the page has at most 70,000 bytes gzipped", options, () => {
    const { length } = gzipSync(html, { level: 9 });
    console.log(`page: ${length} bytes gzipped`);
    assert(length <= 70_000, `${length}`);
  });

  test(
    "the page runs as a file, with no error and no request to elsewhere",
    options,
    async () => {
      const { page, close } = await open(subject.browser(), { url: file });
      assertEquals(await page.evaluate(() => document.fonts.size), 0);
      await close();
    },
  );

  test("the policy of the page holds", options, async () => {
    const { page } = await open(subject.browser(), { url: http });
    const broken = await page.evaluate(async () => {
      const violated: string[] = [];
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        violated.push(effectiveDirective);
      });
      const script = document.createElement("script");
      script.textContent = "window.wasRun = true";
      document.body.append(script);
      document.body.insertAdjacentHTML(
        "beforeend",
        '<img src="http://127.0.0.1:1/a.png"><b style="color:red">x</b>',
      );
      await fetch("http://127.0.0.1:1/").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [...violated, `${"wasRun" in window}`];
    });
    for (
      const directive of [
        "script-src-elem",
        "img-src",
        "style-src-attr",
        "connect-src",
        "false",
      ]
    ) assert(broken.includes(directive), `${directive}: ${broken}`);
    await page.context().close();
  });

  test("200 links open the state that they were made of", options, async () => {
    const page = await subject.fresh();
    const links = Array.from({ length: 200 }, (_, i) => randomLink(i));
    const copies = await page.evaluate(async (links) => {
      const copies: string[] = [];
      for (const link of links) {
        location.hash = link;
        await new Promise((resolve) =>
          addEventListener("hashchange", resolve, { once: true })
        );
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const shown = document.getElementById("link")!.textContent!;
        copies.push(shown.slice(shown.indexOf("#") + 1));
      }
      return copies;
    }, links);
    assertEquals(copies, links);
  });

  test(
    "axe finds nothing serious in light and dark, in both languages",
    options,
    async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, close } = await open(subject.browser(), {
          url: http,
          colorScheme,
        });
        await page.evaluate(axe);
        for (const language of ["en", "zh"]) {
          assertEquals(
            await page.evaluate(() => document.documentElement.lang),
            language,
          );
          await page.click("#tab-decode");
          if (language === "en") {
            await page.fill("#format", "length(2");
            await settled(page);
            assertEquals(await findings(page), []);
          }
          await page.fill("#format", "length(2) | json(onInvalid=skip)");
          await page.keyboard.press("Escape");
          await page.click("[data-key=b30]");
          await page.click("#guess-run");
          await page.locator("#guesses > *").first().waitFor();
          await settled(page);
          assertEquals(await findings(page), []);
          await page.click("#tab-live");
          assertEquals(await findings(page), []);
          await page.click("#language");
        }
        await close();
      }
    },
  );

  test("nothing is wider than a screen of 360 pixels", options, async () => {
    for (const locale of ["en-US", "zh-CN"]) {
      const { page, close } = await open(subject.browser(), {
        url: http,
        width: 360,
        height: 740,
        locale,
      });
      const width = () =>
        page.evaluate(() => document.documentElement.scrollWidth);
      await page.click("#edit summary");
      await page.click("[data-key=b0]");
      await page.fill("#format", `length(2) | ${"x".repeat(80)}`);
      await settled(page);
      assertEquals(await width(), 360);
      await page.selectOption("#code-language", "Java");
      await page.click("#tab-live");
      assertEquals(await width(), 360);
      await close();
    }
  });

  test(
    "the packed engine decodes all vectors as the sources do",
    options,
    async () => {
      const cases = vectorFiles().flatMap(({ vectors }) => vectors)
        .flatMap(({ expression, input }) => {
          if (expression === undefined || input === undefined) return [];
          const bytes = bytesOf(input);
          return bytes.length > 4_096
            ? []
            : [{ expression, bytes: [...bytes] }];
        });
      const expected: string[] = [];
      for (const { expression, bytes } of cases) {
        engine.load(Uint8Array.from(bytes));
        const decoded = await engine.decode(
          expression,
          new Uint32Array(),
          () => undefined,
        );
        expected.push(
          JSON.stringify([decoded, engine.rows(0, 99)], withoutGot),
        );
      }
      const page = await subject.fresh();
      const actual = await page.evaluate(async (cases) => {
        const program = document.body.dataset.engine!;
        const worker = new Worker(URL.createObjectURL(new Blob([program])));
        const ask = (method: string, ...args: unknown[]) =>
          new Promise((resolve) => {
            worker.onmessage = ({ data }) => {
              resolve(data.error ?? data.value);
            };
            worker.postMessage({ id: 1, method, args });
          });
        const results: string[] = [];
        for (const { expression, bytes } of cases) {
          await ask("load", Uint8Array.from(bytes));
          const decoded = await ask("decode", expression, new Uint32Array());
          const rows = await ask("rows", 0, 99);
          results.push(JSON.stringify([decoded, rows]));
        }
        return results;
      }, cases);
      assert(cases.length > 400, `${cases.length} cases`);
      cases.forEach(({ expression }, i) => {
        const text = JSON.stringify(JSON.parse(actual[i]!), withoutGot);
        assertEquals(text, expected[i], expression);
      });
    },
  );
}

/** The findings of axe that keep somebody out. */
async function findings(page: Page): Promise<string[]> {
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: {
            id: string;
            impact: string;
            nodes: { html: string; failureSummary: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => /serious|critical/.test(impact))
      .map(({ id, nodes: [node] }) =>
        `${id}: ${node!.html} ${node!.failureSummary}`
      );
  });
}

/** What engines say of invalid text differs. */
function withoutGot(name: string, value: unknown): unknown {
  return name === "got" ? undefined : value;
}

/** A link as the page writes it. */
function randomLink(seed: number): string {
  const random = new Random(seed + 1);
  const below = (end: number) => random.below(end);
  const expressions = [
    'delimited("\\0") | max 64KiB | text("gbk")',
    "length(4, little, includes=frame) | json",
    "粘包 = 分包 & 100% #?",
    "",
    `lines(${"x".repeat(below(50))}`,
  ];
  const hasBytes = below(2) === 0;
  const bytes = Uint8Array.from({ length: 1 + below(300) }, () => below(256));
  const cuts = [
    ...new Set(
      Array.from(
        { length: below(9) },
        () => 1 + below((hasBytes ? bytes.length : 24) - 1 || 1),
      ),
    ),
  ].filter((at) => at < (hasBytes ? bytes.length : 24))
    .sort((a, b) => a - b);
  const tab = below(4) === 0 ? "live" : "decode";
  const link: Linked = {
    expression: expressions[below(expressions.length)]!,
    cuts,
    example: hasBytes ? 0 : 1 + below(6),
    tab,
    address: tab === "live" ? `ws://host:${below(9999)}/粘包?a=b&c` : "",
    ...(hasBytes && { bytes }),
  };
  return printLink(link);
}
