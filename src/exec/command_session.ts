import { FrameError } from "../codec/errors.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import { isNonce, isProof, makeNonce, makeProof } from "./authentication.ts";
import type { CommandRunner } from "./command_runner.ts";
import { asCommandError, CommandError } from "./errors.ts";
import type { RunningCommand } from "./running_command.ts";
import type { Caller, CommandExit } from "./types.ts";
import { Window, WINDOW_LENGTH } from "./window.ts";
import {
  broken,
  type Control,
  countOf,
  type Data,
  fieldOf,
  idOf,
  isControl,
  PROTOCOL,
  textOf,
  wire,
  type WireFrame,
} from "./wire.ts";

/** Options of a session. */
export interface SessionOptions {
  readonly secret: Uint8Array | undefined;
  readonly handshakeTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Is called when the client has authenticated; throws to refuse it. */
  readonly admit: () => void;
}

/** A run as the connection sees it. */
interface Run {
  readonly running: RunningCommand;
  /** How much output may be sent. */
  readonly window: Window;
  /** How many bytes of input the program has not read yet. */
  inputWaiting: number;
}

/** The longest reason that a client is given, in UTF-16 units. */
const MAX_REASON_LENGTH = 1_024;

/** A connection of a client: the protocol in `wire.ts`, on the server's side. */
export class CommandSession {
  readonly #connection: FramedConnection<WireFrame>;
  readonly #runner: CommandRunner;
  readonly #options: SessionOptions;
  readonly #runs = new Map<number, Run>();
  /** Promises that settle when a run has ended and the client was told. */
  readonly #finishing = new Set<Promise<void>>();
  #caller: Caller;
  #closing = false;
  /** Whether the session has ended; no timer may be set then. */
  #over = false;
  #callOff: (() => void) | undefined;

  constructor(
    connection: FramedConnection<WireFrame>,
    runner: CommandRunner,
    options: SessionOptions,
    caller: Caller,
  ) {
    this.#connection = connection;
    this.#runner = runner;
    this.#options = options;
    this.#caller = caller;
  }

  /** Serves the client until it is gone. */
  async run(): Promise<void> {
    const connection = this.#connection;
    // A run writes to its client only now and then: without this, the end of
    // the connection would be noticed too late.
    void connection.closed.then(() => this.#endAll());
    try {
      if (!await this.#handshake()) return;
      this.#waitForRun();
      await connection.forEach((frame) => this.#take(frame));
      // A half-closed client is taken for gone: it could not acknowledge output.
      if (!this.#closing) connection.abort();
    } catch (error) {
      this.#refuseAll(error);
      throw error;
    } finally {
      this.#over = true;
      this.#callOff?.();
      await this.#endAll();
    }
  }

  /** Ends all runs, since the server closes. */
  close(): void {
    this.#closing = true;
    void this.#endAll();
  }

  /** Returns whether the client has stayed until its end. */
  async #handshake(): Promise<boolean> {
    const { secret, handshakeTimeoutMs } = this.#options;
    const connection = this.#connection;
    const nonce = makeNonce();
    await connection.send({
      type: "hello",
      protocol: PROTOCOL,
      authentication: secret === undefined ? "none" : "hmac-sha-256",
      nonce,
    });
    if (secret !== undefined) {
      this.#cutAfter(
        handshakeTimeoutMs,
        "did not authenticate",
        "handshakeTimeoutMs",
      );
      const answer = await connection.receive();
      // As of a health check: nobody was refused.
      if (answer === undefined) return false;
      const theirs = checkAuthentication(answer, secret, nonce);
      this.#caller = { ...this.#caller, authenticated: true };
      this.#options.admit();
      await connection.send({
        type: "welcome",
        proof: makeProof(secret, "server", nonce, theirs),
      });
    }
    connection.switchCodec(wire);
    return true;
  }

  #take(frame: WireFrame): Promise<void> | undefined {
    if (!isControl(frame)) return this.#takeInput(frame);
    if (frame.type === "run") return this.#start(frame);
    const run = this.#runs.get(idOf(frame));
    switch (frame.type) {
      case "cancel":
        void run?.running.end("cancelled");
        return undefined;
      case "input-end":
        run?.running.endInput();
        return undefined;
      case "more":
        if (run?.window.give(countOf(frame, "bytes")) !== false) {
          return undefined;
        }
        throw broken("it takes more output than it was sent");
      default:
        throw broken("the type of a message is unknown");
    }
  }

  #takeInput({ stream, id, data }: Data): undefined {
    if (stream !== "stdin") throw broken("it sends output");
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.inputWaiting += data.length;
    if (run.inputWaiting > WINDOW_LENGTH) {
      throw broken("it sends more input than it may");
    }
    run.running.write(data, () => {
      run.inputWaiting -= data.length;
      if (this.#runs.has(id)) {
        this.#post({ type: "more", id, bytes: data.length });
      }
    });
  }

