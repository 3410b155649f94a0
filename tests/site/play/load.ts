// Large input, and connections.

/// <reference lib="dom" />

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { RunningCommand } from "../../support/command.ts";
import { open, rowsOf, settled } from "./browser.ts";
import type { Subject } from "./subject.ts";

/**
 * What is wanted, in milliseconds, and what a busy machine gets: tests run beside
 * others.
 */
const STALL_MS = 100;
const FIRST_MS = 2_000;
const PATIENCE = 8;

/** Tests of large input and of the live tab. */
export function loadTests(subject: Subject): void {
  const { http, options } = subject;

  test("10 MB that are dropped stall nothing", options, async () => {
    const { page, close } = await open(subject.browser(), { url: http });
    await page.fill("#format", "length(2)");
    await settled(page);
    const figures = await page.evaluate(async () => {
      // Frames of 2 to 66 bytes: about 300,000 of them.
      const bytes = new Uint8Array(10_000_000);
      for (let at = 0, i = 0; at + 70 < bytes.length; i++) {
        const length = i % 65;
        bytes[at + 1] = length;
        at += 2 + length;
      }
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], "ten.bin"));
      await new Promise((resolve) => setTimeout(resolve, 300));
      let stall = 0;
      let last = performance.now();
      let isOver = false;
      const beat = () => {
        const now = performance.now();
        stall = Math.max(stall, now - last);
        last = now;
        if (!isOver) setTimeout(beat);
      };
      beat();
      const start = performance.now();
      const until = (is: (counts: string) => boolean) =>
        new Promise<number>((resolve) => {
          const look = () => {
            const counts = document.getElementById("counts")!.textContent!;
            if (is(counts)) resolve(performance.now() - start);
            else setTimeout(look, 5);
          };
          look();
        });
      dispatchEvent(new DragEvent("drop", { dataTransfer: transfer }));
      const first = await until((counts) =>
        counts.includes("10000000") && !counts.startsWith("frames: 0,") &&
        document.querySelector("#frames .chip") !== null
      );
      const all = await until((counts) => !counts.includes("·"));
      // Scrolling is drawn as well.
      for (const id of ["grid", "frames"]) {
        const list = document.getElementById(id)!;
        for (const share of [0.3, 0.9, 1]) {
          list.scrollTop = share * list.scrollHeight;
          await new Promise((resolve) => setTimeout(resolve, 80));
        }
      }
      isOver = true;
      return {
        first,
        all,
        stall,
        counts: document.getElementById("counts")!.textContent!,
        elements: document.querySelectorAll("*").length,
      };
    });
    const { first, all, stall, counts, elements } = figures;
    console.log(
      `10 MB: first frames after ${first.toFixed(0)} ms, all after ${
        all.toFixed(0)
      } ms, longest stall ${stall.toFixed(0)} ms, ${elements} elements`,
    );
    assert(counts.startsWith("frames: 29"), counts);
    assert(elements < 1_500, `${elements}`);
    assert(first < PATIENCE * FIRST_MS, `${first}`);
    assert(stall < PATIENCE * STALL_MS, `${stall}`);
    await page.locator("#frames .chip").first().waitFor();
    await close();
  });

  test(
    "the live tab talks to framewire listen, in texts and in frames",
    options,
    async () => {
      const { page, close } = await open(subject.browser(), { url: http });
      const { origin } = new URL(http);
      await page.click("#tab-live");
      assert(
        (await page.textContent("#live-command"))!.includes(
          `--origin ${origin}`,
        ),
      );
      for (const frame of [undefined, "lines"]) {
        const listener = new RunningCommand([
          "listen",
          "ws://127.0.0.1:0",
          "--echo",
          "--origin",
          origin,
          ...frame === undefined ? [] : ["--frame", frame],
        ]);
        await page.fill("#address", await listener.address());
        if (frame !== undefined) {
          await page.click("#tab-decode");
          await page.fill("#format", frame);
          await settled(page);
          await page.click("#tab-live");
          await page.selectOption("#live-mode", "frames");
        }
        await page.uncheck("#reconnect");
        await page.click("#connect");
        await page.locator("#live-state").getByText("connected", {
          exact: true,
        })
          .waitFor();
        await page.click("#clear");
        await page.fill("#live-message", "粘包");
        await page.keyboard.press("Enter");
        await page.locator("#messages [role=option]").nth(1).waitFor();
        const said = (await rowsOf(page, "messages"))
          .map((row) => row.replace(/^[\d:]+/, "").replaceAll('"', ""));
        assertEquals(said, ["→粘包", "←粘包"]);
        await page.click("#pause");
        await page.fill("#live-message", "two");
        await page.click("#send");
        await page.locator("#pause").getByText("2 not shown").waitFor();
        assertEquals((await rowsOf(page, "messages")).length, 2);
        await page.click("#pause");
        await page.locator("#messages [role=option]").nth(3).waitFor();
        await page.check("#reconnect");
        listener.interrupt();
        await listener.result();
        await page.locator("#live-state").getByText("connects again").waitFor();
        await page.click("#connect");
        await page.locator("#live-state").getByText("not connected").waitFor();
      }
      await close();
    },
  );
}
