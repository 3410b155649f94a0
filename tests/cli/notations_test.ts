// encode and decode, and how frames are written and read.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lengthPrefixed } from "../../src/codec/mod.ts";
import { jsonOf, valueOfJson } from "../../src/cli/values.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { captureOf } from "../support/captures.ts";
import { type CommandInput, RunningCommand } from "../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-cli-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs the command; its output in bytes. */
async function run(
  args: readonly string[],
  stdin: CommandInput["stdin"] = [],
): Promise<{ code: number; stdout: Uint8Array; stderr: string }> {
  const running = new RunningCommand(args, { stdin });
  const code = await running.exit;
  const stdout = Uint8Array.from(running.writes.flatMap((one) => [...one]));
  return { code, stdout, stderr: running.stderr };
}

/** A file of bytes. */
function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const texts = ["a b", "", "粘包 😀", "ünï"];

for (const notation of ["lines", "json", "hex", "base64", "nul", "frames"]) {
  test(`decode and encode agree when frames are written as ${notation}`, async () => {
    for (const frame of ["length(2)", "length(2) | text", "length(2) | json"]) {
      const bytes = await run(["encode", "-f", frame, "--in", "json"], [
        texts.map((text) => `${JSON.stringify(text)}\n`).join(""),
      ]);
      assertEquals(bytes.code, 0);
      const written = await run(
        ["decode", "-f", frame, "--out", notation],
        [bytes.stdout],
      );
      assertEquals([written.code, written.stderr], [0, ""]);
      const again = await run(
        ["encode", "-f", frame, "--in", notation],
        // In single bytes, so that frames arrive in pieces.
        Array.from(written.stdout, (byte) => Uint8Array.of(byte)),
      );
      assertEquals([again.code, again.stderr], [0, ""]);
      assertEquals(again.stdout, bytes.stdout);
    }
  });
}

test("encode takes the whole input as one frame when it is text or raw", async () => {
  for (const notation of ["text", "raw"]) {
    const args = ["encode", "-f", "length(1)", "--in", notation];
    assertEquals((await run(args, ["a\nb", "\n"])).stdout, hex("04610a620a"));
  }
});

test("decode writes nothing between frames when they are text or raw", async () => {
  for (const notation of ["text", "raw"]) {
    const args = ["decode", "-f", "length(1)", "--out", notation];
    assertEquals((await run(args, [hex("0161026263")])).stdout, utf8("abc"));
  }
});

test("encode refuses what is not in the notation, and what the format cannot carry", async () => {
  const one = await run(["encode", "-f", "length(1)", "--in", "hex"], ["0\n"]);
  assertEquals([one.code, one.stdout.length], [2, 0]);
  const long = await run(["encode", "-f", "length(1)"], ["x".repeat(256)]);
  assertEquals(long.code, 1);
  assert(long.stderr.startsWith("framewire: FRAME_TOO_LARGE: "), long.stderr);
});

test("valueOfJson() is the value that jsonOf() was given", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt(),
      fc.uint8Array(),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter((key) => key !== "base64" && key !== "bigint"),
        tie("any"),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).any;
  const property = fc.property(value, (value) => {
    const kind = value instanceof Uint8Array ? "bytes" : "value";
    assertEquals(valueOfJson(jsonOf(value), kind), value);
  });
  fc.assert(property, { numRuns: 50 });
});

test("decode reads the streams of a capture, each with its own offsets", async () => {
  const codec = lengthPrefixed({ lengthBytes: 1 });
  const said = [
    { direction: "toServer", data: codec.encode(utf8("ping")) },
    { direction: "toClient", data: codec.encode(utf8("pong")) },
    { direction: "toServer", data: codec.encode(utf8("bye")) },
  ] as const;
  for (const format of ["pcap", "pcapng"] as const) {
    const capture = file(
      format,
      captureOf(said, { format, segmentLength: 2 }),
    );
    const { code, stdout } = await run(
      ["decode", capture, "-f", "length(1)", "--out", "frames"],
    );
    assertEquals(code, 0);
    const frames = new TextDecoder().decode(stdout).trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(
      frames.map(({ direction, connection, offset, length, data }) =>
        [direction, connection, offset, length, atob(data).slice(1)].join(" ")
      ),
      [
        "toServer 1 0 5 ping",
        "toClient 1 0 5 pong",
        "toServer 1 5 4 bye",
      ],
    );
    // What decode has written is a recording, which it reads, too.
    const again = await run(["decode", "-f", "length(1)"], [stdout]);
    assertEquals(new TextDecoder().decode(again.stdout), "ping\npong\nbye\n");
  }
});

