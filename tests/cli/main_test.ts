import { assert, assertEquals, assertMatch } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { flagName, flags } from "../../src/cli/flags.ts";
import { loadVerb } from "../../src/cli/load_verb.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { VERSION } from "../../src/cli/version.ts";
import { runCommand } from "../support/command.ts";
import { projectFile } from "../support/programs.ts";

test("main() tells the version of the package when it is asked", async () => {
  const { version } = JSON.parse(
    readFileSync(projectFile("deno.json"), "utf8"),
  );
  assertEquals(VERSION, version);
  assertEquals(await runCommand(["--version"]), {
    code: 0,
    stdout: `framewire ${version}\n`,
    stderr: "",
  });
});

test("main() prints the verbs when it is given none", async () => {
  const { code, stdout } = await runCommand([]);
  assertEquals(code, 2);
  for (const [name, { summary }] of Object.entries(verbs)) {
    assert(stdout.includes(`  ${name} `) && stdout.includes(summary), name);
  }
  assertEquals((await runCommand(["--help"])).code, 0);
});

for (const name of Object.keys(verbs) as (keyof typeof verbs)[]) {
  test(`main() prints help of ${name} with its operands, flags and examples`, async () => {
    const { code, stdout } = await runCommand([name, "--help"]);
    assertEquals(code, 0);
    const { operands, flags: own, examples } = verbs[name];
    for (const operand of operands) assert(stdout.includes(operand.name));
    for (const flag of own) {
      assert(stdout.includes(flags[flag].help.slice(0, 20)));
    }
    for (const [command] of examples) {
      assert(stdout.includes(`framewire ${command}\n`));
    }
    for (const line of stdout.split("\n")) {
      assert(line.length <= 100 || line.includes("framewire "), line);
    }
    assertEquals((await runCommand(["help", name])).stdout, stdout);
    assert(loadVerb[name] !== undefined);
  });
}

const wrong: readonly (readonly [args: string[], message: string])[] = [
  [["encod"], "Cannot encod: there is no such verb; did you mean encode?"],
  [
    ["\x1b[31m"],
    "Cannot \\x1b[31m: there is no such verb; framewire --help lists them",
  ],
  [
    ["encode", "--fram", "lines"],
    "Cannot read --fram: framewire encode has no such flag; did you mean --frame?",
  ],
  [["encode", "--frame"], "Cannot read --frame: expected EXPRESSION"],
  [
    ["encode", "--max", "much"],
    'Cannot read --max: expected a size such as 512, 64KiB or 1MiB, got "much"',
  ],
  [
    ["send", "tcp://127.0.0.1:1", "--timeout", "10"],
    'Cannot read --timeout: expected a time such as 500ms, 10s or 2m, got "10"',
  ],
  [
    ["encode", "--in", "yaml"],
    'Cannot read --in: expected one of text, lines, json, hex, base64, raw, nul, frames, got "yaml"',
  ],
  [
    ["decode", "--limit", "0"],
    'Cannot read --limit: expected a whole number from 1 on, got "0"',
  ],
  [
    ["decode", "--skip-bad=no"],
    'Cannot read --skip-bad: expected no value, got "no"',
  ],
  [
    ["encode", "-f", "lines", "-f", "lines"],
    "Cannot use --frame twice: expected it once",
  ],
  [
    ["connect"],
    "Cannot connect: expected ADDRESS, tcp://HOST:PORT, tls://, ws://, wss://, unix:PATH, exec:PROGRAM or -; see framewire connect --help",
  ],
  [
    ["man", "connect"],
    'Cannot man: expected no operand, got "connect" as well',
  ],
  [
    ["connect", "127.0.0.1"],
    'Cannot read the address: expected tcp://, tls://, ws://, wss:// or udp:// with HOST:PORT, unix:PATH, exec:PROGRAM or -, got "127.0.0.1"',
  ],
  [
    ["connect", "tcp://127.0.0.1:1", "--ca", "ca.pem"],
    "Cannot use --ca: expected an address with TLS, tls:// or wss://",
  ],
  [
    ["send", "tls://127.0.0.1:1", "x", "--cert", "cert.pem"],
    "Cannot show a certificate: expected --cert and --key, the certificate of this side and its private key",
  ],
  [
    ["encode", "-f", "preset:lsp", "--in", "json", "/dev/null", "--limit", "1"],
    "Cannot read --limit: framewire encode has no such flag",
  ],
  [
    ["listen", "tls://:0"],
    "Cannot listen with TLS: expected --cert and --key, the certificate of this side and its private key",
  ],
  [
    ["decode", "/there/is/no/such/file"],
    "Cannot read /there/is/no/such/file: there is no such file",
  ],
  [
    ["encode", "--frame", "./format.ts"],
    "Cannot run ./format.ts: expected --allow-code beside it, since it is a program",
  ],
  [
    ["help", "me"],
    "Cannot help with me: expected one of the verbs that framewire --help lists",
  ],
  [
    ["completions", "tcsh"],
    "Cannot complete for tcsh: expected one of bash, zsh, fish",
  ],
];

