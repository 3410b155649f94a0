import type { Address } from "../address.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import {
  checkReadable,
  checkWritable,
  type NodeReadable,
  NodeReader,
  type NodeWritable,
  NodeWriter,
} from "./node_streams.ts";
import { resetError, transferError } from "./runtime_errors.ts";

/**
 * What is used of a `Duplex` of `node:stream`. The optional parts are those of a
 * socket.
 */
export interface NodeDuplex extends NodeReadable, NodeWritable {
  /** Whether it stays open for writing after the peer's end. */
  allowHalfOpen?: boolean;
  /** Whether it is a socket of `node:tls`. */
  readonly encrypted?: boolean | undefined;
  /** The IP address of this end. */
  readonly localAddress?: string | undefined;
  /** The port of this end. */
  readonly localPort?: number | undefined;
  /** The IP address of the other end. */
  readonly remoteAddress?: string | undefined;
  /** The port of the other end. */
  readonly remotePort?: number | undefined;
  /** Ends it with a reset, which only plain TCP has. */
  resetAndDestroy?(): unknown;
}

const NOWHERE: Address = { transport: "memory", name: "" };

/**
 * A `Duplex` of `node:stream` as a transport, on the three runtimes: a socket of
 * `node:net` or `node:tls`, a serial port, a `Duplex.from` of two streams.
 *
 * The stream belongs to the transport from then on. It is given a copy of what is
 * written, 64 KiB at a time, and no more until it has taken them. After the peer's
 * end it stays open for writing (`allowHalfOpen`). `close` and `abort` destroy it;
 * `abort` of a plain TCP socket sends a reset. A stream that is destroyed before its
 * end breaks the connection (`CONNECTION_RESET`).
 *
 * @example
 * ```ts
 * import { framed, lines } from "@framewire/framewire";
 * import { nodeDuplex } from "@framewire/framewire/net/node";
 * import { assertEquals } from "@std/assert";
 * import { once } from "node:events";
 * import net from "node:net";
 *
 * const server = net.createServer((socket) => {
 *   const connection = framed(nodeDuplex(socket), lines());
 *   void connection.forEach((line) => connection.send(`> ${line}`));
 * });
 * server.listen(0, "127.0.0.1");
 * await once(server, "listening");
 *
 * const socket = net.connect((server.address() as net.AddressInfo).port);
 * await once(socket, "connect");
 * const client = framed(nodeDuplex(socket), lines());
 * await client.send("hello");
 * assertEquals(await client.receive(), "> hello");
 * await client.close();
 * server.close();
 * ```
 *
 * @param duplex The stream, connected and not read from. What was read of it too
 * early can be put back (`unshift`).
 * @returns The transport.
 * @throws {TypeError} If it is not a `Duplex`, or its chunks are not bytes
 * (`objectMode`, `setEncoding`).
 */
export function nodeDuplex(duplex: NodeDuplex): Transport {
  checkReadable("duplex", duplex);
  checkWritable("duplex", duplex);
  return new DuplexTransport(duplex);
}

class DuplexTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #duplex: NodeDuplex;
  readonly #delivery = new Delivery();
  readonly #reader: NodeReader;
  readonly #writer: NodeWriter;
  #released = false;

  constructor(duplex: NodeDuplex) {
    this.localAddress = addressOf(duplex.localAddress, duplex.localPort);
    this.remoteAddress = addressOf(duplex.remoteAddress, duplex.remotePort);
    this.#duplex = duplex;
    this.#reader = new NodeReader(duplex, this.#delivery);
    this.#writer = new NodeWriter(duplex, () => {
      if (!duplex.destroyed) this.#reader.readBeforeDestroy();
    });
    // Otherwise the stream would end its own side at the peer's end.
    if (duplex.allowHalfOpen === false) duplex.allowHalfOpen = true;
    duplex.on("end", () => this.#delivery.end());
    duplex.on("error", (cause) => this.#break(transferError(cause)));
    duplex.on("close", () => this.#onClose());
    if (duplex.destroyed) this.#onClose();
  }

  get bytesTaken(): number {
    return this.#writer.bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#reader.open();
  }

  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    this.#reader.resume();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.#writer.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#writer.end();
  }

  close(): void {
    this.#release(() => this.#duplex.destroy());
  }

  abort(): void {
    this.#release(() => {
      const { encrypted, remoteAddress } = this.#duplex;
      // A Unix socket has no reset, and no address either.
      const resets = !encrypted && remoteAddress !== undefined;
      if (resets) this.#duplex.resetAndDestroy?.();
      this.#duplex.destroy();
    });
  }

  #onClose(): void {
    const { errored, readableEnded, writableFinished } = this.#duplex;
    if (errored !== null) this.#break(transferError(errored));
    else if (!readableEnded || !writableFinished) this.#break(resetError());
  }

  #break(error: unknown): void {
    if (this.#released) return;
    this.#writer.fail(error);
    this.#reader.stop(() => this.#delivery.fail(this.#writer.failure));
  }

  #release(release: () => void): void {
    if (this.#released) return;
    this.#released = true;
    this.#delivery.stop();
    this.#writer.release();
    release();
  }
}

function addressOf(hostname: string | undefined, port = 0): Address {
  return hostname === undefined
    ? NOWHERE
    : { transport: "tcp", hostname, port };
}
