/**
 * What bundles for browsers have in the place of sockets, processes and the modules
 * of runtimes: everything rejects or throws, and says what to use instead. The
 * package's `browser` map leads here, so that each entry can be bundled.
 *
 * @module
 */
import { connectInBrowser } from "./net/browser/connect.ts";
import type { Digest } from "./codec/types.ts";
import type { Compression } from "./codec/views/compressed.ts";
import type { AddressLike } from "./net/address.ts";
import type { AsyncContext } from "./net/adapters/async_context.ts";
import { TransportConnection } from "./net/connection.ts";
import { NetError } from "./net/errors.ts";
import type { Transport } from "./net/transport.ts";
import type { Connection, ConnectOptions, Network } from "./net/types.ts";

export { ProcessError } from "./net/adapters/process_error.ts";
export { argumentList } from "./exec/argument_list.ts";
export { asCommandError, CommandError } from "./exec/errors.ts";

const STREAMS =
  "use framed(stream, codec) with the { readable, writable } of a WebSocketStream or a WebTransport stream";

/** Connects to a WebSocket. */
export async function connect(
  address: AddressLike,
  options?: ConnectOptions,
): Promise<Connection> {
  return new TransportConnection(await connectInBrowser(address, options));
}

/** Connects to a WebSocket. */
export function connectForFrames(
  address: AddressLike,
  options: ConnectOptions,
): Promise<Transport> {
  return connectInBrowser(address, options);
}

/** There are no sockets that listen. */
export function listen(): Promise<never> {
  return refuse("listen", "serve from Deno, Bun or Node");
}

/** There are no sockets for datagrams. */
export function bindDatagram(): Promise<never> {
  return refuse("bind a socket for datagrams", STREAMS);
}

const network: Network = { connect, listen };
export {
  network as bunNetwork,
  network as denoNetwork,
  network as nodeNetwork,
};

/** Has no TLS for programs: what the browser connects to has its own. */
export function loadTls(): Promise<never> {
  return refuse("use TLS", STREAMS);
}
export { loadTls as startTls };

/** Nothing follows asynchronous calls. */
export function asyncContext<T>(): AsyncContext<T> {
  return { run: (_, body) => body(), get: () => undefined };
}

/** There is no place to return to. */
export function here(): undefined {}
/** There is nothing to call from. */
export function callFrom(): undefined {}

/** There are no streams of Node. */
export function nodeDuplex(): never {
  throw unsupported("use a stream of Node", STREAMS);
}

/** There are no servers of HTTP. */
export function attachWebSocket(): never {
  throw unsupported("serve WebSockets", "serve from Deno, Bun or Node");
}

/** There is no standard input. */
export function stdio(): never {
  throw unsupported("use standard input", STREAMS);
}

/** Starts no program. */
export function childProcess(): Promise<never> {
  return refuse(
    "start a program",
    "start a worker, and use messagePort of @framewire/framewire/net/message_port",
  );
}

/** Serves no commands. */
export function serveCommands(): Promise<never> {
  return refuse("serve commands", "serve them from Deno, Bun or Node");
}

/** Connects to no server of commands. */
export function connectCommands(): Promise<never> {
  return refuse(
    "run remote commands",
    "run them from a server, and ask it with @framewire/framewire/message",
  );
}

/** Has no digest of its own: browsers compute them asynchronously. */
export const sha256: Digest = noDigest("sha-256");
/** Has no digest of its own. */
export const md5: Digest = noDigest("md5");

/** Has no compression of its own: browsers compress asynchronously. */
export const gzip: Compression = noCompression("gzip");
/** Has no compression of its own. */
export const deflate: Compression = noCompression("deflate");

function noDigest(name: string): Digest {
  return {
    name,
    compute() {
      throw unsupported(`compute ${name}`, "pass a Digest of your own");
    },
  };
}

function noCompression(name: string): Compression {
  const fail = (): never => {
    throw unsupported(
      `use ${name}`,
      "pass a Compression of your own, or pipe the stream through a DecompressionStream",
    );
  };
  return { name, compress: fail, decompress: fail };
}

function refuse(what: string, instead: string): Promise<never> {
  return Promise.reject(unsupported(what, instead));
}

function unsupported(what: string, instead: string): NetError {
  return new NetError(
    "NOT_SUPPORTED",
    `Cannot ${what} in a browser: ${instead}`,
  );
}
