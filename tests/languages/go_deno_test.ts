// The Go code of all formats of the corpus in one program, which answers its cases, and
// talks to a server.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { run } from "../../scripts/testing/process.ts";
import { type Codec, serve } from "../../mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { planOf } from "../../src/generate/plan_of.ts";
import { noProgram } from "../support/programs.ts";
import { askAll } from "./ask.ts";
import { corpusFormats } from "./corpus.ts";
import { buildGo, runGo } from "./go.ts";
import { printFrame, readFrame } from "./words.ts";

/** What is said to a server that says it again, in several formats. */
const conversations: Readonly<Record<string, readonly unknown[]>> = {
  "length(2, little) | checksum(crc16Modbus) | json": [
    { id: 1, method: "<größe>" },
    [],
    null,
  ],
  lines: ["one", "", "粘包"],
  "content-length(headers)": [{
    headers: { "content-length": "2" },
    body: Uint8Array.of(0x48, 0x49),
  }],
  "cobs | max 64KiB": [new Uint8Array(40_000)],
};

test(
  "generate() writes Go that answers all cases of the corpus and talks to serve()",
  { skip: noProgram("go") },
  async (context) => {
    const formats = corpusFormats();
    const talks = Object.entries(conversations)
      .map(([expression, frames], i) => ({
        name: `Talk${i}`,
        expression,
        codec: parseFormat(expression),
        frames,
      }));
    const folder = await Deno.makeTempDir();
    try {
      const command = buildGo(folder, [...formats, ...talks]);
      await context.test("the corpus", async () => {
        const { right, wrong } = await askAll(command, formats);
        assertEquals(wrong, []);
        assert(right > 3_000);
      });
      for (const { name, expression, codec, frames } of talks) {
        await context.test(expression, async () => {
          const said = await talk(command[0], name, codec, frames);
          assertEquals(said, frames);
        });
      }
      await context.test("the format of the source code", () => {
        assertEquals(runGo(folder, "gofmt", ["-l", "."]), "");
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** Sends frames to a server by the program, and returns what it got back. */
async function talk(
  program: string,
  name: string,
  codec: Codec<unknown>,
  frames: readonly unknown[],
): Promise<unknown[]> {
  await using server = await serve(
    { address: { hostname: "127.0.0.1", port: 0 }, codec },
    (connection) => connection.forEach((frame) => connection.send(frame)),
  );
  const { address } = server;
  assert("port" in address);
  const plan = planOf(codec, name);
  const { ok, output } = await run(
    [
      program,
      name,
      `127.0.0.1:${address.port}`,
      ...frames.map((frame) => printFrame(frame, plan)),
    ],
    { timeoutMs: 60_000 },
  );
  assert(ok, output);
  return output.trimEnd().split("\n")
    .map((line) => readFrame(line.replace("frame ", ""), plan));
}
