import { checkOptions, type OptionKinds } from "../../checks.ts";
import { type Address, formatAddress } from "../address.ts";
import { NetError } from "../errors.ts";
import { Handshakes } from "../handshakes.ts";
import { OpeningReader } from "../opening_reader.ts";
import type { Transport } from "../transport.ts";
import type { ProxyProtocol } from "../types.ts";
import { proxyHeader } from "./header.ts";
import { ProxiedTransport } from "./transport.ts";
import { TrustedPeers } from "./trusted.ts";

const kinds: OptionKinds<ProxyProtocol> = { trusted: "checked" };

/** The side of the PROXY protocol that proxies connect to. */
export class ProxyServer {
  readonly #trusted: TrustedPeers;
  readonly #handshakes: Handshakes;

  /**
   * Checks which proxies are trusted.
   *
   * @throws {TypeError} If an option cannot be used.
   */
  constructor(options: ProxyProtocol, timeoutMs: number) {
    checkOptions("proxyProtocol", options, kinds);
    this.#trusted = new TrustedPeers(options.trusted);
    this.#handshakes = new Handshakes("The PROXY protocol", timeoutMs);
  }

  /**
   * Reads the header that a connection begins with. The connection belongs to this
   * call.
   *
   * @returns The connection behind the header, with the address of the client.
   * @throws {NetError} `PROXY_UNTRUSTED` if the peer is no trusted proxy: nothing of it
   * is read. `PROXY_PROTOCOL` if the header is wrong; `TIMED_OUT` if it takes too long.
   */
  async accept(transport: Transport): Promise<Transport> {
    const { remoteAddress } = transport;
    try {
      if (!this.#trusted.has(remoteAddress)) throw refusal(remoteAddress);
      const reader = new OpeningReader(transport, proxyHeader);
      const client = await this.#handshakes.run(
        `the proxy at ${formatAddress(remoteAddress)}`,
        () => reader.opening,
      );
      return new ProxiedTransport(
        transport,
        (sink) => reader.deliverTo(sink),
        client ?? remoteAddress,
      );
    } catch (error) {
      transport.abort();
      throw error;
    }
  }

  /** Ends all that wait for their header. */
  close(): void {
    this.#handshakes.close();
  }
}

function refusal(peer: Address): NetError {
  // Nobody knows who it was: a proxy that only looks whether the server is there.
  if ("hostname" in peer && peer.hostname === "") {
    return new NetError(
      "CONNECTION_RESET",
      "The peer left before its address was read",
    );
  }
  return new NetError(
    "PROXY_UNTRUSTED",
    `The connection of ${
      formatAddress(peer)
    } was refused: it is no trusted proxy (proxyProtocol.trusted)`,
  );
}
