/** Programs that are killed and started again. */

/** All that run, to be ended with this process. */
const running = new Set<Deno.ChildProcess>();

// Also after Ctrl-C, and an error that nobody catches.
addEventListener("unload", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** What can be killed, and started again. */
export interface Killable {
  /** What it is, with its version. */
  readonly name: string;
  /** Starts it, and waits until it can be used. */
  start(): Promise<void>;
  /** Kills it at once. */
  kill(): Promise<void>;
}

/** A program, and when it can be used. */
export class Program implements Killable {
  readonly name: string;
  readonly #command: readonly [string, ...string[]];
  readonly #ready: string;
  #child: Deno.ChildProcess | undefined;

  /**
   * @param name What it is.
   * @param command What starts it.
   * @param ready What it prints when it can be used, on either stream.
   */
  constructor(
    name: string,
    command: readonly [string, ...string[]],
    ready: string,
  ) {
    this.name = name;
    this.#command = command;
    this.#ready = ready;
  }

  async start(): Promise<void> {
    const [program, ...args] = this.#command;
    const child = new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    running.add(child);
    let log = "";
    const ready = Promise.withResolvers<void>();
    const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        log += text;
        if (log.includes(this.#ready)) ready.resolve();
      }
    };
    const ended = Promise.all([read(child.stdout), read(child.stderr)]);
    ended.then(
      () => ready.reject(new Error(`${this.name} has ended:\n${log.trim()}`)),
      ready.reject,
    );
    await ready.promise;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill("SIGKILL");
    await child.status;
    running.delete(child);
  }
}
