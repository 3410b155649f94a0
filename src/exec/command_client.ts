import { checkKind, checkOptions, type OptionKinds } from "../checks.ts";
import type { JsonValue } from "../codec/views/json.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { NetError } from "../net/errors.ts";
import type { CloseInfo } from "../net/types.ts";
import { CommandError, type CommandErrorCode } from "./errors.ts";
import { InputSource, type RunInput } from "./input_source.ts";
import { type CommandRun, RemoteRun } from "./remote_run.ts";
import type { CommandExit, EndReason } from "./types.ts";
import { Window } from "./window.ts";
import {
  broken,
  type Control,
  countOf,
  type Data,
  fieldOf,
  idOf,
  isControl,
  MAX_DATA_LENGTH,
  textOf,
  type WireFrame,
} from "./wire.ts";

/** Options of {@linkcode CommandClient.run}. */
export interface RunOptions {
  /**
   * Ends the run on the server; its `exit` and its iteration reject with the
   * signal's reason at once.
   */
  signal?: AbortSignal;
  /**
   * The standard input, where the command takes any: a text, bytes, or pieces of
   * them. It is asked for no faster than the program reads. When the run has
   * ended, its iterator is told to return.
   */
  input?: RunInput;
}

const runKinds: OptionKinds<RunOptions> = {
  signal: "signal",
  input: "checked",
};

/** A client of a server of commands; made by {@linkcode connectCommands}. */
export interface CommandClient extends AsyncDisposable {
  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Runs a command. Any number can run at a time.
   *
   * @param name The name under which the server has it.
   * @param args Its arguments: a list of texts, for most.
   * @param options What it reads, and what ends it.
   * @returns The run; where it is refused, its `exit` rejects.
   * @throws {TypeError} If there is no such option.
   */
  run(name: string, args?: JsonValue, options?: RunOptions): CommandRun;
  /** Closes the connection, which ends all runs. */
  close(): Promise<void>;
}

/** A run, and its flow control on the connection. */
interface OpenRun {
  readonly run: RemoteRun;
  /** How much input may be sent. */
  readonly window: Window;
}

/** A client whose server has greeted it. */
export class ConnectedClient implements CommandClient {
  readonly #connection: FramedConnection<WireFrame>;
  readonly #runs = new Map<number, OpenRun>();
  #lastId = 0;
  /** The error of all further runs, once the connection has ended. */
  #failure: { readonly error: unknown } | undefined;

  constructor(connection: FramedConnection<WireFrame>) {
    this.#connection = connection;
    void this.#receive();
  }

  get closed(): Promise<CloseInfo> {
    return this.#connection.closed;
  }

