import { FrameError } from "../../codec/errors.ts";
import type { Codec, Decoder } from "../../codec/types.ts";
import { type Deferred, deferred } from "../../net/deferred.ts";
import { NetError } from "../../net/errors.ts";
import { after } from "../../net/timer.ts";
import type { Connection } from "../../net/types.ts";

/** A conversation with an echo server on one connection. */
export class EchoTalk implements AsyncDisposable {
  /** The frames that have come back. */
  readonly frames: unknown[] = [];
  /** The bytes that have come back. */
  readonly received: Uint8Array[] = [];
  /** How the server has ended its side; `undefined` while it is open. */
  end: "closed" | "reset" | undefined;
  /** Why the bytes that have come back are no frames. */
  bad: FrameError | undefined;
  readonly #connection: Connection;
  readonly #decoder: Decoder<unknown>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #timeoutMs: number;
  readonly #reading: Promise<void>;
  #sending: Promise<void> = Promise.resolve();
  #news: Deferred<"news"> = deferred();

  /** Begins it; a server that is silent for `timeoutMs` is waited for no longer. */
  constructor(
    connection: Connection,
    codec: Codec<unknown>,
    timeoutMs: number,
  ) {
    this.#connection = connection;
    this.#decoder = codec.decoder();
    this.#writer = connection.writable.getWriter();
    this.#timeoutMs = timeoutMs;
    this.#reading = this.#read();
  }

  /** Sends chunks, each in a task of its own; what comes of it, reading shows. */
  send(chunks: readonly Uint8Array[]): void {
    this.#sending = this.#sending.then(async () => {
      for (const chunk of chunks) {
        if (this.end !== undefined) return;
        await this.#writer.write(chunk);
        this.#tell();
        // The system sends it before the next one is written.
        if (chunks.length > 1) await pause();
      }
    }).catch(ignoreNetwork);
  }

  /** Tells the server that nothing more will come. */
  closeWrite(): void {
    this.#sending = this.#sending.then(() => this.#connection.closeWrite())
      .catch(ignoreNetwork);
  }

  /** Waits until something is so; `false` if the server was silent before. */
  async until(isSo: () => boolean): Promise<boolean> {
    while (!isSo()) {
      const silence = deferred<"silence">();
      const cancel = after(
        this.#timeoutMs,
        () => silence.resolve("silence"),
      );
      const what = await Promise.race([this.#news.promise, silence.promise]);
      cancel();
      if (what === "silence") return isSo();
    }
    return true;
  }

  /** Breaks it off. */
  stop(): void {
    this.#connection.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.end === "closed") this.closeWrite();
    else this.#connection.abort();
    await this.#reading;
    await this.#sending;
    this.#writer.releaseLock();
    await this.#connection.close();
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#connection.readable) {
        this.received.push(chunk);
        if (this.bad === undefined) this.#decode((it) => it.push(chunk));
        this.#tell();
      }
      if (this.bad === undefined) this.#decode((it) => it.end());
      this.end = "closed";
    } catch (error) {
      ignoreNetwork(error);
      this.end = "reset";
    } finally {
      this.#tell();
    }
  }

  #decode(take: (decoder: Decoder<unknown>) => void): void {
    try {
      take(this.#decoder);
      for (let frame; (frame = this.#decoder.next()) !== undefined;) {
        this.frames.push(frame);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.bad = error;
    }
  }

  #tell(): void {
    this.#news.resolve("news");
    this.#news = deferred();
  }
}

/** A connection that breaks shows in what is read. */
function ignoreNetwork(error: unknown): void {
  if (!(error instanceof NetError)) throw error;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
