import type { TimeLimits } from "../defaults.ts";
import type { Channel } from "../net/channel.ts";
import { NetError } from "../net/errors.ts";
import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";
import type { Body } from "./body.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";

/** The part of the receiver that is watched. */
type Receiving = Pick<
  Receiver<unknown>,
  | "frames"
  | "chunks"
  | "bytes"
  | "busy"
  | "held"
  | "waiting"
  | "over"
  | "pendingBytes"
  | "awaitedBody"
>;

/** How many bytes of a body count as progress. */
const BODY_STEP_BYTES = 65_536;

/** The shortest of the limits that apply to an open link. */
function shortest(limits: TimeLimits): number {
  return Math.min(
    limits.firstFrameTimeoutMs,
    limits.idleTimeoutMs,
    limits.frameTimeoutMs,
    limits.bodyTimeoutMs,
    limits.writeTimeoutMs,
    limits.handlerTimeoutMs,
  );
}

/**
 * Enforces the time limits of a link: at each tick, it compares the counters of the
 * link with those at the tick before.
 */
export class Watch implements Timed {
  readonly #limits: TimeLimits;
  readonly #channel: Channel;
  readonly #receiver: Receiving;
  readonly #sender: Pick<Sender<never>, "writing">;
  readonly #ticker: Ticker;

  #frames = 0;
  #chunks = 0;
  #taken = 0;
  /** The offset in the stream of the frame that has arrived in part. */
  #frameStart = 0;
  /** The body that was read last, and what was left of it when it made progress. */
  #body: Body | undefined;
  #bodyLeft = 0;

  #firstMs = 0;
  #idleMs = 0;
  #frameMs = 0;
  #bodyMs = 0;
  #writeMs = 0;
  #handlerMs = 0;

  private constructor(
    limits: TimeLimits,
    channel: Channel,
    receiver: Receiving,
    sender: Pick<Sender<never>, "writing">,
    ticker: Ticker,
  ) {
    this.#limits = limits;
    this.#channel = channel;
    this.#receiver = receiver;
    this.#sender = sender;
    this.#ticker = ticker;
    ticker.add(this);
  }

  /** Watches a link, unless it has no limit. */
  static begin(
    limits: TimeLimits,
    channel: Channel,
    receiver: Receiving,
    sender: Pick<Sender<never>, "writing">,
  ): Watch | undefined {
    const limitMs = shortest(limits);
    return limitMs === Infinity
      ? undefined
      : new Watch(limits, channel, receiver, sender, tickerFor(limitMs));
  }

  end(): void {
    this.#ticker.delete(this);
  }

  tick(ms: number): void {
    const late = this.#readLate(ms) ?? this.#writeLate(ms);
    if (late !== undefined) this.#channel.abort(late);
  }

  #readLate(ms: number): NetError | undefined {
    const receiver = this.#receiver;
    const { frames, chunks, waiting, pendingBytes } = receiver;
    const limits = this.#limits;
    // A peer that is not read because of its rate cannot make progress.
    if (receiver.held) return undefined;
    const body = receiver.awaitedBody;

    // A frame that is skipped is progress as well: the next one begins behind it.
    const frameStart = receiver.bytes - pendingBytes;
    const within = waiting && pendingBytes > 0 &&
      frameStart === this.#frameStart;
    const idle = waiting && pendingBytes === 0 && chunks === this.#chunks &&
      !receiver.busy && !this.#sender.writing;
    const works = !waiting && body === undefined && frames === this.#frames &&
      !receiver.over;
    this.#frames = frames;
    this.#chunks = chunks;
    this.#frameStart = frameStart;

    this.#frameMs = within ? this.#frameMs + ms : 0;
    this.#idleMs = idle ? this.#idleMs + ms : 0;
    this.#handlerMs = works ? this.#handlerMs + ms : 0;
    if (frames === 0 && waiting) this.#firstMs += ms;
    if (body !== undefined) {
      const isNew = body !== this.#body;
      if (isNew || body.left <= this.#bodyLeft - BODY_STEP_BYTES) {
        this.#body = body;
        this.#bodyLeft = body.left;
        this.#bodyMs = 0;
      } else this.#bodyMs += ms;
    }

    if (this.#frameMs > limits.frameTimeoutMs) {
      return lateError(
        "frameTimeoutMs",
        `The peer did not end its frame in ${limits.frameTimeoutMs} ms`,
      );
    }
    if (this.#bodyMs > limits.bodyTimeoutMs) {
      return lateError(
        "bodyTimeoutMs",
        `The peer sent less than ${BODY_STEP_BYTES} bytes of a body in ${limits.bodyTimeoutMs} ms`,
      );
    }
    if (frames === 0 && this.#firstMs > limits.firstFrameTimeoutMs) {
      return lateError(
        "firstFrameTimeoutMs",
        `The peer sent no frame in ${limits.firstFrameTimeoutMs} ms`,
      );
    }
    if (this.#idleMs > limits.idleTimeoutMs) {
      return lateError(
        "idleTimeoutMs",
        `The peer sent nothing for ${limits.idleTimeoutMs} ms`,
      );
    }
    if (this.#handlerMs > limits.handlerTimeoutMs) {
      return lateError(
        "handlerTimeoutMs",
        `The handler asked for nothing more in ${limits.handlerTimeoutMs} ms`,
      );
    }
    return undefined;
  }

  #writeLate(ms: number): NetError | undefined {
    const { writeTimeoutMs } = this.#limits;
    const taken = this.#channel.bytesTaken;
    const stuck = this.#sender.writing && taken === this.#taken;
    this.#taken = taken;
    this.#writeMs = stuck ? this.#writeMs + ms : 0;
    return this.#writeMs > writeTimeoutMs
      ? lateError(
        "writeTimeoutMs",
        `The peer took none of our bytes for ${writeTimeoutMs} ms`,
      )
      : undefined;
  }
}

function lateError(limit: keyof TimeLimits, what: string): NetError {
  return new NetError("TIMED_OUT", `${what} (${limit})`, { limit });
}