for (const [args, message] of wrong) {
  test(`main() exits with 2 when it is given ${JSON.stringify(args)}`, async () => {
    const { code, stdout, stderr } = await runCommand(args);
    assertEquals([code, stdout], [2, ""]);
    assert(stderr.startsWith(`framewire: ${message}`), stderr);
  });
}

test("main() points at what is wrong in an expression", async () => {
  const { code, stdout, stderr } = await runCommand(
    ["encode", "-f", "length(4) | jsn", "--max", "1KiB"],
  );
  assertEquals([code, stdout], [2, ""]);
  assertEquals(
    stderr,
    `  length(4) | jsn | max 1024
              ^
There is no such format: expected the name of a format, got jsn
Did you mean json?
`,
  );
});

test("main() ends without an error when the reader of its output has left", async () => {
  const numbers = Array.from({ length: 400_000 }, (_, i) => `${i}\n`).join("");
  const { code, stderr } = await runCommand(["encode", "-f", "lines"], {
    stdin: [numbers.slice(0, 1_000_000), numbers.slice(1_000_000)],
    readerLeaves: true,
  });
  assertEquals([code, stderr], [0, ""]);
});

test("main() uses colours when they are wanted, and on a terminal without NO_COLOR", async () => {
  const colored = async (
    args: readonly string[],
    columns?: number,
    environment = {},
  ) => {
    const { stdout } = await runCommand(["format", "length(4)", ...args], {
      ...(columns !== undefined && { columns }),
      environment,
    });
    // deno-lint-ignore no-control-regex
    return /\x1b\[/.test(stdout);
  };
  assertEquals(await colored([]), false);
  assertEquals(await colored(["--color", "always"]), true);
  assertEquals(await colored([], 80), true);
  assertEquals(await colored([], 80, { NO_COLOR: "1" }), false);
  assertEquals(await colored([], 80, { NO_COLOR: "" }), true);
  assertEquals(await colored([], 80, { TERM: "dumb" }), false);
  assertEquals(await colored(["--color", "never"], 80), false);
});

test("no verb has two flags of one name", () => {
  for (const [verb, row] of Object.entries(verbs)) {
    const names = row.flags.map(flagName);
    assertEquals(new Set(names).size, names.length, verb);
  }
});

for (const shell of ["bash", "zsh", "fish"]) {
  test(`completions of ${shell} have all verbs and flags`, async () => {
    const { code, stdout } = await runCommand(["completions", shell]);
    assertEquals(code, 0);
    for (const [verb, row] of Object.entries(verbs)) {
      assert(stdout.includes(verb));
      for (const flag of row.flags) assert(stdout.includes(flagName(flag)));
    }
  });
}

test("man prints a page of all verbs and flags", async () => {
  const { code, stdout } = await runCommand(["man"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^\.TH FRAMEWIRE 1/m);
  for (const name of Object.keys(verbs)) {
    assert(stdout.includes(`.SS framewire ${name}`));
  }
});
