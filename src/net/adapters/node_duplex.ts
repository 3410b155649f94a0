import type { Address } from "../address.ts";
import type { Transport } from "../transport.ts";
import {
  checkReadable,
  checkWritable,
  type NodeReadable,
  type NodeWritable,
} from "./node_streams.ts";
import { NodeStreamsTransport } from "./node_streams_transport.ts";
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
 * const server = net.createServer(async (socket) => {
 *   const connection = framed(nodeDuplex(socket), lines());
 *   await connection.forEach((line) => connection.send(`> ${line}`));
 *   await connection.close();
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

class DuplexTransport extends NodeStreamsTransport {
  readonly #duplex: NodeDuplex;

  constructor(duplex: NodeDuplex) {
    super(
      duplex,
      duplex,
      addressOf(duplex, duplex.localAddress, duplex.localPort),
      addressOf(duplex, duplex.remoteAddress, duplex.remotePort),
    );
    this.#duplex = duplex;
    // Otherwise the stream would end its own side at the peer's end.
    if (duplex.allowHalfOpen === false) duplex.allowHalfOpen = true;
    duplex.on("error", (cause) => this.fail(transferError(cause)));
    duplex.on("close", () => this.#onClose());
    if (duplex.destroyed) this.#onClose();
  }

  close(): void {
    this.release(() => this.#duplex.destroy());
  }

  abort(): void {
    this.release(() => {
      const { encrypted, remoteAddress } = this.#duplex;
      // A Unix socket has no reset, and no address either.
      const resets = !encrypted && remoteAddress !== undefined;
      if (resets) this.#duplex.resetAndDestroy?.();
      this.#duplex.destroy();
    });
  }

  protected override writeFailed(): void {
    // The error event follows.
    if (!this.#duplex.destroyed) this.reader.readBeforeDestroy();
  }

  #onClose(): void {
    const { errored, readableEnded, writableFinished } = this.#duplex;
    if (errored !== null) this.fail(transferError(errored));
    else if (!readableEnded || !writableFinished) this.fail(resetError());
  }
}

function addressOf(
  { encrypted }: NodeDuplex,
  hostname: string | undefined,
  port = 0,
): Address {
  return hostname === undefined
    ? NOWHERE
    : { transport: encrypted ? "tls" : "tcp", hostname, port };
}
