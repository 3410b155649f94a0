/** WebSocket (RFC 6455) over any transport. */
export { type WebSocketClient, webSocketClient } from "./client.ts";
export { pathOf } from "./request.ts";
export { WebSocketServer } from "./server.ts";
