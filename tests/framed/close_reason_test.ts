import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  type CloseInfo,
  closeReason,
  framed,
  FrameError,
  lines,
  NetError,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { quick } from "../support/duplexes.ts";

const bad = new FrameError("FRAME_TRUNCATED", {
  reason: "The stream ended inside a frame",
  expected: "a frame",
  got: "less",
});

/** Each name, and how a connection ended that has it. */
const cases: readonly (readonly [string, CloseInfo])[] = [
  ["done", { by: "local" }],
  ["peer-done", { by: "remote" }],
  [
    "reset",
    { by: "remote", error: new NetError("CONNECTION_RESET", "It was reset") },
  ],
  [
    "aborted",
    { by: "local", error: new NetError("CONNECTION_CLOSED", "Aborted") },
  ],
  ["aborted", { by: "local", error: new RangeError("crashed") }],
  ["aborted", { by: "local", error: "no error at all" }],
  [
    "idleTimeoutMs",
    {
      by: "local",
      error: new NetError("TIMED_OUT", "Late", { limit: "idleTimeoutMs" }),
    },
  ],
  [
    "graceMs",
    {
      by: "local",
      error: new NetError("CONNECTION_CLOSED", "Late", { limit: "graceMs" }),
    },
  ],
  ["FRAME_TRUNCATED", { by: "remote", error: bad }],
  [
    "TLS_TRUNCATED",
    { by: "failure", error: new NetError("TLS_TRUNCATED", "Cut") },
  ],
];

test("closeReason() gives each way to end its name", () => {
  for (const [name, info] of cases) assertEquals(closeReason(info), name);
});

test("closeReason() names the ends of real connections", async () => {
  const reasons = async (end: "close" | "abort"): Promise<string[]> => {
    // Deno's sockets have no reset.
    const network = memoryNetwork();
    const listener = await network.listen("memory:ends");
    const here = await network.connect("memory:ends");
    const there = (await listener[Symbol.asyncIterator]().next()).value;
    const a = framed(here, lines(), quick);
    const b = framed(there, lines(), quick);
    a[end]();
    const [one, other] = await Promise.all([
      a.closed,
      b.closed,
      // It reads until the end, and closes its side as well.
      b.receive().catch(() => undefined).then(() => b.close()),
    ]);
    return [closeReason(one), closeReason(other)];
  };
  assertEquals(await reasons("close"), ["done", "peer-done"]);
  assertEquals(await reasons("abort"), ["aborted", "reset"]);
});

test("the table of closeReason() has its own names, each once", () => {
  const source = new URL("../../src/framed/close_reason.ts", import.meta.url);
  const text = readFileSync(source, "utf8");
  const documented = [...text.matchAll(/^ \* \| `([a-z-]+)` \|/gm)];
  assertEquals(
    documented.map((row) => row[1]),
    ["done", "peer-done", "reset", "aborted", "handler"],
  );
});
