import { type ChildProcess, spawn } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { checkExactArguments } from "../net/adapters/exact_arguments.ts";
import { ProcessGroup } from "../net/adapters/process_group.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import type { Invocation } from "./command.ts";
import { CommandError } from "./errors.ts";
import type { CommandExit, EndReason, OutputStream } from "./types.ts";
import { MAX_DATA_LENGTH } from "./wire.ts";

/** Takes the output of a program, with backpressure. */
export interface OutputSink {
  /**
   * Reserves room for output. While there is none, the pipe is not read, and the
   * program blocks once the pipe is full.
   *
   * @returns For how many bytes there is room, up to `most`; 0 for none ever.
   */
  room(most: number): Promise<number>;
  /** Sends output for which room was reserved. */
  send(stream: OutputStream, data: Uint8Array): Promise<void> | undefined;
  /** Settles all calls of `room` that wait, with 0. */
  close(): void;
}

/** How often to check whether the processes have ended after `SIGTERM`. */
const POLL_MS = 20;

/** A program that was started: its output, its input and its end. */
export class RunningCommand {
  /**
   * Settles when the program has ended and its output is sent, and no process of
   * its group is left. Rejects where it could not be started.
   */
  readonly ended: Promise<CommandExit>;

  readonly #invocation: Invocation;
  readonly #sink: OutputSink;
  readonly #graceMs: number;
  readonly #started = performance.now();
  readonly #child: ChildProcess;
  readonly #streams: Record<OutputStream, { length: number; hash: Hash }> = {
    stdout: { length: 0, hash: createHash("sha256") },
    stderr: { length: 0, hash: createHash("sha256") },
  };
  /** How much more output may be sent. */
  #left: number;
  #reason: EndReason = "exited";
  #truncated = false;
  /** Whether the program has ended and its pipes are read to their end. */
  #drained = false;
  #ending: Promise<void> | undefined;
  #group: ProcessGroup | undefined;
  #inputFailed = false;
  /** Output that is being sent, and whether the run waits for that. */
  readonly #sending = new Set<Deferred<void>>();
  #givenUp = false;

  constructor(invocation: Invocation, sink: OutputSink, graceMs: number) {
    this.#invocation = invocation;
    this.#sink = sink;
    this.#graceMs = graceMs;
    this.#left = invocation.maxOutput;
    const { file, argv, cwd, env, input } = invocation;
    try {
      checkExactArguments(file, argv);
      this.#child = spawn(file, argv, {
        ...(cwd !== undefined && { cwd }),
        env,
        // The leader of a group of its own, so that the whole group can be ended.
        detached: true,
        shell: false,
        stdio: [input ? "pipe" : "ignore", "pipe", "pipe"],
      });
    } catch (cause) {
      throw notStarted(cause);
    }
    this.ended = this.#run();
  }

  /** Ends the whole group; the first reason counts. Says when that is done. */
  end(reason: EndReason): Promise<void> {
    return this.#ending ??= this.#end(reason);
  }

  /**
   * Gives the program standard input. If the program has closed its input, the
   * bytes are lost, as in any pipe.
   *
   * @param taken Is called when the pipe has taken the bytes.
   */
  write(bytes: Uint8Array, taken: () => void): void {
    if (this.#inputFailed) return taken();
    this.#child.stdin?.write(bytes, () => taken());
  }

  /** Ends the program's standard input. */
  endInput(): void {
    if (!this.#inputFailed) this.#child.stdin?.end();
  }

  async #run(): Promise<CommandExit> {
    const child = this.#child;
    const exited: Deferred<readonly [number | null, string | null]> =
      deferred();
    child.once("exit", (code, signal) => exited.resolve([code, signal]));
    child.once("error", (cause) => exited.reject(notStarted(cause)));
    child.stdin?.on("error", () => this.#inputFailed = true);
    const { pid, stdout, stderr } = child;
    // The error event says why.
    if (pid === undefined || stdout === null || stderr === null) {
      await exited.promise;
      throw notStarted(undefined);
    }
    const group = this.#group = new ProcessGroup(pid);
    const timer = setTimeout(
      () => void this.end("timed-out"),
      this.#invocation.timeoutMs,
    );
    const pumps = [this.#pump("stdout", stdout), this.#pump("stderr", stderr)];
    const [code, signal] = await exited.promise;
    // Processes that the program left behind would keep its pipes open.
    if (this.#ending === undefined) group.signal("SIGKILL");
    await Promise.all(pumps);
    this.#drained = true;
    clearTimeout(timer);
    await this.#ending;
    group.release();
    const of = this.#streams;
    return {
      code,
      signal,
      reason: this.#reason,
      truncated: this.#truncated,
      stdoutLength: of.stdout.length,
      stderrLength: of.stderr.length,
      sha256: {
        stdout: of.stdout.hash.digest("hex"),
        stderr: of.stderr.hash.digest("hex"),
      },
      durationMs: Math.round(performance.now() - this.#started),
    };
  }

  /** Sends the output of a pipe, and reads no more of it than there is room for. */
  async #pump(stream: OutputStream, source: Readable): Promise<void> {
    try {
      for await (const chunk of source as AsyncIterable<Uint8Array>) {
        if (!await this.#send(stream, chunk)) return;
      }
    } catch {
      // `#end` destroyed the pipe, or the connection failed. Either way, not all
      // output was sent.
      this.#truncated = true;
      void this.end("disconnected");
    }
  }

  /** Sends output; `false` when no more can be sent. */
  async #send(stream: OutputStream, chunk: Uint8Array): Promise<boolean> {
    const count = this.#streams[stream];
    for (let at = 0; at < chunk.length;) {
      const wanted = Math.min(chunk.length - at, this.#left, MAX_DATA_LENGTH);
      if (wanted === 0) void this.end("output-limit");
      // Subtracted before the wait: both streams share the limit.
      this.#left -= wanted;
      const room = wanted === 0 ? 0 : await this.#sink.room(wanted);
      this.#left += wanted - room;
      if (room === 0 || this.#givenUp) {
        this.#truncated = true;
        return false;
      }
      const data = chunk.subarray(at, at + room);
      count.length += room;
      count.hash.update(data);
      await this.#untilGivenUp(this.#sink.send(stream, data));
      at += room;
    }
    return true;
  }

  /** Waits for output to be sent, until the run gives up on the client. */
  async #untilGivenUp(sent: Promise<void> | undefined): Promise<void> {
    if (sent === undefined) return;
    const sending: Deferred<void> = deferred();
    this.#sending.add(sending);
    sent.then(sending.resolve, sending.reject);
    try {
      await sending.promise;
    } finally {
      this.#sending.delete(sending);
    }
  }

  async #end(reason: EndReason): Promise<void> {
    this.#reason = reason;
    const group = this.#group;
    if (group === undefined) return;
    // The client is gone: the rest of the output cannot be sent.
    if (reason === "disconnected") this.#sink.close();
    try {
      group.signal("SIGTERM");
      const deadline = performance.now() + this.#graceMs;
      while (performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        if (this.#drained && !await group.isRunning()) break;
      }
    } finally {
      // Also after an error above: the run must end.
      group.signal("SIGKILL");
      this.#giveUp();
    }
  }

  /** Destroys the pipes and stops waiting for the client. */
  #giveUp(): void {
    this.#givenUp = true;
    this.#sink.close();
    for (const sending of this.#sending) {
      sending.reject(new Error("The run has ended before it was sent"));
    }
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

function notStarted(cause: unknown): CommandError {
  // The client is not told the path.
  return new CommandError("START_FAILED", "The command could not be started", {
    cause,
  });
}
