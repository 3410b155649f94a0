import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type { Connection } from "../net/types.ts";
import type { CuttingCodec } from "./frame_cutter.ts";
import { type FrameComparison, RecordedClient } from "./recorded_client.ts";
import { type RecordedLine, ReplayError, shownBytes } from "./replay_error.ts";
import { withinPause } from "./within_pause.ts";

/** How connections are replayed. */
export interface ReplaySettings {
  readonly codec: CuttingCodec | undefined;
  readonly compare: FrameComparison | undefined;
  readonly timing: "immediate" | "recorded";
  readonly timeoutMs: number;
}

/** A connection to which the server's side of a recorded one is played. */
export class ReplayedConnection {
  readonly #connection: Connection;
  readonly #lines: readonly RecordedLine[];
  readonly #settings: ReplaySettings;
  readonly #number: number;
  readonly #client: RecordedClient;
  /** Whether the client has ended, or sends something else. */
  #isReadingOver = false;
  /** Resolves when something has come of the client. */
  #news: Deferred<true> = deferred<true>();

  /** Makes the one that is the `number`th, of its lines in the recording. */
  constructor(
    connection: Connection,
    number: number,
    lines: readonly RecordedLine[],
    settings: ReplaySettings,
  ) {
    this.#connection = connection;
    this.#lines = lines;
    this.#settings = settings;
    this.#number = number;
    this.#client = new RecordedClient(
      number,
      lines.filter(({ frame }) => frame.direction === "toServer"),
      settings.codec,
      settings.compare,
    );
  }

  /**
   * Plays all of it.
   *
   * @param closing Resolves when a client that has sent everything, and whose end was
   * not recorded, is not waited for any longer.
   * @throws {ReplayError} If the client does something else than was recorded.
   */
  async play(closing: Promise<void>): Promise<void> {
    const reading = this.#read();
    const writing = this.#write(reading).then(() =>
      this.#untilEnd(reading, closing)
    );
    await Promise.all([reading, writing]);
    await this.#connection.close();
  }

  /** Reads ahead: a client may send a frame earlier than it was recorded. */
  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#connection.readable) {
        this.#client.data(chunk);
        this.#wake();
      }
      this.#client.end();
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      // A reset counts as an end: not every runtime can tell them apart.
      this.#client.end("a reset", error);
    } finally {
      this.#isReadingOver = true;
      this.#wake();
    }
  }

  /** Sends each frame when all that the client sent before it have come. */
  async #write(reading: Promise<void>): Promise<void> {
    const failed = reading.then(() => new Promise<never>(() => undefined));
    failed.catch(() => undefined);
    const writer = this.#connection.writable.getWriter();
    // The reader of the connection is told of its failure, too.
    writer.closed.catch(() => undefined);
    let expected = 0;
    let before: number | undefined;
    for (const line of this.#lines) {
      const { time, direction } = line.frame;
      if (direction === "toServer") {
        if (!await this.#hasArrived(++expected)) return;
      } else {
        const ms = before === undefined ? 0 : time - before;
        if (this.#settings.timing === "recorded" && ms > 0) {
          await withinPause(failed, ms);
        }
        if (!await this.#send(writer, line)) return;
      }
      before = time;
    }
  }

  /** Waits for so many frames of the client; `false` where it has failed. */
  async #hasArrived(count: number): Promise<boolean> {
    const { timeoutMs } = this.#settings;
    while (this.#client.arrived < count) {
      if (this.#isReadingOver) return false;
      const news = await withinPause(this.#news.promise, timeoutMs);
      if (news === undefined) throw this.#client.silence(timeoutMs);
    }
    return true;
  }

  /** Sends a frame, or the end; `false` where the connection has failed. */
  async #send(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    { frame: { data }, line }: RecordedLine,
  ): Promise<boolean> {
    const { timeoutMs } = this.#settings;
    const sending = data.length > 0 ? writer.write(data) : writer.close();
    const sent = await withinPause(
      sending.then(() => "sent", () => "failed"),
      timeoutMs,
    );
    if (sent !== undefined) return sent === "sent";
    throw new ReplayError({
      line,
      connection: this.#number,
      expected: `${shownBytes(data)} to be read`,
      got: `a client that reads nothing for ${timeoutMs} ms`,
    });
  }

  /** Waits for an end that was not recorded. */
  async #untilEnd(
    reading: Promise<void>,
    closing: Promise<void>,
  ): Promise<void> {
    await Promise.race([reading, closing]);
    if (this.#isReadingOver) return;
    // What the client has sent until now is read up to its end.
    void this.#connection.closeWrite().catch(() => undefined);
    await withinPause(reading, this.#settings.timeoutMs);
    if (!this.#isReadingOver) this.#connection.abort();
  }

  #wake(): void {
    this.#news.resolve(true);
    this.#news = deferred<true>();
  }
}
