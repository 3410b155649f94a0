// The lines that the page shows for each language compile with the generated code.

import { assert } from "@std/assert";
import { test } from "node:test";
import { run } from "../../scripts/testing/process.ts";
import { snippets } from "../../site/play/snippets.ts";
import { lengthPrefixed } from "../../src/codec/mod.ts";
import { generate, type LanguageName } from "../../src/generate/mod.ts";
import { noProgram, python } from "../support/programs.ts";
import { rustc } from "./rust/build.ts";

/** How the lines of a language become a program, which is only compiled. */
interface Program {
  readonly language: string;
  readonly skip: false | string;
  readonly file: string;
  /** The program: lines that stand at the top of a file, and the others. */
  wrap(top: string, lines: string): string;
  readonly command: readonly [string, ...string[]];
}

const programs: readonly Program[] = [
  {
    language: "Python",
    skip: python === "" && "no Python 3 on this machine",
    file: "talk.py",
    wrap: (top, lines) => `${top}\ndef talk(frame):\n${indented(lines)}`,
    command: [python, "talk.py"],
  },
  {
    language: "C#",
    skip: noProgram("mcs"),
    file: "Talk.cs",
    wrap: (top, lines) =>
      `using System;\nusing System.Net.Sockets;\nusing System.Threading.Tasks;\n${top}
static class Talk { static async Task Say(byte[] frame) {\n${lines}\n} }`,
    command: ["mcs", "-target:library", "Talk.cs", "Frames.cs"],
  },
  {
    language: "Go",
    skip: noProgram("go"),
    file: "talk/talk.go",
    wrap: (_, lines) =>
      `package talk\nimport ("fmt"; "net"; "peer/frames")
func Say(frame []byte) error {\n${lines}\n}`,
    command: ["go", "vet", "peer/talk"],
  },
  {
    language: "Java",
    skip: noProgram("javac"),
    file: "Talk.java",
    wrap: (_, lines) =>
      `import java.net.Socket;
class Talk { static void say(byte[] frame) throws Exception {\n${lines}\n} }`,
    command: ["javac", "-proc:none", "Talk.java", "Frames.java"],
  },
  {
    language: "Rust",
    skip: noProgram(rustc),
    file: "talk.rs",
    wrap: (_, lines) =>
      `use std::net::TcpStream;\npub mod frames;
pub fn say(frame: &[u8]) -> std::io::Result<()> {\n${lines}\nOk(())\n}`,
    command: [rustc, "--edition=2021", "--crate-type=lib", "talk.rs"],
  },
  {
    language: "C",
    skip: noProgram("gcc"),
    file: "talk.c",
    wrap: (top, lines) =>
      `#include <stdio.h>\n#include <unistd.h>\n${top}
void say(int fd);\nvoid say(int fd) {\nchar buffer[4096];\n${lines}\n}`,
    command: ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-c", "talk.c"],
  },
];

for (const { language, skip, file, wrap, command } of programs) {
  test(`the lines of the page for ${language} compile`, { skip }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const { generator = "", code, file: name } = snippets[language]!;
      const { text } = generate(generator as LanguageName, lengthPrefixed());
      if (language === "Go") {
        await Deno.mkdir(`${folder}/frames`);
        await Deno.mkdir(`${folder}/talk`);
        await Deno.writeTextFile(`${folder}/go.mod`, "module peer\ngo 1.19\n");
        await Deno.writeTextFile(`${folder}/frames/${name}`, text);
      } else await Deno.writeTextFile(`${folder}/${name}`, text);
      const isTop = (line: string) =>
        /^(using \w+;|#|import |from )/.test(line);
      const lines = code.split("\n");
      await Deno.writeTextFile(
        `${folder}/${file}`,
        wrap(
          lines.filter(isTop).join("\n"),
          lines.filter((line) => !isTop(line)).join("\n"),
        ),
      );
      const { ok, output } = await run(command, {
        cwd: folder,
        env: { GOPROXY: "off", GOCACHE: `${folder}/.cache` },
      });
      assert(ok, output);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function indented(lines: string): string {
  return lines.replaceAll(/^(?=.)/gm, "    ");
}
