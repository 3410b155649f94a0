/** Where a TCP socket is. */
export interface TcpAddress {
  /** The kind of socket. */
  readonly transport: "tcp";
  /** A host name or an IPv4 or IPv6 address, without brackets. */
  readonly hostname: string;
  /** The port, from 0 to 65535; to listen on 0 takes a free one. */
  readonly port: number;
}

/** Where a TCP socket is whose connections use TLS. */
export interface TlsAddress {
  /** The kind of socket. */
  readonly transport: "tls";
  /** A host name or an IPv4 or IPv6 address, without brackets. */
  readonly hostname: string;
  /** The port, from 0 to 65535; to listen on 0 takes a free one. */
  readonly port: number;
}

/** Where a TCP socket is whose connections are WebSockets; `"wss"` with TLS. */
export interface WebSocketAddress {
  /** The kind of socket. */
  readonly transport: "ws" | "wss";
  /** A host name or an IPv4 or IPv6 address, without brackets. */
  readonly hostname: string;
  /** The port, from 0 to 65535; to listen on 0 takes a free one. */
  readonly port: number;
  /**
   * The resource on the server: a path that begins with `/`, with its query. Both
   * addresses of a connection have the one that the client asked for.
   */
  readonly path: string;
}

/** Where a UDP socket is, which sends and receives datagrams. */
export interface UdpAddress {
  /** The kind of socket. */
  readonly transport: "udp";
  /** A host name or an IPv4 or IPv6 address, without brackets. */
  readonly hostname: string;
  /** The port, from 0 to 65535; to bind 0 takes a free one. */
  readonly port: number;
}

/** Where a Unix domain socket is. */
export interface UnixAddress {
  /** The kind of socket. */
  readonly transport: "unix";
  /** The path of the socket in the file system. */
  readonly path: string;
}

/** Where a connection of a memory network is. */
export interface MemoryAddress {
  /** The kind of socket. */
  readonly transport: "memory";
  /** The name that was listened on. */
  readonly name: string;
}

/** Where a connection between two nodes of a backplane is. */
export interface NodeAddress {
  /** The kind of connection. */
  readonly transport: "node";
  /** The id of the node. */
  readonly nodeId: string;
}

/** Where a socket is. */
export type Address =
  | TcpAddress
  | TlsAddress
  | WebSocketAddress
  | UdpAddress
  | UnixAddress
  | MemoryAddress
  | NodeAddress;

/**
 * An address as it may be given: a string (`"tcp://127.0.0.1:2000"`,
 * `"tcp://[::1]:2000"`, `"tls://example.org:2000"`, `"ws://127.0.0.1:2000/path"`,
 * `"wss://example.org"`, `"udp://127.0.0.1:2000"`, `"unix:/run/x.sock"`), or an object
 * in which the host name may be left out, and the transport where it is that of TCP or
 * Unix. WebSockets have the ports 80 and 443, and the path `/`, where none is given. The host name is `"127.0.0.1"` where none is given, so that
 * nothing is offered to the network by accident.
 */
export type AddressLike =
  | string
  | {
    readonly transport?: "tcp";
    readonly hostname?: string;
    readonly port: number;
  }
  | {
    readonly transport: "tls" | "udp";
    readonly hostname?: string;
    readonly port: number;
  }
  | {
    readonly transport: "ws" | "wss";
    readonly hostname?: string;
    readonly port?: number;
    readonly path?: string;
  }
  | { readonly transport?: "unix"; readonly path: string }
  | MemoryAddress
  | NodeAddress;

/**
 * Writes an address as the string that {@linkcode parseAddress} reads. It does not read
 * that of a node, to which no socket connects.
 *
 * @example
 * ```ts
 * import { formatAddress } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatAddress({ transport: "tcp", hostname: "::1", port: 2000 }),
 *   "tcp://[::1]:2000",
 * );
 * ```
 *
 * @param address The address.
 * @returns Its string.
 */
export function formatAddress(address: Address): string {
  switch (address.transport) {
    case "tcp":
    case "tls":
    case "ws":
    case "wss":
    case "udp": {
      const { transport, hostname, port } = address;
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      const path = "path" in address ? address.path : "";
      return `${transport}://${host}:${port}${path}`;
    }
    case "unix":
      return `unix:${address.path}`;
    case "memory":
      return `memory:${address.name}`;
    case "node":
      return `node:${address.nodeId}`;
  }
}
