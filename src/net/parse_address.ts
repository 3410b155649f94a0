import { checkChoice, shown } from "../checks.ts";
import type { Address, AddressLike } from "./address.ts";
import { checkAddress, notAnAddress } from "./check_address.ts";
import { parseHost } from "./parse_host.ts";
import { parseWebSocketAddress } from "./parse_websocket_address.ts";

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
  const webSocket = parseWebSocketAddress(address);
  if (webSocket !== undefined) return webSocket;
  return parseOther(address as OtherAddressLike);
}

/** Any address but that of a WebSocket. */
type OtherAddressLike = Exclude<
  AddressLike,
  { readonly transport: "ws" | "wss" }
>;

function parseOther(address: OtherAddressLike): Address {
  if (typeof address === "string") return parseAddressString(address);
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
  if ("nodeId" in address) {
    checkChoice("transport", address.transport, ["node"]);
    return { transport: "node", nodeId: address.nodeId };
  }
  const { transport = "tcp" } = address;
  checkChoice("transport", transport, ["tcp", "tls", "udp"]);
  return { transport, ...parseHost(address.hostname, address.port) };
}

const HOST_AND_PORT =
  /^(tcp|tls|udp):\/\/(?:\[([^\]]+)\]|([^:/[\]]*)):(\d{1,5})\/?$/;

function parseAddressString(text: string): Address {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return parseOther({ path });
  }
  if (text.startsWith("memory:")) {
    return { transport: "memory", name: text.slice("memory:".length) };
  }
  const match = HOST_AND_PORT.exec(text);
  if (match === null) throw notAnAddress(text);
  return parseOther({
    transport: match[1] as "tcp" | "tls" | "udp",
    hostname: match[2] ?? match[3] ?? "",
    port: Number(match[4]),
  });
}
