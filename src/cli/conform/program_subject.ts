import { concat } from "../../net/bytes.ts";
import type { Connection } from "../../net/types.ts";
import { compareFrames } from "./compare.ts";
import type { ConformCase, DecoderCase, EncoderCase } from "./conform_case.ts";
import { type Cut, cutsOf } from "./cuts.ts";
import type { SubjectSettings } from "./echo_subject.ts";
import { bytesOfFrame, frameOfBytes } from "./frame_form.ts";
import {
  type Answer,
  bytesOfDigits,
  digitsOf,
  LineProgram,
} from "./line_program.ts";
import { sameBytes, sameFrame } from "./same_frame.ts";
import { Nonconformity, type Subject } from "./subject.ts";
import type { TestedFormat } from "./tested_format.ts";

/** A program that decodes and encodes: see {@linkcode LineProgram}. */
export class ProgramSubject implements Subject {
  readonly #program: LineProgram;
  readonly #format: TestedFormat;
  readonly #seed: number;

  constructor(
    start: () => Promise<Connection>,
    format: TestedFormat,
    { timeoutMs, seed }: SubjectSettings,
  ) {
    this.#program = new LineProgram(start, timeoutMs);
    this.#format = format;
    this.#seed = seed;
  }

  unfit(): string | undefined {
    return this.#format.form === "own"
      ? "its frames are values that cannot be written as bytes"
      : undefined;
  }

  async check({ decoder, encoder }: ConformCase): Promise<undefined> {
    if (decoder !== undefined) {
      for (const cut of cutsOf(decoder, this.#seed)) {
        await this.#decode(decoder, cut);
        if (cut.chunks.length === 1) continue;
        const chunks = cut.chunks.flatMap((chunk) => [NOTHING, chunk]);
        const name = `${cut.name}, empty ones between`;
        await this.#decode(decoder, { name, chunks });
      }
    }
    if (encoder !== undefined) await this.#encode(encoder);
  }

  stop(): void {
    this.#program.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]();
  }

  async #decode(
    { frames, skipped, error }: DecoderCase,
    { name, chunks }: Cut,
  ): Promise<void> {
    const answer = await this.#ask(name, "decode", chunks);
    const got = wordsOf(answer, "frame").map(([digits = "-"]) =>
      this.#frameOf(name, digits)
    );
    const failure = wordsOf(answer, "error");
    const then = failure.map((words) => ` and ${words.join(" ")}`).join("");
    compareFrames(got, frames, name, then);
    compareReports(name, "skipped", wordsOf(answer, "skipped"), skipped);
    compareReports(name, "error", failure, error === undefined ? [] : [error]);
  }

  async #encode({ frames, bytes, refused }: EncoderCase): Promise<void> {
    const { form } = this.#format;
    const among = "encoding";
    const answer = await this.#ask(
      among,
      "encode",
      frames.map((frame) => bytesOfFrame(frame, form)),
    );
    const written = concat(
      wordsOf(answer, "bytes").map(([digits = "-"]) => bytesOfDigits(digits)),
    );
    const codes = wordsOf(answer, "error").map(([code]) => code);
    const expected = refused === undefined ? [] : [refused];
    if (!sameFrame(codes, expected)) {
      throw new Nonconformity(
        `${among}: expected ${refused ?? "no error"}, got ${
          codes.join() || "no error"
        }`,
      );
    }
    if (bytes !== undefined && !sameBytes(written, bytes)) {
      throw new Nonconformity(
        `${among}: expected the bytes ${hexOf(bytes)}, got ${hexOf(written)}`,
      );
    }
    if (bytes === undefined && refused === undefined) {
      const decoded = this.#format.decode(written);
      const then = decoded.error === undefined ? "" : `, ${decoded.error.code}`;
      compareFrames(decoded.frames, frames, among, then);
    }
  }

  /** Asks the program, and says in its errors what it was asked. */
  async #ask(
    among: string,
    verb: "decode" | "encode",
    items: readonly Uint8Array[],
  ): Promise<Answer> {
    try {
      return await this.#program.ask(verb, items);
    } catch (error) {
      if (!(error instanceof Nonconformity)) throw error;
      throw new Nonconformity(`${among}: ${error.message}`, { cause: error });
    }
  }

  #frameOf(among: string, digits: string): unknown {
    const { form } = this.#format;
    try {
      return frameOfBytes(bytesOfDigits(digits), form);
    } catch (cause) {
      throw new Nonconformity(
        `${among}: expected a frame of ${
          form === "json" ? "JSON" : "text in UTF-8"
        }, got the bytes ${digits.slice(0, 60)}`,
        { cause },
      );
    }
  }
}

/** What stands behind a word that begins lines. */
function wordsOf(answer: Answer, first: string): (readonly string[])[] {
  return answer.filter(([word]) => word === first).map((words) =>
    words.slice(1)
  );
}

function compareReports(
  among: string,
  word: string,
  got: readonly (readonly string[])[],
  expected: readonly { readonly code: string; readonly offset: number }[],
): void {
  const inWords = (reports: readonly (readonly string[])[]) =>
    reports.map((words) => [word, ...words].join(" ")).join(", ") ||
    `no ${word}`;
  const one = inWords(got);
  const other = inWords(
    expected.map(({ code, offset }) => [code, String(offset)]),
  );
  if (one === other) return;
  throw new Nonconformity(`${among}: expected ${other}, got ${one}`);
}

/** Bytes for people. */
function hexOf(bytes: Uint8Array): string {
  const digits = digitsOf(bytes.subarray(0, 32));
  return bytes.length > 32 ? `${digits}… (${bytes.length} bytes)` : digits;
}

const NOTHING = new Uint8Array();
