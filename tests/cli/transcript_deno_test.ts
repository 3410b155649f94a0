// The same commands on the three runtimes, as real programs in a shell. What they print
// is in transcript.txt.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { root } from "../../scripts/testing/process.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { runSteps, stepsOf } from "../support/console.ts";

const transcript = await Deno.readTextFile(`${root}tests/cli/transcript.txt`);
const steps = stepsOf(transcript);
const bin = `${root}node_modules/.bin`;

const runtimes = {
  Deno: [Deno.execPath(), "run", "-A", "--no-check"],
  Bun: [`${bin}/bun`],
  Node: [`${bin}/node`],
};

test("the transcript has all verbs", () => {
  assert(transcript.split("\n").length > 60);
  for (const verb of Object.keys(verbs)) {
    assert(transcript.includes(`framewire ${verb}`), verb);
  }
});

for (const [name, program] of Object.entries(runtimes)) {
  test(`the command prints the transcript on ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const outputs = await runSteps(steps, {
        folder,
        framewire: [...program, `${root}src/cli/mod.ts`],
      });
      for (const [i, { command, output }] of steps.entries()) {
        assertEquals(outputs[i], output, command);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
