import { ByteQueue } from "../codec/bytes/byte_queue.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, Decoder } from "../codec/types.ts";
import { errorAt } from "./error_at.ts";
import { skippingFormat } from "./skipping_format.ts";
import { wireCodec, type WireFrame } from "./wire_codec.ts";

/** How much work a search repeats at most for one byte that is passed over. */
const MAX_REPEATED = 256;

/**
 * The frames of one byte stream. With `skipBad`, it goes on behind what is no frame: at
 * the next frame where the decoder has found the end of the bad one, and otherwise at
 * the next byte that begins a frame.
 */
export class FrameStream {
  readonly #codec: Codec<unknown, WireFrame>;
  readonly #onBad: (error: FrameError) => void;
  readonly #skipBad: boolean;
  #decoder: Decoder<WireFrame>;
  /** What a search would begin anew with: all bytes from the last frame on. */
  readonly #held = new ByteQueue();
  /** Where in the stream the decoder began. */
  #from: number;
  /** Where in the stream `#held` begins. */
  #heldFrom: number;
  /** Whether the stream has bytes that are passed over until a frame is found. */
  #searches = false;
  #over = false;

  /**
   * Makes a stream that begins at an offset.
   *
   * @param onBad Told of each place that is no frame, once; it is the end without
   * `skipBad`.
   */
  constructor(
    codec: Codec<unknown>,
    from: number,
    { skipBad, keepsBytes }: {
      readonly skipBad: boolean;
      /** Whether frames have their bytes. */
      readonly keepsBytes: boolean;
    },
    onBad: (error: FrameError) => void,
  ) {
    this.#codec = wireCodec(
      skipBad ? skippingFormat(codec, (error) => this.#tell(error)) : codec,
      keepsBytes || skipBad,
    );
    this.#decoder = this.#codec.decoder();
    this.#from = from;
    this.#heldFrom = from;
    this.#skipBad = skipBad;
    this.#onBad = onBad;
  }

  /** Takes a chunk, and yields the frames that are complete. */
  push(chunk: Uint8Array): Generator<WireFrame, void> {
    if (!this.#over) {
      this.#decoder.push(chunk);
      if (this.#skipBad) this.#held.push(chunk);
    }
    return this.#frames(false);
  }

  /** Takes the end, and yields the frames that it completes. */
  end(): Generator<WireFrame, void> {
    if (!this.#over) this.#decoder.end();
    return this.#frames(true);
  }

  /** Gives up the rest of the stream. */
  stop(): void {
    this.#over = true;
  }

  *#frames(ended: boolean): Generator<WireFrame, void> {
    while (!this.#over) {
      let frame: WireFrame | undefined;
      try {
        frame = this.#decoder.next();
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#tell(error);
        if (this.#skipBad) this.#searchOn(error, ended);
        else this.#over = true;
        continue;
      }
      if (frame === undefined) return;
      this.#searches = false;
      const offset = this.#from + frame.offset;
      if (this.#skipBad) this.#dropHeld(offset + frame.bytes.length);
      yield this.#from === 0 ? frame : { ...frame, offset };
    }
  }

  /** One place is told of once, however many bytes behind it begin no frame. */
  #tell(error: FrameError): void {
    if (this.#searches) return;
    if (this.#from === 0) return this.#onBad(error);
    this.#onBad(errorAt(error, this.#from + (error.offset ?? 0)));
  }

  #searchOn(error: FrameError, ended: boolean): void {
    const at = this.#from + (error.offset ?? 0);
    const behind = this.#heldFrom + this.#held.length -
      this.#decoder.bufferedBytes;
    const isWhole = behind > at;
    // A frame whose content is bad has an end. In a search it may be none at all.
    const next = isWhole && (!this.#searches || behind - at > MAX_REPEATED)
      ? behind
      : at + 1;
    this.#searches = this.#searches || !isWhole;
    this.#dropHeld(next);
    this.#from = this.#heldFrom;
    this.#decoder = this.#codec.decoder();
    if (this.#held.length > 0) {
      this.#decoder.push(this.#held.peek(this.#held.length));
    } else if (ended) this.#over = true;
    if (ended) this.#decoder.end();
  }

  #dropHeld(to: number): void {
    const count = Math.min(this.#held.length, to - this.#heldFrom);
    this.#held.skip(count);
    this.#heldFrom += count;
  }
}
