import type { Address } from "../address.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import {
  type NodeReadable,
  NodeReader,
  type NodeWritable,
  NodeWriter,
} from "./node_streams.ts";

/**
 * What the transports over streams of Node share. They differ in what is an end, what
 * is a failure, and how they are released.
 */
export abstract class NodeStreamsTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  protected readonly delivery: Delivery = new Delivery();
  protected readonly reader: NodeReader;
  protected readonly writer: NodeWriter;
  #released = false;

  /** Takes over the streams. The class that extends this listens to their errors. */
  constructor(
    readable: NodeReadable,
    writable: NodeWritable,
    local: Address,
    remote: Address,
  ) {
    this.localAddress = local;
    this.remoteAddress = remote;
    this.reader = new NodeReader(
      readable,
      this.delivery,
      () => this.ended(),
    );
    this.writer = new NodeWriter(writable, () => this.writeFailed());
  }

  get bytesTaken(): number {
    return this.writer.bytesTaken;
  }

  open(sink: TransportSink): void {
    this.delivery.open(sink);
    this.reader.open();
  }

  pause(): void {
    this.reader.pause();
  }

  resume(): void {
    this.reader.resume();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.writer.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.writer.end();
  }

  abstract close(): void;

  abstract abort(): void;

  /** The end of the input was read, and everything before it is delivered. */
  protected ended(): void {
    this.delivery.end();
  }

  /** A write has failed. What has arrived is delivered before the sink is told. */
  protected abstract writeFailed(): void;

  /** The connection broke. */
  protected fail(error: unknown): void {
    if (this.#released) return;
    this.writer.fail(error);
    this.reader.stop(() => this.delivery.fail(error));
  }

  /** Releases the streams, once. */
  protected release(release: () => void): void {
    if (this.#released) return;
    this.#released = true;
    this.delivery.stop();
    this.writer.release();
    release();
  }
}