test("decode prints the frames before a bad one, and exits with 1", async () => {
  const bytes = hex("0161" + "0262");
  const { code, stdout, stderr } = await run(["decode", "-f", "length(1)"], [
    bytes,
  ]);
  assertEquals([code, new TextDecoder().decode(stdout)], [1, "a\n"]);
  assert(
    stderr.startsWith(
      "connection 1, toServer: FRAME_TRUNCATED: The stream ended inside a frame: expected a frame of 3 bytes, got 2 bytes, in the frame at byte offset 2",
    ),
    stderr,
  );
});

test("decode goes on behind bad bytes with --skip-bad, and tells of each place once", async () => {
  const good = (text: string) =>
    lengthPrefixed({ lengthBytes: 2 }).encode(utf8(JSON.stringify(text)));
  const bytes = Uint8Array.from([
    ...good("one"),
    ...hex("ffff00ffff"),
    ...good("two"),
    // Whole, and no JSON.
    ...hex("00027b7b"),
    ...good("three"),
    // Cut off.
    ...hex("00ff31"),
  ]);
  for (const size of [1, 3, bytes.length]) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) {
      chunks.push(bytes.subarray(at, at + size));
    }
    const { code, stdout, stderr } = await run(
      ["decode", "-f", "length(2) | json", "--max", "512", "--skip-bad"],
      chunks,
    );
    assertEquals(code, 1);
    assertEquals(new TextDecoder().decode(stdout), "one\ntwo\nthree\n");
    assertEquals(
      [...stderr.matchAll(/([A-Z_]+): .* at byte offset (\d+)$/gm)]
        .map(([, errorCode, offset]) => `${errorCode} ${offset}`),
      ["FRAME_TOO_LARGE 7", "MESSAGE_INVALID 19", "FRAME_TRUNCATED 32"],
    );
  }
});

test("decode with --skip-bad takes time by the bytes when nothing is a frame", async () => {
  const noise = new Uint8Array(20_000).map((_, i) => (i * i) % 251 | 0x80);
  for (const frame of ["length(4)", "length(4) | json", "lines", "cobs"]) {
    const { code } = await run(
      ["decode", "-f", frame, "--max", "4KiB", "--skip-bad", "--out", "hex"],
      [noise],
    );
    assert(code === 0 || code === 1, frame);
  }
});

test("decode stops after --limit frames", async () => {
  const { code, stdout } = await run(["decode", "-n", "2"], ["a\nb\nc\n"]);
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "a\nb\n"]);
});

test("decode ends at Ctrl-C though its input goes on, and tells what it has printed", async () => {
  async function* endless() {
    yield utf8("a\nb");
    await new Promise(() => undefined);
  }
  const running = new RunningCommand(["decode"], { chunks: endless() });
  await running.until("stdout", /a\n/);
  running.interrupt();
  assertEquals(await running.result(), {
    code: 0,
    stdout: "a\n",
    stderr: "interrupted: 1 frame\n",
  });
});

test("encode takes commands of Redis as people write them, and refuses what is none", async () => {
  const args = ["encode", "-f", "preset:resp"];
  const command = utf8("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
  for (const written of ["GET k\n", '["GET","k"]\n']) {
    assertEquals((await run(args, [written])).stdout, command);
  }
  const shown = await run(["decode", "-f", "preset:resp"], [command]);
  assertEquals(
    new TextDecoder().decode(shown.stdout),
    '{"type":"array","value":[{"type":"bulk","value":"GET"},{"type":"bulk","value":"k"}]}\n',
  );
  const json = await run(
    ["decode", "-f", "preset:resp", "--out", "json"],
    [command],
  );
  const again = await run([...args, "--in", "json"], [json.stdout]);
  assertEquals(again.stdout, command);
  const { code, stderr } = await run(args, ['{"type":"bulk","value":1}\n']);
  assertEquals(code, 2);
  assert(stderr.startsWith("framewire: Cannot encode"), stderr);
});
