/** Asks a program the questions of the corpus. */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { assertFrames } from "../support/assert_frames.ts";
import type { Answer, CorpusFormat, Question } from "./corpus.ts";
import { readBytes, readFrame } from "./words.ts";

/**
 * Asks all questions of the formats.
 *
 * @param command The program and its arguments.
 * @returns How many questions were answered right, and what was wrong with others.
 */
export async function askAll(
  command: readonly [string, ...string[]],
  formats: readonly CorpusFormat[],
): Promise<{ right: number; wrong: string[] }> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const questions = formats.flatMap((format) =>
    format.questions.map((question) => ({ format, question }))
  );
  const lines = createInterface({ input: child.stdout });
  const answers = lines[Symbol.asyncIterator]();
  const writing = writeAll(
    questions.map(({ format, question }) =>
      `@${format.name} ${question.line}\n`
    ),
    child.stdin,
  );
  const wrong: string[] = [];
  let right = 0;
  for (const { format, question } of questions) {
    const got: string[] = [];
    for (;;) {
      const { done, value } = await answers.next();
      if (done || value === "done") break;
      got.push(value);
    }
    try {
      compare(question, answerOf(got, format), format.codec.name);
      right++;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      wrong.push(
        `${format.expression}: ${question.about}\n  ${format.name} ${
          question.line.slice(0, 200)
        }\n  ${got.join(" | ").slice(0, 300)}\n${reason.slice(0, 1_000)}`,
      );
    }
  }
  await writing;
  child.stdin.end();
  assertEquals(await exited, 0, "the program failed");
  return { right, wrong };
}

async function writeAll(
  lines: readonly string[],
  to: NodeJS.WritableStream,
): Promise<void> {
  // A program that ends is told by what it does not answer.
  to.on("error", () => {});
  const closed = new Promise<void>((resolve) => to.once("close", resolve));
  for (const line of lines) {
    if (to.write(line)) continue;
    const drained = new Promise<void>((resolve) => to.once("drain", resolve));
    await Promise.race([drained, closed]);
    if (!to.writable) return;
  }
}

function answerOf(lines: readonly string[], { plan }: CorpusFormat): Answer {
  const frames: unknown[] = [];
  const skipped: { code: string; offset: number }[] = [];
  const bytes: Uint8Array[] = [];
  const frameArrivals: number[] = [];
  let errorArrival: number | undefined;
  let error: Answer["error"];
  let chunks = 1;
  for (const line of lines) {
    const [kind, first = "", second = ""] = line.split(" ");
    if (kind === "frame") {
      frames.push(readFrame(first, plan));
      frameArrivals.push(chunks);
    } else if (kind === "skipped") {
      skipped.push({ code: first, offset: Number(second) });
    } else if (kind === "error") {
      error = {
        code: first,
        ...(second !== "-" && { offset: Number(second) }),
      };
      errorArrival = chunks;
    } else if (kind === "bytes") bytes.push(readBytes(first));
    else if (kind === "chunk") chunks++;
    else throw new Error(`There is no such answer: ${line}`);
  }
  return {
    frames,
    skipped,
    error,
    bytes: concat(bytes),
    frameArrivals,
    errorArrival,
  };
}

function compare({ expected }: Question, got: Answer, name: string): void {
  assertFrames(got.frames, expected.frames, name);
  if (expected.skipped !== undefined) {
    assertEquals(got.skipped, expected.skipped);
  }
  if (expected.error !== "any") assertEquals(got.error, expected.error);
  if (expected.bytes !== undefined) {
    assertFrames([got.bytes], [expected.bytes], "bytes");
  }
  if (expected.frameArrivals !== undefined) {
    assertEquals(got.frameArrivals, expected.frameArrivals, "arrivals");
  }
  if (expected.errorArrival !== undefined) {
    assertEquals(got.errorArrival, expected.errorArrival, "error arrival");
  }
}
