// The clients of two tutorials, as they were written, against our servers: only
// the address and what is typed are ours.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import {
  serveGbkCommands,
  serveJsonHeaderCommands,
} from "../../examples/remote_command/serve_text_commands.ts";
import { argumentList } from "../../src/exec/mod.ts";
import { Child } from "./child.ts";

const python = ["python3", "python"].find((program) =>
  spawnSync(program, [
    "-c",
    "import sys; sys.exit(sys.version_info < (3, 8))",
  ])
    .status === 0
) ?? "";
const options = { skip: python === "" && "no Python 3 on this machine" };
const clients = fileURLToPath(new URL("exec_clients.py", import.meta.url));

const commands = {
  echo: { file: "/bin/echo", args: argumentList({ max: 9 }) },
  silent: { file: "/usr/bin/true" },
  big: {
    file: "/bin/sh",
    env: { set: { PATH: "/usr/bin:/bin" } },
    args: () => ["-c", "yes 0123456789abcde | head -c 3000000"],
  },
};

test(
  "serveJsonHeaderCommands() answers the tutorial's client",
  options,
  async () => {
    await using server = await serveJsonHeaderCommands({
      address: { port: 0 },
      commands,
    });
    assert(server.address.transport === "tcp");
    await using child = new Child([
      python,
      clients,
      "json",
      `${server.address.port}`,
      "echo hello",
      "",
      "big",
      "silent",
      "echo a; id",
      "rm -rf /",
      "exit",
    ]);
    const { code, output } = await child.ended;
    assertEquals(code, 0, output.slice(0, 2_000));
    const big = "0123456789abcde\n".repeat(187_500);
    const md5 = createHash("md5").update(big).digest("hex");
    assert(output.includes(`{'ver': '1', 'md5': '${md5}', 'lenth': 3000000}`));
    assert(output.includes(big));
    assert(output.includes("hello\n"));
    assert(output.includes("\nok\n"));
    assert(output.includes("a; id\n"));
    assert(output.includes("refused: There is no such command\n"));
  },
);

test(
  "serveGbkCommands() answers the other tutorial's client",
  options,
  async () => {
    await using server = await serveGbkCommands({
      address: { port: 0 },
      commands,
    });
    assert(server.address.transport === "tcp");
    for (
      const [line, expected] of [
        ["silent", "执行成功\n"],
        ["echo 你好", "你好\n\n"],
        ["rm -rf /", "refused: There is no such command\n\n"],
      ] as const
    ) {
      await using child = new Child([
        python,
        clients,
        "gbk",
        `${server.address.port}`,
        line,
        "quit",
      ]);
      const { code, output } = await child.ended;
      assertEquals([code, output], [0, expected]);
    }
    await using child = new Child([
      python,
      clients,
      "gbk",
      `${server.address.port}`,
      "big",
      "quit",
    ]);
    const { code, output } = await child.ended;
    assertEquals(code, 0);
    // It prints every read with a line end of its own.
    assertEquals(
      output.replaceAll("\n", "").length,
      "0123456789abcde".length * 187_500,
    );
  },
);
