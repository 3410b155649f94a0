import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { UsageError } from "../../../src/cli/errors.ts";
import { parseFaults } from "../../../src/cli/faults/parse_faults.ts";

test("parseFaults() reads every fault, for both directions and for one", () => {
  const toServer = {
    drop: 0.01,
    dup: 0.005,
    corrupt: 0.001,
    delay: { from: 50, to: 200 },
    reorder: 3,
    cut: { from: 1, to: 3 },
    reset: { unit: "bytes", count: 2 ** 20 },
    pause: { unit: "frames", count: 10 },
  };
  const all = "drop=1%,dup=0.5%,corrupt=0.1%,delay=50ms..200ms,reorder=3," +
    "cut=1..3,reset@1MiB,pause@frame:10";
  const faults: unknown = parseFaults(all);
  assertEquals(faults, { toServer, toClient: toServer });
  assertEquals<unknown>(
    parseFaults("toServer:cut=7,toClient:delay=1.5s,reset@0"),
    {
      toServer: {
        cut: { from: 7, to: 7 },
        reset: { unit: "bytes", count: 0 },
      },
      toClient: {
        delay: { from: 1_500, to: 1_500 },
        reset: { unit: "bytes", count: 0 },
      },
    },
  );
});

const WRONG: readonly (readonly [string, number, string])[] = [
  ["", 1, "one of drop=1%, dup=1%"],
  ["drop=1%,", 9, "one of drop=1%"],
  ["drip=1%", 1, "one of drop=1%"],
  ["toserver:drop=1%", 1, "one of drop=1%"],
  ["drop", 1, "one of drop=1%"],
  ["drop@1", 1, "drop=1%"],
  ["reset=1MiB", 1, "reset@1MiB"],
  ["drop=1", 6, "a share from 0% to 100%, such as 1%"],
  ["cut=1,drop=101%", 12, "a share from 0% to 100%, such as 1%"],
  ["delay=50", 7, "a time, or the least and the most"],
  ["delay=2s..1s", 7, "a time, or the least and the most"],
  ["reorder=0", 9, "a number of messages from 1 to 1000"],
  ["reorder=1001", 9, "a number of messages from 1 to 1000"],
  ["cut=0..3", 5, "a number of bytes from 1 on"],
  ["cut=3..", 5, "a number of bytes from 1 on"],
  ["reset@1kb", 7, "a number of bytes, or frame: and a number of frames"],
  ["pause@frame:1KiB", 7, "a number of bytes, or frame:"],
  ["pause@99999999999GiB", 7, "a number of bytes, or frame:"],
  ["drop=1%,drop=2%", 9, "drop once for each direction"],
  ["drop=1%,toClient:drop=2%", 18, "drop once for each direction"],
  ["drop=1% ", 6, "a share"],
];

for (const [expression, at, expected] of WRONG) {
  test(`parseFaults() refuses ${JSON.stringify(expression)} and says where`, () => {
    const { message } = assertThrows(() => parseFaults(expression), UsageError);
    const where = `at character ${at}: expected ${expected}`;
    assertEquals(message.includes(where), true, message);
  });
}
