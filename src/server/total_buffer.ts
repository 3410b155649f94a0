import type { Link } from "../framed/link.ts";
import { NetError } from "../net/errors.ts";
import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";

/** The time of the ticker that it has: a tick of 256 ms. */
const LIMIT_MS = 2_048;

/** The part of a link that is counted. */
export interface Buffering {
  readonly channel: Link<never, unknown>["channel"];
  readonly receiver: Pick<Link<never, unknown>["receiver"], "unreadBytes">;
  readonly sender: Pick<
    Link<never, unknown>["sender"],
    "bufferedBytes" | "sharedBytes"
  >;
}

/**
 * Bounds what waits in all connections of a server together, to be read and to be
 * sent. It looks at each tick, and cuts the connections with the most until the rest
 * is within the limit. Bytes that many connections share are there once: they count as
 * what waits for the slowest of their readers.
 */
export class TotalBuffer implements Timed {
  readonly #maxTotalBuffer: number;
  readonly #links = new Set<Buffering>();
  readonly #ticker: Ticker = tickerFor(LIMIT_MS);

  constructor(maxTotalBuffer: number) {
    this.#maxTotalBuffer = maxTotalBuffer;
  }

  /** Counts a connection, until `leave`. */
  watch(link: Buffering): void {
    if (this.#maxTotalBuffer === Infinity) return;
    if (this.#links.size === 0) this.#ticker.add(this);
    this.#links.add(link);
  }

  /** A connection has ended. */
  leave(link: Buffering): void {
    const counted = this.#links.delete(link);
    if (counted && this.#links.size === 0) this.#ticker.delete(this);
  }

  tick(): void {
    let own = 0;
    for (const link of this.#links) own += ownOf(link);
    let shared = this.#mostShared();
    if (own + shared <= this.#maxTotalBuffer) return;
    const largestFirst = [...this.#links].sort((a, b) => sizeOf(b) - sizeOf(a));
    for (const link of largestFirst) {
      const ofLink = link.sender.sharedBytes;
      own -= ownOf(link);
      this.#cut(link);
      if (ofLink === shared) shared = this.#mostShared();
      if (own + shared <= this.#maxTotalBuffer) return;
    }
  }

  #mostShared(): number {
    let most = 0;
    for (const { sender } of this.#links) {
      if (sender.sharedBytes > most) most = sender.sharedBytes;
    }
    return most;
  }

  #cut(link: Buffering): void {
    const received = link.receiver.unreadBytes;
    const code = received > link.sender.bufferedBytes
      ? "RECEIVE_BUFFER_FULL"
      : "SEND_BUFFER_FULL";
    const size = sizeOf(link);
    link.channel.abort(
      new NetError(
        code,
        `The connections of the server hold more than ${this.#maxTotalBuffer} bytes, and this one, with ${size}, has the most (maxTotalBuffer)`,
        { limit: "maxTotalBuffer" },
      ),
    );
  }
}

/** What waits for a link, and for no other. */
function ownOf({ receiver, sender }: Buffering): number {
  return receiver.unreadBytes + sender.bufferedBytes - sender.sharedBytes;
}

function sizeOf({ receiver, sender }: Buffering): number {
  return receiver.unreadBytes + sender.bufferedBytes;
}
