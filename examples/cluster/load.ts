import {
  connectMessages,
  MessageError,
  type Peer,
} from "../../src/message/mod.ts";

/** How many requests each client has under way. */
const UNDER_WAY = 4;
/** How often a client connects before it gives up. */
const MOST_ATTEMPTS = 50;

/** What came of the requests. */
export interface Tally {
  /** How many different requests were made. */
  sent: number;
  answered: number;
  /** How often one was sent again, which its server had not handled. */
  repeated: number;
  /** Of how many nobody knows whether they were handled. */
  lost: number;
  /** How often a client has connected. */
  connected: number;
}

/** Clients that make requests until a signal aborts. */
export async function load(
  address: string,
  clients: number,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const all = Array.from({ length: clients }, () => new Client(address, tally));
  await Promise.all(all.map((client) => client.run(signal)));
}

class Client {
  readonly #address: string;
  readonly #tally: Tally;
  #peer: Promise<Peer> | undefined;

  constructor(address: string, tally: Tally) {
    this.#address = address;
    this.#tally = tally;
  }

  async run(signal: AbortSignal): Promise<void> {
    const loops = Array.from({ length: UNDER_WAY }, async () => {
      while (!signal.aborted) await this.#ask(++this.#tally.sent);
    });
    await Promise.all(loops);
    await (await this.#peer)?.close();
  }

  /** Makes a request, again where it has not been handled. */
  async #ask(number: number): Promise<void> {
    while (true) {
      const peer = await (this.#peer ??= this.#connect());
      try {
        await peer.request("write", number);
        this.#tally.answered++;
        return;
      } catch (error) {
        if (!(error instanceof MessageError && error.code === "CLOSING")) {
          console.error(`request ${number} is lost:`, error);
          this.#tally.lost++;
          return;
        }
        this.#tally.repeated++;
      }
    }
  }

  /**
   * Connects, and asks for something that does no harm when it is done twice. The
   * answer shows that a process has accepted the connection. Linux resets one that was
   * still in the queue of a process that ended, and then nobody could say whether the
   * first request was handled.
   */
  async #connect(): Promise<Peer> {
    for (let attempt = 1;; attempt++) {
      let peer: Peer | undefined;
      try {
        peer = await connectMessages({ address: this.#address });
        await peer.request("hello", null);
        this.#tally.connected++;
        void peer.goaway.then(() => this.#peer = undefined);
        return peer;
      } catch (error) {
        peer?.abort();
        if (attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }
}
