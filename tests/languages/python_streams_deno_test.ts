// Conversations of the generated Python with a server: on a blocking socket, and with
// asyncio.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { run } from "../../scripts/testing/process.ts";
import type { Codec } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { generate } from "../../src/generate/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { projectFile, python } from "../support/programs.ts";

const options = { skip: python === "" && "no Python 3 on this machine" };

for (
  const expression of [
    "length(2) | json",
    'delimited(["\\r\\n", "\\n"]) | text(fatal)',
  ]
) {
  test(
    `generate() writes Python that talks ${expression} with a server`,
    options,
    async () => {
      const codec = parseFormat(expression) as Codec<unknown>;
      const folder = await Deno.makeTempDir();
      try {
        const { name, text } = generate("python", codec);
        await Deno.writeTextFile(`${folder}/${name}`, text);
        await using server = await serve(
          { address: { port: 0 }, codec },
          async (connection) => {
            await connection.forEach((frame) => connection.send(frame));
            // Arrives behind the half-close of the other side.
            connection.send("goodbye");
          },
        );
        if (server.address.transport !== "tcp") throw new Error("no port");
        const values = ["", "你好", "a".repeat(60_000)];
        const { ok, output } = await run(
          [
            python,
            "-B",
            projectFile("tests/languages/python/talk.py"),
            `${server.address.port}`,
            ...values.map((value) => JSON.stringify(value)),
          ],
          { env: { PYTHONPATH: folder } },
        );
        const said = [...values, "goodbye"];
        const lines = output.trimEnd().split(/\r?\n/);
        const divider = lines.indexOf("asyncio");
        const parsed = (part: string[]) => part.map((line) => JSON.parse(line));
        assertEquals(ok, true, output);
        assertEquals(parsed(lines.slice(0, divider)), said);
        assertEquals(parsed(lines.slice(divider + 1)), said);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
