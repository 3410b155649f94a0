import { ROOM_FLOOD_BYTES_PER_SECOND } from "../defaults.ts";
import { TokenBucket } from "../net/token_bucket.ts";

/** The bytes that a request costs besides its text. */
const OVERHEAD = 128;

/** How often to look whether slower members have caught up. */
const POLL_MS = 10;

/** The connections of a server, with the bytes that wait for each. */
type Connections = ReadonlyMap<number, { readonly bufferedBytes: number }>;

/**
 * How much a member says. It is held back when it has said more than its allowance, and
 * some of those who hear it on this server are behind. A member within its allowance is
 * never held back.
 */
export class Pace {
  readonly #connections: Connections;
  /** More than this waits for a member that is behind. */
  readonly #mark: number;
  /** How many bytes it has said lately. */
  readonly #bucket: TokenBucket;
  /** The connections that the last request told something. */
  #audience: readonly number[] = [];

  constructor(connections: Connections, maxSendBuffer: number) {
    this.#connections = connections;
    this.#mark = maxSendBuffer / 2;
    this.#bucket = new TokenBucket(
      ROOM_FLOOD_BYTES_PER_SECOND,
      maxSendBuffer / 4,
    );
  }

  /** Whether no further request is to be taken yet. */
  get mustWait(): boolean {
    if (this.#audience.length === 0 || this.#bucket.owedMs === 0) return false;
    return this.#audience.some((id) =>
      (this.#connections.get(id)?.bufferedBytes ?? 0) > this.#mark
    );
  }

  /** A request begins, which has told nobody anything. */
  begin(): void {
    this.#audience = [];
  }

  /** @param bytes The length of the text that the audience gets. */
  spend(audience: Iterable<number>, bytes: number): void {
    // An earlier debt is dropped: the member was not held back for it, since no other
    // member was behind.
    this.#bucket.forgive();
    this.#bucket.spend(OVERHEAD + bytes);
    this.#audience = [...audience];
  }

  /** Waits while the member is held back. */
  async wait(sent: Promise<void> | undefined): Promise<void> {
    await sent;
    while (this.mustWait) {
      const ms = Math.min(this.#bucket.owedMs, POLL_MS);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}
