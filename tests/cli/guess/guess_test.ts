// framewire guess

import { assertEquals, assertMatch } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseFormat } from "../../../src/format/mod.ts";
import { listen } from "../../../src/net/mod.ts";
import {
  formatRecording,
  type RecordedFrame,
} from "../../../src/testing/mod.ts";
import { runCommand } from "../../support/command.ts";
import { Random } from "../../support/random.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-guess-"));
after(() => rmSync(folder, { recursive: true }));

/** Frames of JSON in a format. */
function bytesIn(expression: string): Uint8Array {
  const codec = parseFormat(expression);
  const random = new Random(1);
  return Uint8Array.from(
    Array.from({ length: 12 }, (_, id) => ({ id, value: random.below(999) }))
      .flatMap((frame) => [...codec.encode(frame)]),
  );
}

test("guess prints the formats of a file, their evidence, and what to paste", async () => {
  const file = join(folder, "unknown.bin");
  writeFileSync(file, bytesIn("length(4, little) | json"));
  const { code, stdout } = await runCommand(["guess", file]);
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^# {2}confidence {2}frames .*\n1 {2}certain {9}12 {4}100\.0 % {8}0 {2}length\(little\) \| json\n {3}The 4 bytes in little-endian order .*, 12 times in a row/,
  );
  assertMatch(stdout, /\n\n--frame 'length\(little\) \| json'\n$/);
});

test("guess prints JSON of standard input", async () => {
  const { code, stdout } = await runCommand(["guess", "--json"], {
    stdin: [bytesIn('delimited("\\0") | json')],
  });
  const { direction, looked, guesses: [guess] } = JSON.parse(stdout);
  assertEquals(
    [code, direction, looked > 0, guess.expression, guess.frames],
    [0, "both", true, 'delimited("\\0") | json', 12],
  );
});

test("guess exits with 1 when it cannot tell", async () => {
  const random = new Random(2).bytes(500);
  const { code, stdout } = await runCommand(["guess", "-"], {
    stdin: [random],
  });
  assertEquals([code, stdout], [
    1,
    "Cannot tell: no format explains the 500 bytes that were looked at better than chance\n",
  ]);
  const nothing = await runCommand(["guess"], { stdin: [] });
  assertEquals([nothing.code, nothing.stdout], [
    1,
    "Cannot tell: there are no bytes\n",
  ]);
});

test("guess names another protocol and exits with 1", async () => {
  const { code, stdout } = await runCommand(["guess"], {
    stdin: ["SSH-2.0-OpenSSH_9.2\r\n"],
  });
  assertEquals(code, 1);
  assertMatch(stdout, /^SSH\n {2}The bytes “SSH-2\.0/);
});

test("guess tells the two directions of a recording apart when they differ", async () => {
  const frame = (
    direction: RecordedFrame["direction"],
    data: Uint8Array,
  ): RecordedFrame => ({ time: 0, direction, connection: 1, offset: 0, data });
  const recording = formatRecording([
    frame("toServer", bytesIn("length(2) | json")),
    frame("toClient", bytesIn("lines | json")),
  ]);
  const { code, stdout } = await runCommand(["guess", "--json"], {
    stdin: [recording],
  });
  const results = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(code, 0);
  assertEquals(
    results.map(({ direction, guesses: [guess] }) => [
      direction,
      guess.expression,
    ]),
    [["toServer", "length(2) | json"], ["toClient", "lines | json"]],
  );
});

test("guess listens to a peer for a time, or until it ends", async () => {
  await using listener = await listen({ hostname: "127.0.0.1", port: 0 });
  const { address } = listener;
  const port = "port" in address ? address.port : 0;
  const serving = (async () => {
    for await (const connection of listener) {
      const writer = connection.writable.getWriter();
      await writer.write(bytesIn("length(2) | json"));
      await writer.close();
    }
  })();
  const result = await runCommand([
    "guess",
    `tcp://127.0.0.1:${port}`,
    "--duration",
    "10s",
  ]);
  assertEquals(result.code, 0, result.stderr);
  assertMatch(result.stdout, /--frame 'length\(2\) \| json'\n$/);
  await listener.close();
  await serving;
});

test("guess stops listening to a peer that says nothing", async () => {
  await using listener = await listen({ hostname: "127.0.0.1", port: 0 });
  const { address } = listener;
  const port = "port" in address ? address.port : 0;
  const { code, stdout } = await runCommand([
    "guess",
    `tcp://127.0.0.1:${port}`,
    "--duration",
    "20ms",
  ]);
  assertEquals([code, stdout], [1, "Cannot tell: there are no bytes\n"]);
});
