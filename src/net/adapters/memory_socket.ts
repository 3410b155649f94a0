import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Socket } from "../socket.ts";
import { Inbox } from "./inbox.ts";
import type { Faults } from "./memory_faults.ts";
import { closedError, resetError } from "./runtime_errors.ts";

/** One end of a connection in memory; its peer is the other. */
export class MemorySocket implements Socket {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #inbox: Inbox;
  /** What befalls the bytes on their way to the peer. */
  readonly #faults: Faults;
  #peer: MemorySocket = this;
  #peerClosed = false;
  #released = false;
  /** Settles when the peer's inbox has room again, or there is no use. */
  #heldBack: Deferred<void> | undefined;

  constructor(
    local: Address,
    remote: Address,
    faults: Faults,
    peer?: MemorySocket,
  ) {
    this.localAddress = local;
    this.remoteAddress = remote;
    this.#faults = faults;
    this.#inbox = new Inbox({
      pause: () => {
        this.#peer.#heldBack = deferred();
      },
      resume: () => this.#peer.#letGo(),
    });
    if (peer !== undefined) {
      this.#peer = peer;
      peer.#peer = this;
    }
  }

  read(): Promise<Uint8Array | null> {
    return this.#inbox.read();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#faults.delays) return this.#writeSlowly(bytes);
    const rest = this.#send(bytes);
    if (rest.length === 0 && this.#canSend()) return undefined;
    return this.#writeSlowly(rest);
  }

  closeWrite(): Promise<void> {
    this.#faults.delay(() => this.#peer.#inbox.end());
    return Promise.resolve();
  }

  close(): void {
    if (this.#released) return;
    // As TCP does: who loses what it sent, or what it is sending, is told.
    const loses = this.#inbox.heldBytes > 0 ||
      this.#peer.#heldBack !== undefined;
    this.#release();
    this.#faults.delay(() => {
      this.#peer.#peerClosed = true;
      if (loses) this.#peer.#fail();
      else this.#peer.#inbox.end();
    });
  }

  abort(): void {
    if (this.#released) return;
    this.#release();
    this.#faults.delay(() => this.#peer.#fail());
  }

  async #writeSlowly(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    do {
      await new Promise<void>((resolve) => this.#faults.delay(resolve));
      await this.#heldBack?.promise;
      if (this.#inbox.failure !== undefined) throw this.#inbox.failure;
      if (this.#peerClosed) throw resetError();
      rest = this.#send(rest);
    } while (rest.length > 0 || !this.#canSend());
  }

  /** Sends what can be sent at once, and returns the rest. */
  #send(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    while (rest.length > 0 && this.#canSend()) {
      const length = this.#faults.nextLength(rest.length);
      // A copy: the writer may change its bytes after.
      this.#peer.#inbox.push(new Uint8Array(rest.subarray(0, length)));
      rest = rest.subarray(length);
      if (this.#faults.resets()) {
        this.#fail();
        this.#peer.#fail();
      }
      if (this.#faults.delays) break;
    }
    return rest;
  }

  #canSend(): boolean {
    return this.#heldBack === undefined && !this.#peerClosed &&
      this.#inbox.failure === undefined;
  }

  #fail(): void {
    this.#inbox.fail(resetError());
    this.#letGo();
  }

  #release(): void {
    this.#released = true;
    this.#inbox.close(closedError());
    this.#letGo();
  }

  #letGo(): void {
    this.#heldBack?.resolve();
    this.#heldBack = undefined;
  }
}
