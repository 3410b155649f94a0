/** TLS over any transport, with `node:tls`, which all runtimes have. */
export { type TlsClient, tlsClient } from "./client.ts";
export { TlsServer } from "./server.ts";