  #start(message: Control): Promise<void> | undefined {
    const id = idOf(message);
    if (this.#runs.has(id)) throw broken("the id of a run is in use");
    const args = fieldOf(message, "arguments");
    if (args === undefined) throw broken("run.arguments is missing");
    const request = {
      command: textOf(message, "command"),
      args,
      input: fieldOf(message, "input") === true,
    };
    if (this.#closing) return undefined;
    const window = new Window();
    let sequence = 0;
    try {
      const running = this.#runner.start(request, this.#caller, {
        room: (most) => window.take(most),
        send: (stream, data) =>
          this.#connection.send({ stream, id, sequence: sequence++, data }),
        close: () => window.close(),
      });
      this.#runs.set(id, { running, window, inputWaiting: 0 });
      this.#callOff?.();
      const finishing = this.#finish(id, running);
      this.#finishing.add(finishing);
      void finishing.then(() => this.#finishing.delete(finishing));
      return undefined;
    } catch (error) {
      return this.#connection.send(refusal(error, id));
    }
  }

  async #finish(id: number, running: RunningCommand): Promise<void> {
    let last: Control;
    try {
      last = exitMessage(id, await running.ended);
    } catch (error) {
      last = refusal(error, id);
    }
    this.#runs.delete(id);
    if (this.#runs.size === 0) this.#waitForRun();
    this.#post(last);
  }

  /** Ends all runs, and waits until the last process is gone. */
  async #endAll(): Promise<void> {
    const reason = this.#closing ? "closing" : "disconnected";
    for (const { running } of this.#runs.values()) void running.end(reason);
    await Promise.all(this.#finishing);
  }

  /** Records why a connection is refused, and tells the client. */
  #refuseAll(error: unknown): void {
    const refused = error instanceof FrameError ? broken(error.message) : error;
    if (!(refused instanceof CommandError)) return;
    this.#runner.refuse(refused, this.#caller);
    this.#post(refusal(refused));
  }

  #waitForRun(): void {
    this.#cutAfter(
      this.#options.idleTimeoutMs,
      "ran nothing",
      "idleTimeoutMs",
    );
  }

  #cutAfter(ms: number, what: string, option: string): void {
    this.#callOff?.();
    if (this.#over) return;
    this.#callOff = after(ms, () => {
      const error = new NetError(
        "TIMED_OUT",
        `The client ${what} in ${ms} ms (${option})`,
        { limit: option },
      );
      this.#connection.abort(error);
    });
  }

  /** Sends a control message without waiting for room: it is small. */
  #post(message: Control): void {
    // Without it the client would wait for ever: it ends the session.
    (async () => await this.#connection.send(message))()
      .catch((error) => this.#connection.abort(error));
  }
}

/** Checks the client's proof; returns its nonce. */
function checkAuthentication(
  answer: WireFrame,
  secret: Uint8Array,
  serverNonce: string,
): string {
  if (!isControl(answer) || answer.type !== "authenticate") {
    throw new CommandError(
      "AUTHENTICATION_REQUIRED",
      "The server wants to know that the client knows the secret",
    );
  }
  const nonce = textOf(answer, "nonce");
  const expected = makeProof(secret, "client", serverNonce, nonce);
  if (isNonce(nonce) && isProof(textOf(answer, "proof"), expected)) {
    return nonce;
  }
  throw new CommandError(
    "AUTHENTICATION_FAILED",
    "The client does not know the secret",
  );
}

function refusal(error: unknown, id?: number): Control {
  const { code, message } = asCommandError(error);
  return {
    type: "refused",
    ...(id !== undefined && { id }),
    code,
    // It may come from a schema, and no frame may be longer than its limit.
    message: message.slice(0, MAX_REASON_LENGTH),
  };
}

function exitMessage(id: number, exit: CommandExit): Control {
  const { sha256: { stdout, stderr } } = exit;
  return { type: "exit", id, ...exit, sha256: { stdout, stderr } };
}
