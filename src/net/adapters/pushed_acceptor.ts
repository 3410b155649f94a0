import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Acceptor, Socket } from "../socket.ts";

/** An acceptor whose connections the runtime delivers when they come. */
export class PushedAcceptor implements Acceptor {
  readonly address: Address;

  readonly #stop: () => void;
  readonly #waiting: Socket[] = [];
  #closed = false;
  #taker: Deferred<Socket | null> | undefined;

  /** Makes an acceptor; `stop` stops the runtime's listening socket. */
  constructor(address: Address, stop: () => void) {
    this.address = address;
    this.#stop = stop;
  }

  /** Takes a new connection. */
  push(socket: Socket): void {
    if (this.#closed) return socket.abort();
    if (this.#taker === undefined) {
      this.#waiting.push(socket);
      return;
    }
    this.#taker.resolve(socket);
    this.#taker = undefined;
  }

  accept(): Promise<Socket | null> {
    const socket = this.#waiting.shift();
    if (socket !== undefined) return Promise.resolve(socket);
    if (this.#closed) return Promise.resolve(null);
    this.#taker = deferred();
    return this.#taker.promise;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    // Nobody will ever accept these.
    for (const socket of this.#waiting.splice(0)) socket.abort();
    this.#taker?.resolve(null);
    this.#taker = undefined;
  }
}
