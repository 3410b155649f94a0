import type { AddressLike, WebSocketAddress } from "./address.ts";
import { checkWebSocketPath } from "./check_websocket_path.ts";
import { parseHost } from "./parse_host.ts";

/** An address of a WebSocket as an object may give it. */
type WebSocketAddressLike = Extract<
  AddressLike,
  { readonly transport: "ws" | "wss" }
>;

const WEB_SOCKET =
  /^(wss?):\/\/(?:\[([^\]]+)\]|([^:/?#@\s[\]]*))(?::(\d{1,5}))?((?:[/?].*)?)$/;

/**
 * Reads the address of a WebSocket.
 *
 * @returns The address; `undefined` where it is one of something else.
 * @throws {TypeError} If the port or the path is none.
 */
export function parseWebSocketAddress(
  address: AddressLike,
): WebSocketAddress | undefined {
  const parts = typeof address === "string" ? partsOf(address) : address;
  if (parts?.transport !== "ws" && parts?.transport !== "wss") return undefined;
  const { transport, path = "/" } = parts;
  const { port: given = transport === "ws" ? 80 : 443 } = parts;
  const { hostname, port } = parseHost(parts.hostname, given);
  checkWebSocketPath(path, "Cannot read the address");
  return { transport, hostname, port, path };
}

function partsOf(text: string): WebSocketAddressLike | undefined {
  const found = WEB_SOCKET.exec(text);
  if (found === null) return undefined;
  const [, transport, ip, name = "", port, path = ""] = found;
  return {
    transport: transport as "ws" | "wss",
    hostname: ip ?? name,
    ...(port !== undefined && { port: Number(port) }),
    path: path.startsWith("/") ? path : `/${path}`,
  };
}
