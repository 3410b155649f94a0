import { assert, assertEquals, assertMatch } from "@std/assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "../../support/command.ts";
import { projectFile, python } from "../../support/programs.ts";
import { vectorTable } from "../../support/vectors.ts";

const skip = python === "" && "no Python 3 on this machine";
const reader = projectFile("examples/vectors/length_prefixed.py");

/** Runs the command on a decoder in Python. */
const conformTo = (program: string, expression: string, ...args: string[]) =>
  runCommand([
    "conform",
    `exec:${python} ${program}`,
    "--decoder",
    "--frame",
    expression,
    "--timeout",
    "30s",
    ...args,
  ]);

test(
  "the decoder in Python passes the cases of length(...)",
  { skip },
  async () => {
    for (
      const expression of [
        "length(2, includes=frame) | max 3",
        "length(1, onOversize=skip) | max 3",
      ]
    ) {
      const { code, stdout, stderr } = await conformTo(
        `${reader} '${expression}'`,
        expression,
      );
      assertEquals([code, stderr], [0, ""], stdout);
      assertMatch(stdout, /\d+ vectors?: [1-9]\d* passed, 0 failed, 1? ?/);
      assert(!stdout.includes("only an encoder"), stdout);
    }
  },
);

test(
  "a decoder of another format fails, and is told why",
  { skip },
  async () => {
    const { code, stdout } = await conformTo(
      `${reader} length`,
      "preset:kafka",
    );
    assertEquals(code, 1);
    assert(
      stdout.includes(
        "FAIL  kafka.json: a length of -1\n      in one piece: expected error LENGTH_INVALID 4, got error FRAME_TOO_LARGE 4\n",
      ),
      stdout,
    );
    const larger = await conformTo(
      `${reader} 'length(1)'`,
      "length(1) | max 3",
    );
    assert(
      larger.stdout.includes(
        "      encoding: expected FRAME_TOO_LARGE, got no error\n",
      ),
      larger.stdout,
    );
  },
);

test(
  "frames of text and of JSON are compared by their values",
  { skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "framewire-"));
    try {
      const program = join(folder, "decoder.py");
      writeFileSync(
        program,
        `import json, sys
for line in sys.stdin:
    verb, *items = line.split()
    items = [b"" if item == "-" else bytes.fromhex(item) for item in items]
    if verb == "decode":
        data = b"".join(items)
        while data and len(data) > data[0]:
            value = json.loads(data[1:1 + data[0]])
            print("frame", json.dumps(value, indent=1).encode().hex())
            data = data[1 + data[0]:]
        if data:
            print("error FRAME_TRUNCATED 0")
    else:
        print("bytes", b"".join(bytes([len(item)]) + item for item in items).hex())
    print("done", flush=True)
`,
      );
      const file = join(folder, "own.json");
      const vector = { expression: "length(1) | json", bothWays: true };
      writeFileSync(
        file,
        JSON.stringify({
          vectors: [
            {
              ...vector,
              name: "good",
              input: "07 '{\"a\":1}' 01 '7'",
              frames: [{ a: 1 }, 7],
            },
          ],
        }),
      );
      const { stdout } = await conformTo(
        program,
        "length(1) | json",
        "--vectors",
        file,
      );
      assert(stdout.includes(`pass  ${file}: good\n`), stdout);
      assert(
        stdout.includes("pass  generated: a frame of 127 bytes\n"),
        stdout,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test(
  "programs that do not keep to the protocol fail, and the next case goes on",
  { skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "framewire-"));
    const run = async (code: string) => {
      const program = join(folder, "decoder.py");
      writeFileSync(program, `import sys, time\n${code}\n`);
      const { code: exit, stdout } = await conformTo(
        program,
        "length(1) | text(gbk)",
        "--vectors",
        file,
      );
      assertEquals(exit, 1);
      return /^FAIL {2}.*: good\n +(.*)$/m.exec(stdout)?.[1];
    };
    const file = join(folder, "own.json");
    try {
      writeFileSync(
        file,
        JSON.stringify({
          vectors: [
            {
              name: "good",
              // Without an encoder, there are no generated cases.
              expression: "length(1) | text(gbk)",
              input: "01 'a'",
              frames: ["a"],
            },
          ],
        }),
      );
      assertMatch(
        await run("sys.exit(3)") ?? "",
        /^in one piece: expected an answer, got /,
      );
      assertEquals(
        await run("for line in sys.stdin: print('frame xyz', flush=True)"),
        'in one piece: expected a line of the protocol, got "frame xyz"',
      );
      assertEquals(
        await run(
          "for line in sys.stdin: print('frame 61\\nframe -\\ndone', flush=True)",
        ),
        'in one piece: expected 1 frame, got 2 frames, the first one too many ""',
      );
      assertEquals(
        await run(
          "for line in sys.stdin: print('frame 62\\ndone', flush=True)",
        ),
        'in one piece: expected frame 1 of 1 to be "a", got "b"',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("frames that are values of their own are skipped", { skip }, async () => {
  const { stdout } = await conformTo(`${reader} length`, "preset:grpc");
  assertMatch(
    stdout,
    /^skip {2}grpc\.json: .* \(its frames are values that cannot be written as bytes\)$/m,
  );
});

test("the page has a reader in Python that runs, and the table of the files", {
  skip,
}, () => {
  const page = readFileSync(projectFile("docs/vectors.md"), "utf8");
  const [, program = ""] = /```python\n([^]*?)```/.exec(page) ?? [];
  const output = execFileSync(python, ["-"], {
    cwd: projectFile("."),
    input: program,
    encoding: "utf8",
  });
  assert(output.trim().split("\n").length > 40, output);
  const row = (line: string) => line.replace(/ +\|/g, " |").replace(/-+/g, "-");
  const rows = page.split("\n").filter((line) => /^\|/.test(line)).map(row);
  for (const line of vectorTable().split("\n")) {
    assert(rows.includes(row(line)), line);
  }
});
