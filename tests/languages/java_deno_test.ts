// The Java code of all formats of the corpus in one program.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { run } from "../../scripts/testing/process.ts";
import type { Codec } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { planOf } from "../../src/generate/plan_of.ts";
import { serve } from "../../src/server/mod.ts";
import { noProgram } from "../support/programs.ts";
import { askAll } from "./ask.ts";
import { type CorpusFormat, corpusFormats } from "./corpus.ts";
import { buildJava } from "./java.ts";
import { printFrame, readFrame } from "./words.ts";

/** Conversations with a server: frames that are sent, each behind the answer before. */
const conversations: readonly (readonly [string, readonly unknown[]])[] = [
  ["length(2) | json", [{ a: [1, "é"] }, null, "x".repeat(50_000)]],
  ["lines", ["one", "", "x".repeat(50_000)]],
  ["cobs(onInvalid=skip) | checksum(crc32)", [new Uint8Array(50_000)]],
];

test(
  "generate() writes Java code that answers the corpus and talks with a server",
  { skip: noProgram("javac") },
  async () => {
    const formats = corpusFormats();
    const talks = conversations.map(([expression, frames], i) => ({
      ...formatOf(expression, `Talk${i}`),
      frames,
    }));
    const folder = await Deno.makeTempDir();
    try {
      const command = buildJava([...formats, ...talks], folder);
      const { right, wrong } = await askAll(command, formats);
      assertEquals(wrong, []);
      assert(right > 3_000);
      for (const { name, codec, plan, frames } of talks) {
        await using server = await serve(
          { address: { hostname: "127.0.0.1", port: 0 }, codec },
          (connection) => connection.forEach((frame) => connection.send(frame)),
        );
        const { address } = server;
        assert("port" in address);
        const { ok, output } = await run([
          ...command,
          "connect",
          String(address.port),
          name,
          ...frames.map((frame) => printFrame(frame, plan)),
        ]);
        assert(ok, output);
        const lines = output.trimEnd().split("\n");
        assertEquals(lines.pop(), "end");
        assertEquals(lines.map((word) => readFrame(word, plan)), frames);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

function formatOf(
  expression: string,
  name: string,
): Omit<CorpusFormat, "questions"> & { codec: Codec<unknown> } {
  const codec = parseFormat(expression);
  return { name, expression, codec, plan: planOf(codec, name) };
}
