import type { FramedConnection } from "../framed/framed.ts";
import { NetError } from "../net/errors.ts";
import { concat } from "./concat.ts";
import type { CommandRunner } from "./command_runner.ts";
import type { Session } from "./command_server.ts";
import { CommandError } from "./errors.ts";
import type { RunningCommand } from "./running_command.ts";
import type { Caller, CommandExit, EndReason, OutputStream } from "./types.ts";

/** How answers are made. */
export interface AnswerStyle {
  /** Makes bytes of what the server says. */
  readonly text: (text: string) => Uint8Array;
  /** Makes an answer of the output of a program. */
  readonly output: (bytes: Uint8Array) => Uint8Array;
  /** What is answered where a program wrote nothing. */
  readonly silence: string;
  /** Whether more commands may follow. */
  readonly keepOpen: boolean;
}

/** What is the same for all connections of a server. */
export interface TextSessionSettings {
  readonly style: AnswerStyle;
  readonly quietMs: number;
  readonly maxCommandLength: number;
  readonly idleTimeoutMs: number;
}

const LINE_END = 0x0a;

/** Reads any bytes, for what need not be text. */
const latin1 = new TextDecoder("latin1");

/** A connection on which bare commands come in and answers go out, in turn. */
export class TextCommandSession implements Session {
  readonly #connection: FramedConnection<Uint8Array>;
  readonly #runner: CommandRunner;
  readonly #settings: TextSessionSettings;
  readonly #caller: Caller;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  /** What has come and is not a command yet, or waits for its turn. */
  #held: Uint8Array = new Uint8Array(0);
  /** Settles when more has come: `false` when nothing will any more. */
  #receiving: Promise<boolean> | undefined;
  #running: RunningCommand | undefined;
  #closing = false;

  constructor(
    connection: FramedConnection<Uint8Array>,
    runner: CommandRunner,
    settings: TextSessionSettings,
    caller: Caller,
  ) {
    this.#connection = connection;
    this.#runner = runner;
    this.#settings = settings;
    this.#caller = caller;
  }

  /** Answers commands until the client is gone. */
  async run(): Promise<void> {
    while (!this.#closing) {
      const command = await this.#nextCommand();
      if (command === undefined) return;
      this.#refuseHttp(command);
      const answer = await this.#answer(command);
      if (answer === undefined) return;
      await this.#connection.send(answer);
      if (!this.#settings.style.keepOpen) return;
    }
  }

  close(): void {
    this.#closing = true;
    void this.#running?.end("closing");
  }

  /** Waits for a line, or for what has come before a silence. */
  async #nextCommand(): Promise<Uint8Array | undefined> {
    const { quietMs, idleTimeoutMs } = this.#settings;
    while (true) {
      const end = this.#held.indexOf(LINE_END);
      if (end !== -1) return this.#takeCommand(end, end + 1);
      const length = this.#held.length;
      const more = await within(
        this.#receive(),
        length > 0 ? quietMs : idleTimeoutMs,
      );
      if (more === true) continue;
      if (more === false) return undefined;
      if (length > 0) return this.#takeCommand(length, length);
      throw new NetError(
        "TIMED_OUT",
        `The client sent nothing in ${idleTimeoutMs} ms (idleTimeoutMs)`,
      );
    }
  }

  #takeCommand(end: number, next: number): Uint8Array {
    const command = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(next);
    return command;
  }

  /**
   * Ends the connection of a browser: any web page can have it post commands to
   * this machine, each on a line of the body, after the head.
   */
  #refuseHttp(command: Uint8Array): void {
    const line = latin1.decode(command);
    if (!/ HTTP\/\d/.test(line) && !/^host:/i.test(line)) return;
    const error = new CommandError(
      "PROTOCOL_ERROR",
      "The client speaks HTTP: web pages may not run commands",
    );
    this.#runner.refuse(error, this.#caller);
    throw error;
  }

  /** Receives more, while a command runs too: else nobody would see the end. */
  #receive(): Promise<boolean> {
    if (this.#receiving === undefined) {
      this.#receiving = this.#receiveOnce();
      // Nobody may be waiting any more when it fails.
      this.#receiving.catch(() => undefined);
    }
    return this.#receiving;
  }

  async #receiveOnce(): Promise<boolean> {
    const chunk = await this.#connection.receive();
    this.#receiving = undefined;
    if (chunk === undefined) return false;
    const { maxCommandLength } = this.#settings;
    const held = new Uint8Array(this.#held.length + chunk.length);
    held.set(this.#held);
    held.set(chunk, this.#held.length);
    this.#held = held;
    if (held.length <= maxCommandLength) return true;
    const error = new CommandError(
      "PROTOCOL_ERROR",
      `The command is too long: at most ${maxCommandLength} bytes (maxCommandLength)`,
    );
    this.#runner.refuse(error, this.#caller);
    throw error;
  }

  /** Runs a command; `undefined` where nobody waits for the answer any more. */
  async #answer(command: Uint8Array): Promise<Uint8Array | undefined> {
    const { style } = this.#settings;
    const output: Record<OutputStream, Uint8Array[]> = {
      stdout: [],
      stderr: [],
    };
    try {
      const running = this.#running = this.#runner.start(
        this.#request(command),
        this.#caller,
        {
          room: (most) => Promise.resolve(most),
          send: (stream, data) => void output[stream].push(data),
          close: () => undefined,
        },
      );
      const exit = await this.#watched(running);
      if (exit.reason === "disconnected") return undefined;
      const pieces = output.stderr.length > 0 ? output.stderr : output.stdout;
      const end = ends[exit.reason];
      if (pieces.length === 0 && end === "") return style.text(style.silence);
      return style.output(concat([...pieces, new TextEncoder().encode(end)]));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return style.text(`refused: ${error.message}\n`);
    } finally {
      this.#running = undefined;
    }
  }

  #request(
    command: Uint8Array,
  ): { command: string; args: string[]; input: false } {
    let words: string[];
    try {
      words = this.#utf8.decode(command).split(/\s+/).filter(Boolean);
    } catch (cause) {
      const error = new CommandError(
        "PROTOCOL_ERROR",
        "The command is not text in UTF-8",
        { cause },
      );
      this.#runner.refuse(error, this.#caller);
      throw error;
    }
    const [name = "", ...args] = words;
    return { command: name, args, input: false };
  }

  /** Waits for the end of a run, and ends it when the client is gone. */
  async #watched(running: RunningCommand): Promise<CommandExit> {
    let ended = false;
    const watch = async () => {
      // What comes meanwhile is a command whose turn comes later.
      while (!ended && await this.#receive());
      if (!ended && !this.#closing) await running.end("disconnected");
    };
    void watch().catch(() => running.end("disconnected"));
    try {
      return await running.ended;
    } finally {
      ended = true;
    }
  }
}

/** What is said at the end of output that is not whole. */
const ends: Readonly<Record<EndReason, string>> = {
  "exited": "",
  "timed-out": "\n[ended: it took too long]\n",
  "output-limit": "\n[ended: too much output]\n",
  "cancelled": "\n[ended: cancelled]\n",
  "disconnected": "",
  "closing": "\n[ended: the server closes]\n",
};

/** Waits for a promise for so long; `undefined` when that is over. */
async function within<T>(
  promise: Promise<T>,
  ms: number,
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
