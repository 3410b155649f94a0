// How long the package takes to start. It looks at a clock, so it is not below
// tests/package, whose tests are slowed down by others.

import { assert, assertMatch } from "@std/assert";
import { after, test } from "node:test";
import { bin, Project } from "../package/project.ts";

/** The most processor time, in milliseconds, that the command may take to start. */
const MAX_START_MS = 150;

const node24 = { name: "Node 24", command: [`${bin}/node`] } as const;
const bun = { name: "Bun", command: [`${bin}/bun`] } as const;
const project = await Project.make();

after(() => project.remove());

/** The most processor time, in milliseconds, that importing an entry may add. */
const MAX_IMPORT_MS = {
  "@framewire/framewire": { "Node 24": 25, Bun: 20 },
  "@framewire/framewire/codec": { "Node 24": 12, Bun: 12 },
} as const;

for (const [entry, limits] of Object.entries(MAX_IMPORT_MS)) {
  for (const { name, command } of [node24, bun]) {
    test(`importing ${entry} takes little time on ${name}`, async () => {
      const limit = limits[name as keyof typeof limits];
      const cpu =
        "const { user, system } = process.cpuUsage();\nconsole.log((user + system) / 1000);\n";
      await project.write("without.js", cpu);
      await project.write(
        "with.js",
        `import ${JSON.stringify(entry)};\n${cpu}`,
      );
      // In turn, and the least of each: other tests run at the same time.
      let without = Infinity;
      let withEntry = Infinity;
      // Where it is too much after all of them, some more may find the machine idle.
      for (let i = 0; i < 40 || i < 400 && withEntry - without > limit; i++) {
        without = Math.min(
          without,
          Number(await project.output([...command, "without.js"])),
        );
        withEntry = Math.min(
          withEntry,
          Number(await project.output([...command, "with.js"])),
        );
      }
      const took = withEntry - without;
      assert(took <= limit, `${took.toFixed(1)} ms, more than ${limit}`);
    });
  }
}

test("npm makes a link to the command, which starts in little time", async () => {
  const framewire = `${project.folder}/node_modules/.bin/framewire`;
  await project.write(
    "cpu.js",
    `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  console.log("took", (user + system) / 1000);
});
`,
  );
  const cpu = `--import=${project.folder}/cpu.js`;
  const command = [...node24.command, cpu, framewire, "presets"] as const;
  // The least of several: other tests run at the same time.
  let took = Infinity;
  for (let i = 0; i < 20; i++) {
    const printed = await project.output(command);
    assertMatch(printed, /^kafka /m);
    took = Math.min(took, Number(/^took (.*)$/m.exec(printed)?.[1]));
  }
  assert(took <= MAX_START_MS, `${took.toFixed(0)} ms`);
});
