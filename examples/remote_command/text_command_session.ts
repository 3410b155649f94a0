import { type FramedConnection, NetError } from "../../mod.ts";
import {
  type CollectedOutput,
  type CommandClient,
  CommandError,
  type CommandRun,
  type EndReason,
} from "../../src/exec/mod.ts";

/** How answers are made. */
export interface AnswerStyle {
  /** Encodes a text of the server. */
  readonly text: (text: string) => Uint8Array;
  /** Makes an answer of the output of a program. */
  readonly output: (bytes: Uint8Array) => Uint8Array;
  /** What is answered where a program wrote nothing. */
  readonly silence: string;
  /** Whether more commands may follow. */
  readonly keepOpen: boolean;
}

/** The settings that all connections of a server share. */
export interface TextSessionSettings {
  readonly style: AnswerStyle;
  readonly quietMs: number;
  readonly maxCommandLength: number;
  readonly idleTimeoutMs: number;
}

const LINE_END = 0x0a;

/** Decodes any bytes, also those that are no text. */
const latin1 = new TextDecoder("latin1");

/** A connection on which bare commands come in and answers go out, in turn. */
export class TextCommandSession {
  readonly #connection: FramedConnection<Uint8Array>;
  readonly #client: CommandClient;
  readonly #settings: TextSessionSettings;
  readonly #refuse: (error: CommandError) => void;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  /** The bytes that have not become a command yet, or wait for their turn. */
  #held: Uint8Array = new Uint8Array(0);
  /** Settles when more has come: `false` at the end of the stream. */
  #receiving: Promise<boolean> | undefined;
  #closing = false;

  /**
   * @param connection The connection of the tutorial's client.
   * @param client Runs the commands.
   * @param settings How to answer, and the limits.
   * @param refuse Records what is refused before it becomes a run.
   */
  constructor(
    connection: FramedConnection<Uint8Array>,
    client: CommandClient,
    settings: TextSessionSettings,
    refuse: (error: CommandError) => void,
  ) {
    this.#connection = connection;
    this.#client = client;
    this.#settings = settings;
    this.#refuse = refuse;
  }

  /** Answers commands until the client is gone. */
  async run(): Promise<void> {
    while (!this.#closing) {
      const command = await this.#nextCommand();
      if (command === undefined || this.#closing) return;
      this.#refuseHttp(command);
      const answer = await this.#answer(command);
      if (answer === undefined) return;
      await this.#connection.send(answer);
      if (!this.#settings.style.keepOpen) return;
    }
  }

  /** Takes no further command. */
  close(): void {
    this.#closing = true;
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
    throw this.#refused(
      "The client speaks HTTP: web pages may not run commands",
    );
  }

  /** Receives more, also during a run, to notice the end of the connection. */
  #receive(): Promise<boolean> {
    if (this.#receiving === undefined) {
      this.#receiving = this.#receiveOnce();
      // Whoever calls next sees a failure; there may be no caller at the moment.
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
    throw this.#refused(
      `The command is too long: at most ${maxCommandLength} bytes (maxCommandLength)`,
    );
  }

  /** Runs a command; `undefined` where the client is gone. */
  async #answer(command: Uint8Array): Promise<Uint8Array | undefined> {
    const { style } = this.#settings;
    try {
      const [name, ...args] = this.#words(command);
      const run = this.#client.run(name, args);
      const output = await this.#collected(run);
      if (output === undefined) return undefined;
      const { stdout, stderr, exit } = output;
      const pieces = stderr.length > 0 ? stderr : stdout;
      const end = ends[exit.reason];
      if (pieces.length === 0 && end === "") return style.text(style.silence);
      const whole = await new Blob([new Uint8Array(pieces), end]).bytes();
      return style.output(whole);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return style.text(`refused: ${error.message}\n`);
    }
  }

  #words(command: Uint8Array): [string, ...string[]] {
    try {
      const [name = "", ...args] = this.#utf8.decode(command).split(/\s+/)
        .filter(Boolean);
      return [name, ...args];
    } catch (cause) {
      throw this.#refused("The command is not text in UTF-8", cause);
    }
  }

  /** Waits for all output. Cancels the run when the client is gone. */
  async #collected(run: CommandRun): Promise<CollectedOutput | undefined> {
    let ended = false;
    let gone = false;
    const cancel = () => {
      if (ended || this.#closing) return;
      gone = true;
      run.cancel();
    };
    const watch = async () => {
      // A command that comes meanwhile has its turn later.
      while (!ended && await this.#receive());
      cancel();
    };
    watch().catch(cancel);
    try {
      const output = await run.collect({ maxBytes: Infinity });
      return gone ? undefined : output;
    } finally {
      ended = true;
    }
  }

  /** Records a refusal, and makes the error of it. */
  #refused(message: string, cause?: unknown): CommandError {
    const error = new CommandError("PROTOCOL_ERROR", message, { cause });
    this.#refuse(error);
    return error;
  }
}

/** The last line of output that is not whole. */
const ends: Readonly<Record<EndReason, string>> = {
  "exited": "",
  "timed-out": "\n[ended: it took too long]\n",
  "output-limit": "\n[ended: too much output]\n",
  "cancelled": "\n[ended: cancelled]\n",
  "disconnected": "\n[ended: disconnected]\n",
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
