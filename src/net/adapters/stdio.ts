import process from "node:process";
import { Readable, Writable } from "node:stream";
import type { Address } from "../address.ts";
import type { Transport } from "../transport.ts";
import type { NodeReadable, NodeWritable } from "./node_streams.ts";
import { NodeStreamsTransport } from "./node_streams_transport.ts";
import { transferError } from "./runtime_errors.ts";

const STDIO: Address = { transport: "memory", name: "stdio" };

let taken = false;

/**
 * Standard input and output of this process as a transport: for filters, and for
 * programs that another starts and talks to, such as language servers.
 *
 * The end of standard input is the end. Both stay open until the process exits, so
 * that is when the reader of the output sees its end: `closeWrite` and `close` wait
 * until everything is written, and no longer. A reader that has left (`EPIPE`) is
 * noticed when something is written to it, as `CONNECTION_RESET`. The program must
 * print with `console.error`, since `console.log` writes in the midst of the frames.
 *
 * @example A filter that counts the characters of each line
 * ```ts ignore
 * import { framed, lines } from "@framewire/framewire";
 * import { stdio } from "@framewire/framewire/net/process";
 *
 * const connection = framed(stdio(), lines());
 * await connection.forEach((line) => connection.send(`${line.length} ${line}`));
 * await connection.close();
 * ```
 *
 * @returns The transport.
 * @throws {TypeError} If it was called before: a process has one standard input.
 */
export function stdio(): Transport {
  if (taken) {
    throw new TypeError("Cannot use standard input: it is in use already");
  }
  taken = true;
  return new StdioTransport(standardInput(), standardOutput());
}

class StdioTransport extends NodeStreamsTransport {
  readonly #input: NodeReadable;

  constructor(input: NodeReadable, output: NodeWritable) {
    super(input, output, STDIO, STDIO);
    this.#input = input;
    input.on("error", (cause) => this.fail(transferError(cause)));
    // The write that has failed tells of it.
    output.on("error", () => undefined);
  }

  /** Everything is written: the output ends with the process. */
  override closeWrite(): Promise<void> {
    return this.writer.flushed();
  }

  close(): void {
    this.release(() => this.#input.destroy());
  }

  abort(): void {
    this.close();
  }

  protected override writeFailed(): void {
    this.reader.whenQuiet(() => this.fail(this.writer.failure));
  }
}

/** The parts of Deno and Bun that are used here. */
interface OtherRuntimes {
  readonly Deno?: {
    readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
    readonly stdout: { write(bytes: Uint8Array): Promise<number> };
  };
  readonly Bun?: {
    readonly stdin: { stream(): ReadableStream<Uint8Array> };
  };
}

const { Deno, Bun } = globalThis as OtherRuntimes;

/**
 * Standard input. `process.stdin` of Bun can lose its end when it is paused. That of
 * Deno, when it is destroyed, keeps the process alive until more arrives.
 */
function standardInput(): NodeReadable {
  const stream = Deno?.stdin.readable ?? Bun?.stdin.stream();
  if (stream === undefined) return process.stdin;
  const reader = stream.getReader();
  return new Readable({
    read() {
      reader.read().then(
        ({ value }) => this.push(value ?? null),
        (cause) => this.destroy(cause),
      );
    },
    destroy(cause, done) {
      reader.cancel().then(() => done(cause), done);
    },
  });
}

/** Standard output. That of Deno blocks the whole program while a pipe is full. */
function standardOutput(): NodeWritable {
  if (Deno === undefined) return process.stdout;
  const { stdout } = Deno;
  const writeAll = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) {
      at += await stdout.write(bytes.subarray(at));
    }
  };
  return new Writable({
    write(chunk, _encoding, done) {
      writeAll(chunk).then(() => done(), done);
    },
  });
}
