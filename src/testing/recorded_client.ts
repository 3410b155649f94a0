import { concat } from "../net/bytes.ts";
import { type CuttingCodec, FrameCutter } from "./frame_cutter.ts";
import {
  type RecordedLine,
  ReplayError,
  shownBytes,
  shownPair,
} from "./replay_error.ts";

/** Whether a frame of a client counts as the recorded one. */
export type FrameComparison = (
  got: Uint8Array,
  expected: Uint8Array,
) => boolean;

/** What one client has been recorded to send, and how much of it has come. */
export class RecordedClient {
  readonly #connection: number;
  readonly #lines: readonly RecordedLine[];
  readonly #cutter: FrameCutter;
  readonly #compare: FrameComparison | undefined;
  #arrived = 0;
  /** How many bytes of the next frame have come, and are the recorded ones. */
  #matched = 0;
  /** How many bytes have come before the next frame. */
  #offset = 0;

  /** Makes it of the frames to the server, in their order. */
  constructor(
    connection: number,
    lines: readonly RecordedLine[],
    codec: CuttingCodec | undefined,
    compare: FrameComparison | undefined,
  ) {
    this.#connection = connection;
    this.#lines = lines;
    // Bytes that must be equal need no cutting: the first that differs is found at once.
    this.#cutter = new FrameCutter(compare && codec);
    this.#compare = compare;
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
   * Takes bytes of the client.
   *
   * @throws {ReplayError} If they are not the recorded ones.
   */
  data(chunk: Uint8Array): void {
    for (const frame of this.#cutter.push(chunk)) this.#takeFrame(frame);
    if (this.#cutter.isUncut) this.#takeBytes(this.#cutter.takeRest());
  }

  /**
   * Takes the end of the client.
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
    if (next.frame.data.length > 0) throw this.#missing(got, cause);
    this.#arrived++;
  }

  /** The error of a client that says nothing. */
  silence(timeoutMs: number): ReplayError {
    return this.#missing(`nothing for ${timeoutMs} ms`);
  }

  get #next(): RecordedLine | undefined {
    return this.#lines[this.#arrived];
  }

  #takeFrame(got: Uint8Array): void {
    const expected = this.#nextData(got);
    if (!this.#compare?.(got, expected)) throw this.#difference(expected, got);
    this.#arrived++;
    this.#offset += got.length;
  }

  /** Takes bytes that need not end where a frame does. */
  #takeBytes(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const expected = this.#nextData(bytes.subarray(at));
      const missing = expected.subarray(this.#matched);
      const got = bytes.subarray(at, at + missing.length);
      if (!got.every((byte, i) => byte === missing[i])) {
        const all = concat([expected.subarray(0, this.#matched), got]);
        throw this.#difference(expected, all);
      }
      at += got.length;
      this.#matched += got.length;
      if (this.#matched < expected.length) return;
      this.#arrived++;
      this.#offset += expected.length;
      this.#matched = 0;
    }
  }

  /** The bytes of the next frame; throws where the client sends more than there is. */
  #nextData(got: Uint8Array): Uint8Array {
    const next = this.#next;
    if (next !== undefined && next.frame.data.length > 0) {
      return next.frame.data;
    }
    throw this.#error(
      next === undefined ? "nothing more" : "the end of the stream",
      shownBytes(got),
    );
  }

  #difference(expected: Uint8Array, got: Uint8Array): ReplayError {
    const shown = shownPair(expected, got);
    return this.#error(shown.expected, shown.got);
  }

  /** The error of a client that does not send the next frame, or not all of it. */
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
      line: this.#next?.line,
      connection: this.#connection,
      offset: this.#offset,
      expected,
      got,
      cause,
    });
  }
}
