import { concat } from "../net/bytes.ts";
import { type CuttingCodec, FrameCutter } from "./frame_cutter.ts";
import {
  type RecordedLine,
  ReplayError,
  shownBytes,
  shownPair,
} from "./replay_error.ts";

/** Whether a frame of the peer counts as the recorded one. */
export type FrameComparison = (
  got: Uint8Array,
  expected: Uint8Array,
) => boolean;

/** What is done with what a peer does otherwise than it was recorded. */
export type OnDifference = (difference: ReplayError) => void;

/** How the peer of a replay is looked at. */
export interface PeerSettings {
  readonly peer: "client" | "server";
  readonly codec: CuttingCodec | undefined;
  readonly compare: FrameComparison | undefined;
  /** Is told of differences. Without it, the first one is thrown. */
  readonly onDifference: OnDifference | undefined;
}

/**
 * What a peer has been recorded to send on one connection, and how much of it has come.
 * Where differences are only told, whatever comes counts as the next frame.
 */
export class RecordedPeer {
  readonly #connection: number;
  readonly #lines: readonly RecordedLine[];
  readonly #settings: PeerSettings;
  readonly #cutter: FrameCutter;
  #arrived = 0;
  /** How many bytes of the next frame have come, and are the recorded ones. */
  #matched = 0;
  /** How many bytes have come before the next frame. */
  #offset = 0;
  /** Whether bytes need not be compared, since they differ already. */
  #hasOtherBytes = false;
  /** Whether it was told that more comes than was recorded. */
  #hasMore = false;

  /** Makes it of the frames from the peer, in their order. */
  constructor(
    connection: number,
    lines: readonly RecordedLine[],
    settings: PeerSettings,
  ) {
    this.#connection = connection;
    this.#lines = lines;
    this.#settings = settings;
    // Bytes that must be equal need no cutting: the first that differs is found at once.
    const { compare, codec } = settings;
    this.#cutter = new FrameCutter(compare && codec);
  }

  /** How many of the frames have come, the end included. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Whether there is nothing left to come, but an end that was not recorded. */
  get isComplete(): boolean {
    return this.#arrived === this.#lines.length;
  }

  /**
   * Takes bytes of the peer.
   *
   * @throws {ReplayError} If they are not the recorded ones.
   */
  data(chunk: Uint8Array): void {
    for (const frame of this.#cutter.push(chunk)) this.#takeFrame(frame);
    if (this.#cutter.isUncut) this.#takeBytes(this.#cutter.takeRest());
  }

  /**
   * Takes the end of the peer.
   *
   * @param got What it is called in the error, and the error underneath.
   * @throws {ReplayError} If more was recorded before it.
   */
  end(got: string = "the end of the stream", cause?: unknown): void {
    for (const frame of this.#cutter.end()) this.#takeFrame(frame);
    const rest = this.#cutter.takeRest();
    if (rest.length > 0) this.#takeBytes(rest);
    const next = this.#next;
    if (next === undefined) return;
    if (next.frame.data.length > 0) this.#tell(this.#missing(got, cause));
    this.#arrived++;
  }

  /**
   * Takes note that the peer says nothing, although more was recorded. The next frame
   * then counts as arrived.
   *
   * @throws {ReplayError} Unless differences are only told.
   */
  silence(timeoutMs: number): void {
    this.#tell(this.#missing(`nothing for ${timeoutMs} ms`));
    this.#hasOtherBytes = true;
    this.#matched = 0;
    this.#arrived++;
  }

  get #next(): RecordedLine | undefined {
    return this.#lines[this.#arrived];
  }

  #takeFrame(got: Uint8Array): void {
    const expected = this.#nextData(got);
    if (expected === undefined) return;
    if (!this.#settings.compare?.(got, expected)) {
      this.#tell(this.#difference(expected, got));
    }
    this.#arrived++;
    this.#offset += got.length;
  }

  /** Takes bytes that need not end where a frame does. */
  #takeBytes(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const expected = this.#nextData(bytes.subarray(at));
      if (expected === undefined) return;
      const missing = expected.subarray(this.#matched);
      const got = bytes.subarray(at, at + missing.length);
      if (
        !this.#hasOtherBytes && !got.every((byte, i) => byte === missing[i])
      ) {
        // Those behind them may be shifted, and each would differ again.
        this.#hasOtherBytes = true;
        const all = concat([expected.subarray(0, this.#matched), got]);
        this.#tell(this.#difference(expected, all));
      }
      at += got.length;
      this.#matched += got.length;
      if (this.#matched < expected.length) return;
      this.#arrived++;
      this.#offset += expected.length;
      this.#matched = 0;
    }
  }

  /** The bytes of the next frame; none where the peer sends more than was recorded. */
  #nextData(got: Uint8Array): Uint8Array | undefined {
    const next = this.#next;
    if (next !== undefined && next.frame.data.length > 0) {
      return next.frame.data;
    }
    if (this.#hasMore) return undefined;
    this.#hasMore = true;
    this.#tell(this.#error(
      next === undefined ? "nothing more" : "the end of the stream",
      shownBytes(got),
    ));
    return undefined;
  }

  #tell(difference: ReplayError): void {
    const { onDifference } = this.#settings;
    if (onDifference === undefined) throw difference;
    onDifference(difference);
  }

  #difference(expected: Uint8Array, got: Uint8Array): ReplayError {
    const shown = shownPair(expected, got);
    return this.#error(shown.expected, shown.got);
  }

  /** The error of a peer that does not send the next frame, or not all of it. */
  #missing(got: string, cause?: unknown): ReplayError {
    const expected = this.#next?.frame.data ?? new Uint8Array();
    if (expected.length === 0) {
      return this.#error("the end of the stream", got, cause);
    }
    const rest = this.#cutter.takeRest();
    const begun = rest.length > 0 ? rest : expected.subarray(0, this.#matched);
    const shown = shownPair(expected, begun);
    const before = begun.length > 0 ? `${shown.got}, then ` : "";
    return this.#error(shown.expected, before + got, cause);
  }

  #error(expected: string, got: string, cause?: unknown): ReplayError {
    return new ReplayError({
      peer: this.#settings.peer,
      line: this.#next?.line,
      connection: this.#connection,
      offset: this.#offset,
      expected,
      got,
      cause,
    });
  }
}
