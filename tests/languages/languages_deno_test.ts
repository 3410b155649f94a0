// For each language, one program that has the code of all formats of the corpus. It
// answers all cases, and talks to a server.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Codec, serve } from "../../mod.ts";
import { run } from "../../scripts/testing/process.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { planOf } from "../../src/generate/plan_of.ts";
import { noProgram, python } from "../support/programs.ts";
import { askAll } from "./ask.ts";
import { buildC } from "./c/build.ts";
import { type CorpusFormat, corpusFormats } from "./corpus.ts";
import { buildCsharp } from "./csharp/build.ts";
import { buildGo, runGo } from "./go/build.ts";
import { buildJava } from "./java/build.ts";
import { buildPython } from "./python/build.ts";
import { buildRust, rustc } from "./rust/build.ts";
import { printFrame, readFrame } from "./words.ts";

/** A program and its arguments. */
type Command = readonly [string, ...string[]];

/** How the program of a language comes about, and is told to talk. */
interface Toolchain {
  readonly language: string;
  /** Why it cannot be built here; `false` if it can. */
  readonly skip: false | string;
  /**
   * Builds the program of some formats in a folder.
   *
   * @param talking The names of those that it is to talk in.
   */
  build(
    folder: string,
    formats: readonly Omit<CorpusFormat, "questions">[],
    talking: readonly string[],
  ): Command | Promise<Command>;
  /**
   * What tells the program to send frames to a server and to print those that come
   * back, a line each. Absent: another test has it talk.
   */
  talk?(name: string, port: number): readonly string[];
  /** Looks at the code. */
  look?(folder: string): void;
}

const toolchains: readonly Toolchain[] = [
  {
    language: "C",
    skip: noProgram("gcc"),
    build: (folder, formats) => buildC(folder, formats),
    talk: (name, port) => ["talk", name, `${port}`],
  },
  {
    language: "C#",
    skip: noProgram("mcs") || noProgram("mono"),
    build: buildCsharp,
    talk: (name, port) => ["connect", `${port}`, name],
  },
  {
    language: "Go",
    skip: noProgram("go"),
    build: buildGo,
    talk: (name, port) => [name, `127.0.0.1:${port}`],
    look: (folder) => assertEquals(runGo(folder, "gofmt", ["-l", "."]), ""),
  },
  {
    language: "Java",
    skip: noProgram("javac"),
    build: buildJava,
    talk: (name, port) => ["connect", `${port}`, name],
  },
  {
    language: "Python",
    skip: python === "" && "no Python 3 on this machine",
    build: buildPython,
  },
  {
    language: "Rust",
    skip: noProgram(rustc),
    build: buildRust,
    talk: (name, port) => [name, `${port}`],
  },
];

const formats = corpusFormats();

/** What is said to a server that says it again, in several formats. */
const talks = Object.entries<readonly unknown[]>({
  "length(2) | json": [{ id: 1, method: "<größe>" }, [], "x".repeat(50_000)],
  lines: ["one", "", "粘包", "x".repeat(50_000)],
  "content-length(headers)": [{
    headers: { "content-length": "2" },
    body: Uint8Array.of(0x48, 0x49),
  }],
  "cobs(onInvalid=skip) | checksum(crc32)": [
    Uint8Array.from({ length: 40_000 }, (_, i) => i),
  ],
}).map(([expression, frames], i) => {
  const name = `Talk${i}`;
  const codec = parseFormat(expression);
  return { name, expression, codec, plan: planOf(codec, name), frames };
});

for (const { language, skip, build, talk, look } of toolchains) {
  test(
    `generate() writes ${language} that answers all cases of the corpus and talks to serve()`,
    { skip },
    async () => {
      const folder = await Deno.makeTempDir();
      try {
        const command = await build(
          folder,
          [...formats, ...talks],
          talks.map(({ name }) => name),
        );
        const { right, wrong } = await askAll(command, formats);
        assertEquals(wrong, []);
        assert(right > 3_000);
        for (const one of talk === undefined ? [] : talks) {
          const say = (port: number) => [...command, ...talk!(one.name, port)];
          assertEquals(await saidAgain(one, say), one.frames, one.expression);
        }
        look?.(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}

/** Has a program send frames to a server that says them again: what it got back. */
async function saidAgain(
  { codec, plan, frames }: {
    codec: Codec<unknown>;
    plan: CorpusFormat["plan"];
    frames: readonly unknown[];
  },
  say: (port: number) => readonly string[],
): Promise<unknown[]> {
  await using server = await serve(
    { address: { port: 0 }, codec },
    (connection) => connection.forEach((frame) => connection.send(frame)),
  );
  const { address } = server;
  assert("port" in address);
  const [program = "", ...args] = say(address.port);
  const words = frames.map((frame) => printFrame(frame, plan));
  const { ok, output } = await run([program, ...args, ...words]);
  assert(ok, output);
  return output.trimEnd().split("\n")
    .filter((line) => line !== "end")
    .map((line) => readFrame(line.replace("frame ", ""), plan));
}
