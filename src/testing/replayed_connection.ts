import { afterSockets } from "../net/after_sockets.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type { Connection } from "../net/types.ts";
import type { PlayOrder } from "./play_order.ts";
import type { RecordedConnection } from "./recorded_connections.ts";
import type { RecordedFrame } from "./recorded_frame.ts";
import { type PeerSettings, RecordedPeer } from "./recorded_peer.ts";
import { type RecordedLine, ReplayError, shownBytes } from "./replay_error.ts";
import { withinPause } from "./within_pause.ts";

/** How connections are replayed. */
export interface ReplaySettings extends PeerSettings {
  /**
   * The pause between two frames, as a part of that which was recorded: 1 as recorded,
   * 0 for none.
   */
  readonly pace: number;
  readonly timeoutMs: number;
  /** Has frames wait for those of other connections that were recorded before them. */
  readonly order?: PlayOrder;
}

/** A connection on which one side of a recorded one is played to the peer. */
export class ReplayedConnection {
  readonly #connection: Connection;
  readonly #recorded: RecordedConnection;
  readonly #settings: ReplaySettings;
  readonly #peer: RecordedPeer;
  /** Whether the peer has ended, or sends something else. */
  #isReadingOver = false;
  /** Resolves when something has come of the peer. */
  #news: Deferred<true> = deferred<true>();
  /** How many lines have been played. */
  #played = 0;

  /** Makes the one of a recorded connection. */
  constructor(
    connection: Connection,
    recorded: RecordedConnection,
    settings: ReplaySettings,
  ) {
    this.#connection = connection;
    this.#recorded = recorded;
    this.#settings = settings;
    const { number, lines } = recorded;
    this.#peer = new RecordedPeer(
      number,
      lines.filter(({ frame }) => this.#isOfPeer(frame)),
      settings,
    );
  }

  /**
   * Plays all of it.
   *
   * @param closing Resolves when a client that has sent everything, and whose end was
   * not recorded, is not waited for any longer. A server is not waited for.
   * @throws {ReplayError} If the peer does something else than was recorded.
   */
  async play(closing?: Promise<void>): Promise<void> {
    try {
      const reading = this.#read();
      const writing = this.#write(reading).then(() =>
        closing === undefined
          ? this.#connection.close()
          : this.#untilEnd(reading, closing)
      );
      await Promise.all([reading, writing]);
      await this.#connection.close();
    } catch (error) {
      const { onDifference } = this.#settings;
      if (onDifference === undefined || !(error instanceof ReplayError)) {
        throw error;
      }
      onDifference(error);
      this.#connection.abort(error);
    } finally {
      while (this.#played < this.#recorded.lines.length) this.#endLine();
    }
  }

  #isOfPeer({ direction }: RecordedFrame): boolean {
    const fromPeer = this.#settings.peer === "client" ? "toServer" : "toClient";
    return direction === fromPeer;
  }

  /** Reads ahead: the peer may send a frame earlier than it was recorded. */
  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#connection.readable) {
        this.#peer.data(chunk);
        this.#wake();
      }
      this.#peer.end();
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      // A reset counts as an end: not every runtime can tell them apart.
      this.#peer.end("a reset", error);
    } finally {
      this.#isReadingOver = true;
      this.#wake();
    }
  }

  /** Sends each frame when all that the peer sent before it have come. */
  async #write(reading: Promise<void>): Promise<void> {
    const failed = reading.then(() => new Promise<never>(() => undefined));
    failed.catch(() => undefined);
    const writer = this.#connection.writable.getWriter();
    // The reader of the connection is told of its failure, too.
    writer.closed.catch(() => undefined);
    let expected = 0;
    let before: number | undefined;
    for (const line of this.#recorded.lines) {
      const { frame } = line;
      if (this.#isOfPeer(frame)) {
        if (!await this.#hasArrived(++expected)) return;
      } else {
        const recorded = before === undefined ? 0 : frame.time - before;
        const ms = recorded * this.#settings.pace;
        if (ms > 0) await withinPause(failed, ms);
        await this.#settings.order?.turnOf(line.line);
        if (!await this.#send(writer, line)) return;
      }
      this.#endLine();
      before = frame.time;
    }
  }

  /** One more line has been played. */
  #endLine(): void {
    const { line } = this.#recorded.lines[this.#played++]!;
    this.#settings.order?.played(line);
  }

  /** Waits for so many frames of the peer; `false` where it has failed. */
  async #hasArrived(count: number): Promise<boolean> {
    const { timeoutMs } = this.#settings;
    while (this.#peer.arrived < count) {
      if (this.#isReadingOver) return false;
      const { promise: news } = this.#news;
      const isSilent = await withinPause(news, timeoutMs) === undefined &&
        await Promise.race([news, socketsRead()]) === undefined;
      if (isSilent) this.#peer.silence(timeoutMs);
    }
    return true;
  }

  /** Sends a frame, or the end; `false` where the connection has failed. */
  async #send(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    { frame: { data }, line }: RecordedLine,
  ): Promise<boolean> {
    const { peer, timeoutMs } = this.#settings;
    const sending = data.length > 0 ? writer.write(data) : writer.close();
    const sent = await withinPause(
      sending.then(() => "sent", () => "failed"),
      timeoutMs,
    );
    if (sent !== undefined) return sent === "sent";
    throw new ReplayError({
      peer,
      line,
      connection: this.#recorded.number,
      expected: `${shownBytes(data)} to be read`,
      got: `a ${peer} that reads nothing for ${timeoutMs} ms`,
    });
  }

  /** Waits for an end of the client that was not recorded. */
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

/** Resolves when what has arrived, while the program was busy, is handed out. */
function socketsRead(): Promise<undefined> {
  return new Promise((resolve) => {
    afterSockets(() => resolve(undefined));
  });
}
