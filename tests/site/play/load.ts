// Large input, and connections.

/// <reference lib="dom" />

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { RunningCommand } from "../../support/command.ts";
import { rowsOf, settled } from "./browser.ts";
import type { Subject } from "./subject.ts";

/** The longest task of the page, in milliseconds that it has the processor. */
const STALL_MS = 100;
/** When the first frames are shown, and what a busy machine gets more. */
const FIRST_MS = 2_000;
const PATIENCE = 8;

/** Tests of large input and of the live tab. */
export function loadTests(subject: Subject): void {
  const { http, options } = subject;

  test("10 MB that are dropped stall nothing", options, async () => {
    const page = await subject.fresh();
    await page.fill("#format", "length(2)");
    await settled(page);
    const browser = subject.browser();
    await browser.startTracing(page, { categories: ["toplevel"] });
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
      return {
        first,
        all,
        counts: document.getElementById("counts")!.textContent!,
        elements: document.querySelectorAll("*").length,
      };
    });
    const { first, all, counts, elements } = figures;
    const stall = longestTask(await browser.stopTracing());
    console.log(
      `10 MB: first frames after ${first.toFixed(0)} ms, all after ${
        all.toFixed(0)
      } ms, longest task ${stall.toFixed(0)} ms, ${elements} elements`,
    );
    assert(counts.startsWith("frames: 29"), counts);
    assert(elements < 1_500, `${elements}`);
    assert(first < PATIENCE * FIRST_MS, `${first}`);
    assert(stall < STALL_MS, `${stall}`);
    await page.locator("#frames .chip").first().waitFor();
  });

  test(
    "the live tab talks to framewire listen, in texts and in frames",
    options,
    async () => {
      const page = await subject.fresh();
      const { origin } = new URL(http);
      await page.click("#tab-live");
      assert(
        (await page.textContent("#live-command"))!.includes(
          `--origin ${origin}`,
        ),
      );
      for (const frame of [undefined, "lines", "length | json"]) {
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
    },
  );
}

/** An event of a trace, with times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The longest task of any page, in milliseconds of the processor. */
function longestTask(trace: Uint8Array): number {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(
    new TextDecoder().decode(trace),
  );
  const keyOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const pages = new Set(
    traceEvents.filter(({ name, args }) =>
      name === "thread_name" && args.name === "CrRendererMain"
    ).map(keyOf),
  );
  const tasks = traceEvents.filter((event) =>
    event.name.endsWith("RunTask") && pages.has(keyOf(event))
  );
  assert(tasks.length > 20, `${tasks.length} tasks`);
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
}
