/** Programs of other people's making, in processes of their own. */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { spawnSync } from "node:child_process";
import { type Codec, connect, type Connection } from "../../mod.ts";
import { Child } from "../interop/child.ts";
import { randomCut, singleBytes } from "../support/cuts.ts";
import { assertDecodes } from "../support/run_decoder.ts";

/** What a peer prints first. */
interface Greeting {
  /** What it is. */
  readonly version: string;
  /** The ports of its listeners. */
  readonly ports: Readonly<Record<string, number>>;
}

/** A program that answers every message with "R: " and the message. */
export class Peer implements AsyncDisposable {
  readonly version: string;

  readonly #child: Child;
  readonly #ports: Readonly<Record<string, number>>;

  /** Starts it. It must print its {@linkcode Greeting}, and end with its input. */
  static async start(command: readonly string[]): Promise<Peer> {
    const child = new Child(command);
    return new Peer(child, JSON.parse(await child.firstLine));
  }

  private constructor(child: Child, { version, ports }: Greeting) {
    this.#child = child;
    this.version = version;
    this.#ports = ports;
  }

  /**
   * Sends chunks, a write each, and returns all that comes back.
   *
   * @param listener Which listener.
   * @param chunks What to send.
   * @param replyLength How many bytes to wait for before the end of what is sent
   * is told: there are peers that close at once when it is.
   */
  async exchange(
    listener: string,
    chunks: readonly Uint8Array[],
    replyLength = 0,
  ): Promise<Uint8Array<ArrayBuffer>> {
    await using connection = await this.#connect(listener);
    const writer = connection.writable.getWriter();
    const sent = (async () => {
      for (const chunk of chunks) await writer.write(chunk);
      writer.releaseLock();
      if (replyLength === 0) await connection.closeWrite();
    })();
    const received: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of connection.readable) {
      received.push(chunk);
      length += chunk.length;
      if (replyLength > 0 && length >= replyLength) {
        await sent;
        await connection.closeWrite();
      }
    }
    await sent;
    return concat(received);
  }

  /** Sends chunks and the end of the stream, and only then reads. */
  async exchangeLate(
    listener: string,
    chunks: readonly Uint8Array[],
  ): Promise<Uint8Array<ArrayBuffer>> {
    await using connection = await this.#connect(listener);
    const writer = connection.writable.getWriter();
    for (const chunk of chunks) await writer.write(chunk);
    writer.releaseLock();
    await connection.closeWrite();
    const received: Uint8Array[] = [];
    for await (const chunk of connection.readable) received.push(chunk);
    return concat(received);
  }

  /**
   * Sends messages and checks their replies. What goes out is cut by us, what
   * comes back is decoded however it is cut.
   */
  async checkReplies<T>(
    listener: string,
    codec: Codec<T>,
    messages: readonly T[],
    replies: readonly T[],
  ): Promise<void> {
    const encode = (frames: readonly T[]) =>
      concat(frames.map((frame) => codec.encode(frame)));
    const bytes = encode(messages);
    const wanted = encode(replies);
    const cuts = [[bytes], randomCut(bytes, 1), singleBytes(bytes)];
    for (const chunks of cuts) {
      assertEquals(
        await this.exchange(listener, chunks, wanted.length),
        wanted,
        `${this.version}, ${listener}: ${chunks.length} chunks`,
      );
    }
    assertDecodes(() => codec, wanted, { frames: [...replies] });
  }

  #connect(listener: string): Promise<Connection> {
    const port = this.#ports[listener];
    if (port === undefined) throw new TypeError(`No listener: ${listener}`);
    return connect({ port }, { timeoutMs: 5_000 });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using child = this.#child;
    await child.stop("stdin");
  }
}

/** The option of a test that needs a command to succeed, or says why not. */
export function needs(
  why: string,
  program: string,
  ...args: readonly string[]
): { skip: string | false } {
  const { status } = spawnSync(program, args, { stdio: "ignore" });
  return { skip: status !== 0 && why };
}