  run(
    name: string,
    args: JsonValue = [],
    options: RunOptions = {},
  ): CommandRun {
    checkKind("the name of a command", name, "string");
    checkOptions("run", options, runKinds);
    const { signal, input } = options;
    const id = ++this.#lastId;
    const run = new RemoteRun({
      more: (bytes) => this.#post({ type: "more", id, bytes }),
      cancel: () => this.#post({ type: "cancel", id }),
    });
    const window = new Window();
    const onAbort = () => {
      run.cancel();
      run.fail(signal?.reason);
    };
    let source: InputSource | undefined;
    const ended = () => {
      signal?.removeEventListener("abort", onAbort);
      window.close();
      source?.close();
    };
    run.exit.then(ended, ended);
    try {
      if (input !== undefined) source = new InputSource(input);
      if (this.#failure !== undefined) throw this.#failure.error;
      signal?.throwIfAborted();
    } catch (error) {
      run.fail(error);
      return run;
    }
    this.#runs.set(id, { run, window });
    signal?.addEventListener("abort", onAbort, { once: true });
    void this.#start(id, name, args, source);
    return run;
  }

  close(): Promise<void> {
    this.#failAll(closed());
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(
    id: number,
    command: string,
    args: JsonValue,
    input: InputSource | undefined,
  ): Promise<void> {
    const open = this.#runs.get(id);
    if (open === undefined) return;
    try {
      await this.#connection.send({
        type: "run",
        id,
        command,
        arguments: args,
        input: input !== undefined,
      });
      if (input === undefined) return;
      await this.#sendInput(id, open.window, input);
      if (!this.#runs.has(id)) return;
      await this.#connection.send({ type: "input-end", id });
    } catch (error) {
      // The connection failed, or the source of the input did.
      open.run.cancel();
      open.run.fail(error);
    }
  }

  async #sendInput(
    id: number,
    window: Window,
    input: InputSource,
  ): Promise<void> {
    let sequence = 0;
    for (
      let bytes = await input.next();
      bytes !== undefined;
      bytes = await input.next()
    ) {
      for (let at = 0; at < bytes.length;) {
        const room = await window.take(
          Math.min(bytes.length - at, MAX_DATA_LENGTH),
        );
        // The run has ended.
        if (room === 0) return;
        await this.#connection.send({
          stream: "stdin",
          id,
          sequence: sequence++,
          data: bytes.subarray(at, at + room),
        });
        at += room;
      }
    }
  }

  async #receive(): Promise<void> {
    let failure: unknown = lost();
    try {
      await this.#connection.forEach((frame) => this.#take(frame));
    } catch (error) {
      failure = error;
    }
    this.#failAll(failure);
    this.#connection.abort(failure);
  }

  #take(frame: WireFrame): undefined {
    if (!isControl(frame)) return this.#takeOutput(frame);
    if (frame.type === "refused" && fieldOf(frame, "id") === undefined) {
      throw refusalOf(frame);
    }
    const id = idOf(frame);
    const open = this.#runs.get(id);
    switch (frame.type) {
      case "more":
        if (open?.window.give(countOf(frame, "bytes")) !== false) return;
        throw broken("it takes more input than it was sent");
      case "refused":
        this.#runs.delete(id);
        open?.run.fail(refusalOf(frame));
        return;
      case "exit":
        this.#runs.delete(id);
        open?.run.finish(exitOf(frame));
        return;
      default:
        throw broken("the type of a message is unknown");
    }
  }

  #takeOutput({ stream, id, sequence, data }: Data): undefined {
    if (stream === "stdin") throw broken("it sends input");
    this.#runs.get(id)?.run.receive({ stream, sequence, data });
  }

  #failAll(error: unknown): void {
    this.#failure ??= { error };
    for (const { run } of this.#runs.values()) run.fail(error);
    this.#runs.clear();
  }

  #post(message: Control): void {
    // A failure to send ends the connection, and with it all runs.
    (async () => await this.#connection.send(message))().catch(() => undefined);
  }
}

/** Makes the error of a refusal that the server sent. */
export function refusalOf(frame: Control): CommandError {
  // Codes that a later version may add are shown as they are.
  return new CommandError(
    textOf(frame, "code") as CommandErrorCode,
    textOf(frame, "message"),
  );
}

function exitOf(frame: Control): CommandExit {
  const { code = null, signal = null, sha256, truncated } = frame;
  const isDigests = typeof sha256 === "object" && sha256 !== null &&
    "stdout" in sha256 && "stderr" in sha256;
  if (
    (code !== null && typeof code !== "number") ||
    (signal !== null && typeof signal !== "string") || !isDigests
  ) throw broken("it does not say how a run ended");
  return {
    code,
    signal,
    reason: textOf(frame, "reason") as EndReason,
    truncated: truncated === true,
    stdoutLength: countOf(frame, "stdoutLength"),
    stderrLength: countOf(frame, "stderrLength"),
    sha256: { stdout: String(sha256.stdout), stderr: String(sha256.stderr) },
    durationMs: countOf(frame, "durationMs"),
  };
}

/** The error of a connection that has ended too early. */
export function lost(): NetError {
  return new NetError(
    "CONNECTION_RESET",
    "The server closed the connection before the run had ended",
  );
}

function closed(): NetError {
  return new NetError(
    "CONNECTION_CLOSED",
    "The client was closed before the run had ended",
  );
}
