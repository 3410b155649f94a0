// What a person does on the page, one thing after another.

/// <reference lib="dom" />

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { makeGenerator } from "../../../scripts/site/play/page.ts";
import { parseFormat } from "../../../src/format/mod.ts";
import { generate } from "../../../src/generate/mod.ts";
import { captureOf } from "../../support/captures.ts";
import { rowsOf, settled } from "./browser.ts";
import type { Subject } from "./subject.ts";

/** Tests of what the page is for. */
export function featureTests(subject: Subject): void {
  const { options } = subject;
  test("the first state shows sticky and split frames", options, async () => {
    const page = await subject.fresh();
    const frames = await rowsOf(page, "frames");
    assert(frames[0]!.includes("sticky: 2 in one chunk"), frames[0]);
    assert(frames[2]!.includes("split over 3 chunks"), frames[2]);
    const chunks = await rowsOf(page, "chunks");
    assert(chunks[0]!.includes("buffered 3, pending 3"), chunks[0]);
    assert(chunks[0]!.includes("waits for 23 more bytes: body"), chunks[0]);
  });

  test(
    "a cut that is dragged changes the chunks, not the frames",
    options,
    async () => {
      const page = await subject.fresh();
      const before = await rowsOf(page, "frames");
      const cut = page.locator("[data-key=c0]");
      const from = (await cut.boundingBox())!;
      const to = (await page.locator("[data-key=b5]").boundingBox())!;
      await page.mouse.move(from.x + 6, from.y + 12);
      await page.mouse.down();
      for (const part of [0.3, 0.6, 1]) {
        await page.mouse.move(
          from.x + part * (to.x + 3 - from.x),
          from.y + part * (to.y + 12 - from.y),
        );
      }
      await page.mouse.up();
      await settled(page);
      assertEquals(await cut.getAttribute("aria-valuenow"), "5");
      const chunks = await rowsOf(page, "chunks");
      assert(chunks[0]!.includes("5 bytes from 0"), chunks[0]);
      assertEquals((await rowsOf(page, "frames")).length, before.length);
      await page.click("#each");
      await settled(page);
      assert((await page.textContent("#counts"))!.includes("chunks: 56"));
      await page.click("#at-frames");
      await settled(page);
      assertEquals((await rowsOf(page, "chunks")).length, 3);
      await page.click("#glue");
      await settled(page);
      assertEquals((await rowsOf(page, "chunks")).length, 1);
    },
  );

  test(
    "an expression is completed, and its error shown at its column",
    options,
    async () => {
      const page = await subject.fresh();
      const input = page.locator("#format");
      await input.fill("length(2, litle) | json");
      await settled(page);
      assertEquals((await page.locator("#caret").textContent())!.length, 11);
      assert((await page.textContent("#refusal"))!.includes("at column 11"));
      assertEquals((await rowsOf(page, "frames")).length, 3);
      await page.click("#suggestion");
      await settled(page);
      assertEquals(await input.inputValue(), "length(2, little) | json");
      await input.fill("");
      await input.pressSequentially("preset:kaf");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      assertEquals(await input.inputValue(), "preset:kafka");
      await input.fill("length(2) | js");
      assertEquals(await rowsOf(page, "words"), ["json"]);
      await page.locator("#words [role=option]").click();
      await settled(page);
      assertEquals((await rowsOf(page, "frames")).length, 3);
    },
  );

  test(
    "a byte that is switched shows what the decoder says, and how to go on",
    options,
    async () => {
      const page = await subject.fresh();
      await page.click("[data-key=b4]");
      await settled(page);
      const failure = await page.textContent("#failure");
      assert(failure!.includes("MESSAGE_INVALID"), failure!);
      assert(failure!.includes("offset 0"), failure!);
      await page.click("#recover");
      await settled(page);
      assertEquals((await rowsOf(page, "frames")).length, 3);
      assert(
        (await page.textContent("#failure"))!.includes("MESSAGE_INVALID @0"),
      );
      await page.click("[data-key=b4]");
      await settled(page);
      assert(await page.locator("#failure").isHidden());
      await page.click("text=wrong peer");
      await settled(page);
      assert((await page.textContent("#failure"))!.includes("HTTP"));
    },
  );

  test("bytes are guessed, edited, encoded and copied", options, async () => {
    const page = await subject.fresh();
    await page.context().grantPermissions([
      "clipboard-read",
      "clipboard-write",
    ]);
    await page.click("text=Redis");
    await page.fill("#format", "lines");
    await page.click("#guess-run");
    await page.click("[data-use='preset:resp']");
    await settled(page);
    assertEquals((await rowsOf(page, "frames")).length, 4);
    await page.click("#edit summary");
    await page.fill("#input", "0x00 03 'zz'");
    assert((await page.textContent("#input-note"))!.includes("zz"));
    await page.fill("#input", "00 01 31");
    await page.fill("#format", "length(2) | json");
    await page.selectOption("#notation", "json");
    await page.fill("#message", "[4]");
    await page.keyboard.press("Enter");
    await page.locator("#appended").getByText("00 03 5b 34 5d").waitFor();
    await settled(page);
    assertEquals((await rowsOf(page, "frames")).length, 2);
    await page.click("#copy-code");
    await page.locator("#copy-code").getByText("Copied").waitFor();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    assert(code.includes('parseFormat("length(2) | json")'), code);
    await page.selectOption("#code-language", "Python");
    assert(
      (await page.textContent("#command"))!.startsWith(
        "npx @framewire/framewire generate python 'length(2) | json'",
      ),
    );
  });

  test(
    "a capture is dropped, and one of its streams chosen",
    options,
    async () => {
      const page = await subject.fresh();
      const data = (text: string) => new TextEncoder().encode(text);
      const file = captureOf([
        { direction: "toServer", data: data("PING\nSE") },
        { direction: "toServer", data: data("T a\n") },
        { direction: "toClient", data: data("PONG\n") },
      ]);
      await page.setInputFiles("#file", {
        name: "a.pcap",
        mimeType: "application/octet-stream",
        buffer: Buffer.from(file),
      });
      await page.locator("#streams option").nth(1).waitFor({
        state: "attached",
      });
      await page.fill("#format", "lines");
      await settled(page);
      assert(
        (await page.textContent("#counts"))!.startsWith(
          "frames: 2, bytes: 11, chunks: 2",
        ),
      );
      await page.selectOption("#streams", "1");
      await page.locator("#counts").getByText("bytes: 5").waitFor();
    },
  );

  test("the keyboard alone does everything", options, async () => {
    const page = await subject.fresh();
    const key = (name: string) => page.keyboard.press(name);
    const focus = () =>
      page.evaluate(() => {
        const { id, dataset } = document.activeElement as HTMLElement;
        return id || dataset.key || dataset.example || "";
      });
    const order: string[] = [];
    // The tab key goes on from there.
    await page.evaluate(() => scrollTo(0, 0));
    await page.mouse.click(700, 4);
    for (let i = 0; i < 32; i++) {
      await key("Tab");
      order.push(await focus());
    }
    const wanted = [
      "tab-decode",
      "theme",
      "language",
      "1",
      "format",
      "file-button",
      "b0",
      "c0",
      "c1",
      "flip",
      "cut-here",
      "glue",
      "chunks",
      "frames",
      "guess-run",
      "notation",
    ];
    assertEquals(order.filter((one) => wanted.includes(one)), wanted);
    await page.focus("[data-key=b0]");
    await key("ArrowRight");
    await key("ArrowDown");
    assertEquals(await focus(), "b17");
    await key("Enter");
    await settled(page);
    assertEquals(await focus(), "b17");
    assert(await page.locator("#failure").isVisible());
    await key("0");
    await key("0");
    await settled(page);
    assertEquals(await focus(), "b18");
    assert(await page.locator("#failure").isHidden());
    await key("x");
    await settled(page);
    await page.focus("[data-key=c0]");
    await key("ArrowRight");
    await settled(page);
    assertEquals(await focus(), "c0");
    assertEquals(
      await page.getAttribute("[data-key=c0]", "aria-valuenow"),
      "19",
    );
    await key("Delete");
    await settled(page);
    assertEquals(await focus(), "b19");
    await page.focus("#frames");
    await key("ArrowDown");
    await settled(page);
    assert((await page.textContent("#byte"))!.startsWith("Byte 17 "));
    await page.focus("#tab-decode");
    await key("ArrowRight");
    assertEquals(await focus(), "tab-live");
    assert(await page.locator("#live").isVisible());
  });

  test(
    "a generator beside the page shows the whole file",
    options,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "framewire-page-"));
      try {
        writeFileSync(join(folder, "index.html"), subject.html);
        writeFileSync(join(folder, "generate.js"), await makeGenerator());
        const page = await subject.browser().newPage();
        await page.goto(pathToFileURL(join(folder, "index.html")).href);
        await page.selectOption("#code-language", "Python");
        await page.click("#whole");
        await page.locator("#code").getByText("class Decoder:").waitFor();
        const { text } = generate("python", parseFormat("length(2) | json"));
        assertEquals((await page.textContent("#code"))!.trim(), text.trim());
        assertEquals(
          await page.getAttribute("#download", "download"),
          "frames.py",
        );
        await page.close();
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
}
