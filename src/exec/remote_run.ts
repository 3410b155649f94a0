import { checkBytes, checkOptions, type OptionKinds } from "../checks.ts";
import { createHash } from "node:crypto";
import { COLLECT_MAX_BYTES } from "../defaults.ts";
import { BoundedQueue } from "../net/bounded_queue.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { concat } from "../net/bytes.ts";
import { CommandError } from "./errors.ts";
import type { CommandExit, CommandOutput, OutputStream } from "./types.ts";
import { WINDOW_LENGTH } from "./window.ts";
import { broken } from "./wire.ts";

/** All output of a run, made by {@linkcode CommandRun.collect}. */
export interface CollectedOutput {
  /** All of the standard output. */
  readonly stdout: Uint8Array;
  /** All of the standard error. */
  readonly stderr: Uint8Array;
  /** How the run ended. */
  readonly exit: CommandExit;
}

/** Options of {@linkcode CommandRun.collect}. */
export interface CollectOptions {
  /**
   * The most bytes to keep; the run is cancelled where there are more.
   *
   * @default {67_108_864}
   */
  maxBytes?: number;
}

const collectKinds: OptionKinds<CollectOptions> = { maxBytes: "checked" };

/**
 * A command that runs on the server: an async iterable of its output. Take the
 * output by iterating, `collect` or `discard`. Otherwise backpressure stops the
 * program until its `timeoutMs` is over. Leaving the loop discards the rest.
 */
export interface CommandRun extends AsyncIterable<CommandOutput> {
  /**
   * How it ended. Resolves when the program has ended on the server, whatever
   * its exit status, and all output has arrived.
   *
   * Rejects with a `CommandError` where it was refused or its output is damaged,
   * with a `NetError` where the connection was lost, and with the reason of the
   * `signal` where that is aborted. So does the iteration.
   */
  readonly exit: Promise<CommandExit>;
  /** Asks the server to end it; `exit` says when it has. */
  cancel(): void;
  /** Drops all output that has not been taken, now and later. */
  discard(): void;
  /**
   * Takes all output.
   *
   * @throws {CommandError} If it is more than `maxBytes`, or for what `exit`
   * rejects with.
   */
  collect(options?: CollectOptions): Promise<CollectedOutput>;
}

/** The messages that a run sends over its connection. */
export interface RunLink {
  /** Acknowledges output. */
  more(bytes: number): void;
  /** Asks for the end. */
  cancel(): void;
}

/** From how many bytes on output is acknowledged: not once for every line. */
const TELL_FROM = WINDOW_LENGTH / 4;

/** A run on the client's side. */
export class RemoteRun implements CommandRun {
  readonly exit: Promise<CommandExit>;

  readonly #link: RunLink;
  readonly #exited: Deferred<CommandExit>;
  readonly #hashes = {
    stdout: createHash("sha256"),
    stderr: createHash("sha256"),
  };
  /** The output that has not been taken. The window of the run bounds it. */
  readonly #queue = new BoundedQueue<CommandOutput>({
    highWaterMark: Infinity,
    sizeOf: ({ data }) => data.length,
  });
  #sequence = 0;
  /** How many bytes have arrived that have not been acknowledged. */
  #open = 0;
  #taken = 0;
  #discarding = false;
  #settled = false;

  constructor(link: RunLink) {
    this.#link = link;
    this.#exited = deferred();
    this.exit = this.#exited.promise;
    // A program that only iterates learns of a failure there.
    this.exit.catch(() => undefined);
  }

  cancel(): void {
    if (!this.#settled) this.#link.cancel();
  }

  discard(): void {
    this.#discarding = true;
    let length = 0;
    for (
      let output = this.#queue.take();
      output !== undefined;
      output = this.#queue.take()
    ) length += output.data.length;
    this.#take(length);
  }

  async collect(options: CollectOptions = {}): Promise<CollectedOutput> {
    checkOptions("collect", options, collectKinds);
    const { maxBytes = COLLECT_MAX_BYTES } = options;
    checkBytes("maxBytes", maxBytes);
    const parts: Record<OutputStream, Uint8Array[]> = {
      stdout: [],
      stderr: [],
    };
    let length = 0;
    for await (const { stream, data } of this) {
      length += data.length;
      if (length > maxBytes) {
        this.cancel();
        throw new CommandError(
          "OUTPUT_TOO_LARGE",
          `Cannot collect the output: it is more than ${maxBytes} bytes (maxBytes)`,
        );
      }
      parts[stream].push(data);
    }
    const exit = await this.exit;
    return { stdout: concat(parts.stdout), stderr: concat(parts.stderr), exit };
  }

  [Symbol.asyncIterator](): AsyncIterator<CommandOutput, undefined, void> {
    return {
      next: () => this.#next(),
      return: () => {
        this.discard();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  /** Takes output from the connection. */
  receive(output: CommandOutput): void {
    const { stream, sequence, data } = output;
    if (sequence !== this.#sequence++) throw broken("output is missing");
    this.#open += data.length;
    if (this.#open > WINDOW_LENGTH) throw broken("it sends more than it may");
    this.#hashes[stream].update(data);
    if (this.#discarding) return this.#take(data.length);
    this.#queue.push(output);
  }

  /** Takes the end from the connection. */
  finish(exit: CommandExit): void {
    const { stdout, stderr } = exit.sha256;
    if (
      stdout !== this.#hashes.stdout.digest("hex") ||
      stderr !== this.#hashes.stderr.digest("hex")
    ) {
      const error = new CommandError(
        "OUTPUT_DAMAGED",
        "The output does not have the digest that the server sent",
      );
      return this.fail(error);
    }
    this.#settled = true;
    this.#exited.resolve(exit);
    this.#queue.end();
  }

  /** Ends it for an error. */
  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#exited.reject(error);
    this.#queue.fail(error);
  }

  async #next(): Promise<IteratorResult<CommandOutput, undefined>> {
    const value = await this.#queue.next();
    if (value === undefined) return { done: true, value };
    this.#take(value.data.length);
    return { done: false, value };
  }

  #take(length: number): void {
    this.#taken += length;
    if (this.#settled || this.#taken < TELL_FROM) return;
    this.#open -= this.#taken;
    this.#link.more(this.#taken);
    this.#taken = 0;
  }
}
