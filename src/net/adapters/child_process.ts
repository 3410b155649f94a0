import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { checkOptions, type OptionKinds } from "../../checks.ts";
import { LINGER_MS } from "../../defaults.ts";
import type { Address } from "../address.ts";
import { NetError } from "../errors.ts";
import { after } from "../timer.ts";
import type { Transport } from "../transport.ts";
import { checkExactArguments } from "./exact_arguments.ts";
import { NodeStreamsTransport } from "./node_streams_transport.ts";
import { ProcessError } from "./process_error.ts";
import { ProcessGroup } from "./process_group.ts";
import { codeOf, transferError } from "./runtime_errors.ts";

/** Options of {@linkcode childProcess}. */
export interface ChildProcessOptions {
  /**
   * The working directory.
   *
   * @default {that of this process}
   */
  cwd?: string;
  /**
   * All environment variables of the program.
   *
   * @default {those of this process}
   */
  env?: Readonly<Record<string, string>>;
  /**
   * Is called with what the program writes to standard error.
   *
   * @default {it goes to standard error of this process}
   */
  onStderr?: (chunk: Uint8Array) => void;
}

const kinds: OptionKinds<ChildProcessOptions> = {
  cwd: "string",
  env: "object",
  onStderr: "function",
};

/**
 * Starts a program, and makes a transport of its standard input and output. There is
 * no shell: each argument arrives as it is.
 *
 * The end comes when the program has exited with 0 and its output is read to the end,
 * or, where it goes on without output, two seconds after it has closed that. Any other exit breaks the connection with a {@linkcode ProcessError}, behind all of
 * its output. A program that reads no more input (`CONNECTION_RESET`) is read on until
 * it exits.
 *
 * `close` ends the program's input, reads its output while there is some, and kills it
 * where it has not exited in about four seconds. `abort` kills it at once (`SIGKILL`).
 * So does the end of this process. What the program itself has started is killed with
 * it.
 *
 * @example
 * ```ts
 * import { framed, lines } from "@framewire/framewire";
 * import { childProcess } from "@framewire/framewire/net/process";
 * import { assertEquals } from "@std/assert";
 *
 * const sort = framed(await childProcess("sort", ["-n"]), lines());
 * for (const line of ["10", "9", "1"]) await sort.send(line);
 * await sort.closeWrite();
 * assertEquals(await Array.fromAsync(sort), ["1", "9", "10"]);
 * assertEquals(await sort.closed, { by: "local" });
 * ```
 *
 * @param file The program: a path, or a name that is searched for in `PATH`.
 * @param args Its arguments.
 * @param options Where it runs, and where its standard error goes.
 * @returns The transport.
 * @throws {NetError} If the program cannot be started: `HOST_NOT_FOUND` where it, or
 * `cwd`, does not exist, `PERMISSION_DENIED` where it is not allowed.
 * @throws {TypeError} If Deno would start it with other arguments.
 */
export async function childProcess(
  file: string,
  args: readonly string[] = [],
  options: ChildProcessOptions = {},
): Promise<Transport> {
  checkOptions("childProcess", options, kinds);
  const { cwd, env, onStderr } = options;
  if (typeof file !== "string" || !Array.isArray(args)) {
    throw new TypeError(
      `Cannot start ${file}: expected the name of a program and a list of arguments`,
    );
  }
  checkExactArguments(file, args);
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
      // The leader of a group of its own, so that the whole group can be ended.
      detached: true,
      shell: false,
      stdio: ["pipe", "pipe", onStderr === undefined ? "inherit" : "pipe"],
    });
  } catch (cause) {
    throw startError(file, cause);
  }
  const { pid, stdin, stdout } = child;
  if (pid === undefined || stdin === null || stdout === null) {
    const [cause]: unknown[] = await once(child, "error");
    throw startError(file, cause);
  }
  // What this function returns tells of its end.
  child.on("error", () => undefined);
  if (onStderr !== undefined) {
    child.stderr?.on(
      "data",
      ({ buffer, byteOffset, byteLength }: Uint8Array) =>
        onStderr(new Uint8Array(buffer, byteOffset, byteLength)),
    );
  }
  return new ChildTransport(file, child, stdin, stdout, new ProcessGroup(pid));
}

class ChildTransport extends NodeStreamsTransport {
  readonly #file: string;
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #stdout: Readable;
  readonly #group: ProcessGroup;
  #exit: readonly [status: number | null, signal: string | null] | undefined;
  #outputEnded = false;
  /** Cancels what is to be done if the program does not exit. */
  #cancel: (() => void) | undefined;

  constructor(
    file: string,
    child: ChildProcess,
    stdin: Writable,
    stdout: Readable,
    group: ProcessGroup,
  ) {
    const address: Address = { transport: "memory", name: file };
    super(stdout, stdin, address, address);
    this.#file = file;
    this.#child = child;
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#group = group;
    // The write that has failed tells of it.
    stdin.on("error", () => undefined);
    stdout.on("error", (cause) => this.fail(transferError(cause)));
    child.once("exit", (status, signal) => {
      this.#exit = [status, signal];
      this.#cancel?.();
      group.release();
      if (this.#outputEnded) this.#tellEnd(status, signal);
    });
  }

  override closeWrite(): Promise<void> {
    // The input of a program that has exited is closed already.
    return this.#exit === undefined
      ? super.closeWrite()
      : this.writer.flushed();
  }

  close(): void {
    this.release(() => {
      this.#stdin.end();
      this.#stdout.destroy();
      if (this.#exit !== undefined) return;
      this.#cancel?.();
      this.#cancel = after(LINGER_MS, () => this.#kill());
    });
  }

  abort(): void {
    this.release(() => {
      this.#kill();
      this.#stdin.destroy();
      this.#stdout.destroy();
    });
  }

  protected override writeFailed(): void {
    // Its output goes on, and its exit follows.
  }

  #kill(): void {
    this.#group.signal("SIGKILL");
    // With --allow-run=LIST, Deno allows this only.
    this.#child.kill("SIGKILL");
  }

  /**
   * The output has ended. Whether it is whole is known by the exit, which mostly
   * follows at once.
   */
  protected override ended(): void {
    this.#outputEnded = true;
    if (this.#exit !== undefined) this.#tellEnd(...this.#exit);
    else this.#cancel = after(LINGER_MS, () => this.delivery.end());
  }

  #tellEnd(status: number | null, signal: string | null): void {
    if (status !== 0) {
      this.fail(new ProcessError(this.#file, status, signal));
    } else if (this.writer.failure !== undefined) {
      this.fail(this.writer.failure);
    } else this.delivery.end();
  }
}

function startError(file: string, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "HOST_NOT_FOUND"
    ? "there is no such program, or no such directory (cwd)"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new NetError(code, `Cannot start ${file}: ${why}`, { cause });
}
