import { execFile, type ExecFileException } from "node:child_process";
import { wordsOf } from "./addresses.ts";
import { UsageError } from "./errors.ts";
import type { Flags } from "./flags.ts";
import type { FrameKind } from "./formats.ts";
import { frameOf } from "./frame_reader.ts";
import { textOf, textOfValue, valueOfBytes, valueOfText } from "./values.ts";
import { WireBytes, type WireFrame } from "./wire_codec.ts";

/** Makes the answer to a frame. */
export type Answer = (frame: WireFrame) => unknown | Promise<unknown>;

/**
 * How `listen` answers: with the frame itself, a frame, or what a command prints.
 *
 * @returns What makes the answers; `undefined` if there are none.
 * @throws {UsageError} If several flags say so.
 */
export function answerOf(flags: Flags, kind: FrameKind): Answer | undefined {
  const { echo, reply, broadcast, exec } = flags;
  const given = Object.entries({ echo, reply, broadcast, exec })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (given.length > 1) {
    throw new UsageError(
      `Cannot use ${given.join(" and ")} together: expected one of them`,
    );
  }
  if (echo) return ({ bytes }) => new WireBytes(bytes);
  if (reply !== undefined) {
    const answer = frameOf(reply, "lines", kind);
    return () => answer;
  }
  return exec === undefined ? undefined : runner(commandsOf(exec), flags, kind);
}

/** How long a command may take by default, and how much it may print. */
const COMMAND_TIMEOUT_MS = 10_000;
const MAX_PRINTED = 1_048_576;

type Words = readonly [string, ...string[]];

/** The registered commands, by the frames that name them. */
function commandsOf(
  registered: readonly string[],
): ReadonlyMap<string, Words> {
  return new Map(registered.map((one) => {
    const [, name, command] = /^([^=]+)=(.+)$/s.exec(one) ?? [];
    if (name === undefined || command === undefined) {
      throw new UsageError(
        `Cannot read --exec: expected NAME=PROGRAM, got ${JSON.stringify(one)}`,
      );
    }
    return [name, wordsOf(command)];
  }));
}

/** Runs the command that a frame names. No part of the frame gets to the program. */
function runner(
  commands: ReadonlyMap<string, Words>,
  { timeout = COMMAND_TIMEOUT_MS }: Flags,
  kind: FrameKind,
): Answer {
  return async ({ value }) => {
    const written = textOfValue(value);
    const name = typeof written === "string" ? written : textOf(written);
    const command = name === undefined ? undefined : commands.get(name.trim());
    return command === undefined
      ? valueOfText(`no such command; there is ${[...commands.keys()]}`, kind)
      : valueOfBytes(await outputOf(command, timeout), kind);
  };
}

/** What a command prints; how it failed if it did. */
function outputOf(
  [program, ...args]: Words,
  timeout: number,
): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout, maxBuffer: MAX_PRINTED, encoding: "buffer" },
      (error, stdout) => {
        resolve(
          error === null
            ? withoutLineEnd(new Uint8Array(stdout))
            : new TextEncoder().encode(`failed: ${howItEnded(error)}`),
        );
      },
    );
    child.stdin?.end();
  });
}

/** How a command failed; its standard error is none of the client's business. */
function howItEnded({ code, signal }: ExecFileException): string {
  if (typeof code === "number") return `status ${code}`;
  return signal === null || signal === undefined ? String(code) : signal;
}

/** A frame needs no line feed behind it. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
