import { checkChoice, shown } from "../checks.ts";
import { HOSTNAME } from "../defaults.ts";
import { checkAddress, notAnAddress } from "./check_address.ts";

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

/** Where a socket is. */
export type Address =
  | TcpAddress
  | TlsAddress
  | WebSocketAddress
  | UdpAddress
  | UnixAddress
  | MemoryAddress;

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
  | MemoryAddress;

/**
 * Reads an address.
 *
 * @example
 * ```ts
 * import { parseAddress } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAddress("tcp://[::1]:2000"), {
 *   transport: "tcp",
 *   hostname: "::1",
 *   port: 2000,
 * });
 * assertEquals(parseAddress({ port: 2000 }), {
 *   transport: "tcp",
 *   hostname: "127.0.0.1",
 *   port: 2000,
 * });
 * ```
 *
 * @param address The address, as a string or an object.
 * @returns The address with nothing left out.
 * @throws {TypeError} If it is not an address.
 */
export function parseAddress(address: AddressLike): Address {
  checkAddress(address);
  if (typeof address === "string") return parseAddressString(address);
  if (address.transport === "ws" || address.transport === "wss") {
    const { transport, path = "/" } = address;
    const { port = transport === "ws" ? 80 : 443 } = address;
    const { hostname } = parseHost(address.hostname, port);
    if (typeof path !== "string" || !/^\/[!-"$-~]*$/.test(path)) {
      throw new TypeError(
        `Cannot read the address: expected a path in ASCII that begins with "/", got ${path}`,
      );
    }
    return { transport, hostname, port, path };
  }
  if ("path" in address) {
    if (typeof address.path !== "string" || address.path === "") {
      throw new TypeError(
        `Cannot read the address: expected a path, got ${shown(address.path)}`,
      );
    }
    checkChoice("transport", address.transport ?? "unix", ["unix"]);
    return { transport: "unix", path: address.path };
  }
  if ("name" in address) {
    checkChoice("transport", address.transport, ["memory"]);
    return { transport: "memory", name: address.name };
  }
  const { transport = "tcp" } = address;
  checkChoice("transport", transport, ["tcp", "tls", "udp"]);
  return { transport, ...parseHost(address.hostname, address.port) };
}

function parseHost(
  hostname: string | undefined,
  port: number | undefined,
): { readonly hostname: string; readonly port: number } {
  if (
    port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535
  ) {
    const isText = typeof port === "string" && /^\d+$/.test(port);
    const instead = isText ? `; write port: ${port}` : "";
    throw new TypeError(
      `Cannot read the address: expected a port from 0 to 65535, got ${
        shown(port)
      }${instead}`,
    );
  }
  // An empty name would be all interfaces to some runtimes.
  return { hostname: hostname || HOSTNAME, port };
}

/**
 * Writes an address as the string that {@linkcode parseAddress} reads.
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
  }
}

const HOST_AND_PORT =
  /^(tcp|tls|udp):\/\/(?:\[([^\]]+)\]|([^:/[\]]*)):(\d{1,5})\/?$/;

const WEB_SOCKET =
  /^(wss?):\/\/(?:\[([^\]]+)\]|([^:/?#@\s[\]]*))(?::(\d{1,5}))?((?:[/?].*)?)$/;

function parseAddressString(text: string): Address {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return parseAddress({ path });
  }
  if (text.startsWith("memory:")) {
    return { transport: "memory", name: text.slice("memory:".length) };
  }
  const found = WEB_SOCKET.exec(text);
  if (found !== null) {
    const [, transport, ip, name, port, path = ""] = found;
    return parseAddress({
      transport: transport as "ws" | "wss",
      hostname: ip ?? (name || HOSTNAME),
      ...(port !== undefined && { port: Number(port) }),
      path: path.startsWith("/") ? path : `/${path}`,
    });
  }
  const match = HOST_AND_PORT.exec(text);
  if (match === null) throw notAnAddress(text);
  return parseAddress({
    transport: match[1] as "tcp" | "tls" | "udp",
    hostname: match[2] ?? (match[3] || HOSTNAME),
    port: Number(match[4]),
  });
}
