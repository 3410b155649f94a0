/**
 * WebSockets at a server of `node:http` or `node:https`, beside what else it serves.
 *
 * @module
 */
import { Server as HttpsServer } from "node:https";
import { HOSTNAME, TLS_HANDSHAKE_TIMEOUT_MS } from "../../defaults.ts";
import type { Address } from "../address.ts";
import {
  AcceptingListener,
  WaitingConnections,
} from "../accepting_listener.ts";
import { report } from "../report.ts";
import type { Listener } from "../types.ts";
import type { Head } from "../websocket/head.ts";
import { pathOf, WebSocketServer } from "../websocket/mod.ts";
import type { ServerWebSocket } from "../websocket_types.ts";
import { type NodeDuplex, nodeDuplex } from "./node_duplex.ts";

/** What is used of a request of `node:http`. */
export interface UpgradeRequest {
  /** The method. */
  readonly method?: string | undefined;
  /** The path with its query. */
  readonly url?: string | undefined;
  /** The version of HTTP. */
  readonly httpVersion: string;
  /** The fields, their names in lower case. */
  readonly headers: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
}

/** What is used of a socket of `node:http`. */
export interface UpgradeSocket extends NodeDuplex {
  /** Puts back what was read of it. */
  unshift(chunk: Uint8Array): void;
  /** Sets the time limit of `node:http`; 0 for none. */
  setTimeout?(ms: number): unknown;
  /** Whether small writes are delayed. */
  setNoDelay?(noDelay: boolean): unknown;
}

/** Takes a request for another protocol. */
export type UpgradeHandler = (
  request: UpgradeRequest,
  socket: UpgradeSocket,
  head: Uint8Array,
) => void;

/** What is used of a server of `node:http` or `node:https`. */
export interface UpgradeServer {
  /** Calls a listener with each request for another protocol. */
  on(event: "upgrade", listener: UpgradeHandler): unknown;
  /** Removes a listener. */
  off(event: "upgrade", listener: UpgradeHandler): unknown;
  /** How many listeners there are. */
  listenerCount(event: "upgrade"): number;
  /** Where it listens. */
  address():
    | string
    | { readonly address: string; readonly port: number }
    | null;
}

/** Options of {@linkcode attachWebSocket}. */
export interface AttachOptions extends ServerWebSocket {
  /**
   * Called with the `NetError` of each opening handshake that failed, and where the
   * client is. The client has been answered then. It is also called with that of each
   * connection that was aborted because 512 others waited for the program
   * (`CONNECTION_REFUSED`).
   */
  onError?: (error: unknown, peer?: Address) => void;
}

/**
 * Takes the WebSockets of a server of `node:http` or `node:https`, on the three
 * runtimes. All other requests stay with that server; requests for another path, or
 * another protocol, go to its other `upgrade` listeners, and where there are none they
 * are refused.
 *
 * @example
 * ```ts
 * import { createClient, json, lengthPrefixed, serve } from "@framewire/framewire";
 * import { attachWebSocket } from "@framewire/framewire/net/http";
 * import { assertEquals } from "@std/assert";
 * import { once } from "node:events";
 * import http from "node:http";
 *
 * const pages = http.createServer((_, response) => response.end("a page"));
 * pages.listen(0, "127.0.0.1");
 * await once(pages, "listening");
 *
 * const codec = json(lengthPrefixed());
 * const listener = attachWebSocket(pages, { path: "/chat" });
 * const { address } = listener; // { transport: "ws", path: "/chat", ... }
 * const server = await serve(
 *   { address, codec, network: { listen: () => Promise.resolve(listener) } },
 *   (connection) => connection.forEach((message) => connection.send([message])),
 * );
 *
 * const client = await createClient({ address, codec });
 * await client.send("hello");
 * assertEquals(await client.receive(), ["hello"]);
 * await client.close();
 * await server.close();
 * pages.close();
 * ```
 *
 * @param server The server. It is not closed with the listener.
 * @param options The path, and what messages are.
 * @returns The connections that it accepts. Its address is known when the server
 * listens; before, the port is 0.
 * @throws {TypeError} If it is no such server, or an option cannot be used.
 * @throws {RangeError} If a number is out of its range.
 */
export function attachWebSocket(
  server: UpgradeServer,
  options: AttachOptions = {},
): Listener {
  if (typeof server?.listenerCount !== "function") {
    throw new TypeError(
      `Cannot use server: expected a server of node:http, got ${typeof server}`,
    );
  }
  const { onError, ...webSocket } = options;
  const nowhere: Address = { transport: "tcp", hostname: HOSTNAME, port: 0 };
  const sockets = new WebSocketServer(
    webSocket,
    nowhere,
    TLS_HANDSHAKE_TIMEOUT_MS,
  );
  const { path } = sockets;
  const alarm = (error: unknown, peer: Address) =>
    report(error, () => onError?.(error, peer));
  const waiting = new WaitingConnections(alarm);
  const onUpgrade: UpgradeHandler = (request, socket, head) => {
    const isOurs = pathOf(request.url ?? "") === pathOf(path) &&
      /(^|,)\s*websocket\s*(,|$)/i.test(String(request.headers.upgrade));
    if (!isOurs && server.listenerCount("upgrade") > 1) return;
    socket.setTimeout?.(0);
    socket.setNoDelay?.(true);
    if (head.length > 0) socket.unshift(head);
    const transport = nodeDuplex(socket);
    sockets.upgrade(transport, () =>
      Promise.resolve({
        head: headOf(request),
        deliverTo: (sink) => transport.open(sink),
      }))
      .then(
        (connection) => waiting.push(connection),
        (error) => alarm(error, transport.remoteAddress),
      );
  };
  server.on("upgrade", onUpgrade);
  return new AcceptingListener(
    {
      get address() {
        return addressOf(server, path);
      },
      close() {
        server.off("upgrade", onUpgrade);
        return Promise.resolve();
      },
    },
    waiting,
    undefined,
    [sockets],
    undefined,
  );
}

function headOf(
  { method = "", url = "", httpVersion, headers }: UpgradeRequest,
): Head {
  const fields = Object.entries(headers)
    .map(([name, value]) => [name, `${value}`] as const);
  return {
    start: [method, url, `HTTP/${httpVersion}`],
    fields: new Map(fields),
  };
}

function addressOf(server: UpgradeServer, path: string): Address {
  const address = server.address();
  if (typeof address === "string") return { transport: "unix", path: address };
  const { address: hostname = HOSTNAME, port = 0 } = address ?? {};
  const transport = server instanceof HttpsServer ? "wss" : "ws";
  return { transport, hostname, port, path };
}
