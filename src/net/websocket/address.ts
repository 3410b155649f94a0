import type { Address } from "../address.ts";

/** The address of a WebSocket, by that of the connection below. */
export function webSocketAddress(below: Address, path: string): Address {
  switch (below.transport) {
    case "tcp":
      return { ...below, transport: "ws", path };
    case "tls":
      return { ...below, transport: "wss", path };
    default:
      return below;
  }
}
