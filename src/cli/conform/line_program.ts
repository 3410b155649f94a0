import { Buffer } from "node:buffer";
import { lines } from "../../codec/formats/lines.ts";
import {
  framed,
  type FramedConnection,
} from "../../framed/framed_connection.ts";
import { NetError } from "../../net/errors.ts";
import type { Connection } from "../../net/types.ts";
import { describe } from "../report.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { Nonconformity } from "./subject.ts";

/** The longest line of an answer: a frame in hexadecimal. */
const MOST_LINE = 2 ** 28;

/** What a program answers: the lines before `done`, in words. */
export type Answer = readonly (readonly string[])[];

/**
 * A program that decodes and encodes by the line protocol of docs/vectors.md. It is
 * started when it is first asked, and again when it has failed.
 */
export class LineProgram implements AsyncDisposable {
  readonly #start: () => Promise<Connection>;
  readonly #timeoutMs: number;
  #running: FramedConnection<string, string> | undefined;
  #isStopped = false;

  constructor(start: () => Promise<Connection>, timeoutMs: number) {
    this.#start = start;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Asks it.
   *
   * @throws {Nonconformity} If it does not answer, or in other words.
   * @throws {NetError} If it cannot be started.
   */
  async ask(
    verb: "decode" | "encode",
    items: readonly Uint8Array[],
  ): Promise<Answer> {
    const program = this.#running ??= await this.#started();
    // It may have been stopped while it was starting.
    if (this.#isStopped) program.abort();
    const answer: string[][] = [];
    try {
      // Whether it takes the line shows in its answer, for which there is a limit.
      void program.send([verb, ...items.map(digitsOf)].join(" "));
      while (true) {
        const line = await program.receive({ timeoutMs: this.#timeoutMs });
        if (line === undefined) throw new Nonconformity("it has exited");
        if (line === "done") return answer;
        const words = line.split(" ");
        if (!isLine(words)) {
          throw new Nonconformity(
            `expected a line of the protocol, got ${
              escapeControls(JSON.stringify(line.slice(0, 60)))
            }`,
          );
        }
        answer.push(words);
      }
    } catch (error) {
      this.#running = undefined;
      program.abort();
      await program.closed;
      if (!(error instanceof NetError)) throw error;
      throw new Nonconformity(
        error.code === "TIMED_OUT"
          ? `expected an answer that ends with done, got none in ${this.#timeoutMs} ms`
          : `expected an answer, got ${describe(error)}`,
        { cause: error },
      );
    }
  }

  /** Kills it. */
  stop(): void {
    this.#isStopped = true;
    this.#running?.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.close();
  }

  async #started(): Promise<FramedConnection<string, string>> {
    const connection = await this.#start();
    return framed(connection, lines({ maxFrameLength: MOST_LINE }));
  }
}

/** Whether words are a line of an answer. A pattern of all would be deep in a long one. */
function isLine([word = "", value = "", offset, ...others]: string[]): boolean {
  if (others.length > 0) return false;
  if (word === "skipped" || word === "error") {
    return /^[A-Z_]+$/.test(value) && /^(\d+|-)$/.test(offset ?? "");
  }
  return (word === "frame" || word === "bytes") && offset === undefined &&
    (value === "-" ||
      value.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(value));
}

/** Bytes in hexadecimal, as the protocol writes them. */
export function digitsOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return "-";
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}

/** The bytes that the protocol writes. */
export function bytesOfDigits(digits: string): Uint8Array {
  return digits === "-"
    ? new Uint8Array()
    : new Uint8Array(Buffer.from(digits, "hex"));
}
