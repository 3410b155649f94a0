/** The cluster of the examples, whose processes are replaced under load. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { devNull } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { Cluster } from "../../examples/cluster/cluster.ts";
import { connectMessages } from "../../src/message/mod.ts";
import { Child } from "../interop/child.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";

const skip = process.platform !== "linux" && "only Linux shares ports";

test(
  "examples/cluster/main.ts replaces all processes, loses no request and doubles none",
  {
    skip,
  },
  async () => {
    const program = projectFile("examples/cluster/main.ts");
    await using child = new Child([...thisRuntime, program, "2", "2"], 50_000);
    const { code, output } = await child.ended;
    assertEquals(code, 0, output);
    const [before = "", ...after] = output.match(/\d+, \d+/g) ?? [];
    const pids = [before, ...after.slice(0, 2)].flatMap((pair) =>
      pair.split(", ")
    );
    assertEquals(new Set(pids).size, 6, output);
    assertMatch(output, / 0 lost, 0 doubled; /);
    const [, sent, answered] = / (\d+) sent, (\d+) answered/.exec(output) ?? [];
    assertEquals(answered, sent);
    assert(Number(sent) >= 3_000, output);
  },
);

test(
  "Cluster starts another process after a crash, each time after a longer wait",
  { skip },
  async () => {
    const printed: string[] = [];
    const { error } = console;
    console.error = (line: unknown) => void printed.push(String(line));
    try {
      const cluster = await Cluster.start(1, devNull);
      /** Kills the process, and waits until the cluster has said so. */
      const crash = async () => {
        const [pid = 0] = await cluster.pids();
        const count = printed.length;
        process.kill(pid, "SIGKILL");
        while (printed.length === count) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return pid;
      };
      const pids = [await crash(), await crash()];
      const [pid] = await cluster.pids();
      assertEquals(new Set([...pids, pid]).size, 3);
      await using client = await connectMessages({ address: cluster.address });
      assertEquals(await client.request("hello", null), pid);
      await cluster.restart();
      const [replaced] = await cluster.pids();
      assert(replaced !== pid);
      pids.push(await crash());
      await cluster.close(); // does not wait until another one is started
      assertEquals(await cluster.pids(), []);
      assertEquals(
        printed,
        pids.map((pid, i) =>
          `Process ${pid} ended with SIGKILL: another one is started in ${
            [100, 200, 400][i]
          } ms`
        ),
      );
    } finally {
      console.error = error;
    }
  },
);
