/** Servers and clients of ours, with a peer by hand at the other end. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type ClientWebSocket,
  type CloseInfo,
  framed,
  type FramedConnection,
  lengthPrefixed,
  type Listener,
  NetError,
  type NetErrorCode,
  type Network,
  serve,
  type ServerWebSocket,
} from "../../../mod.ts";
import { memoryNetwork } from "../../../src/net/adapters/memory.ts";
import { utf8 } from "../../support/bytes.ts";
import { RawPeer, request } from "./raw_peer.ts";

const CLOSE = 8;

/** Bytes by their values. */
export function bytes(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}

/** A connection of messages. */
export type Echo = FramedConnection<Uint8Array>;

/** A server that echoes, on a memory network, and what became of its connections. */
export interface Place extends AsyncDisposable {
  readonly network: Network;
  readonly errors: unknown[];
  readonly closed: Promise<CloseInfo>[];
  raw(): Promise<RawPeer>;
}

/** Makes one. */
export async function place(
  webSocket: ServerWebSocket = {},
  options: { readonly handshakeTimeoutMs?: number } = {},
  handler: (connection: Echo) => Promise<void> = echo,
  network: Network = memoryNetwork(),
): Promise<Place> {
  const errors: unknown[] = [];
  const closed: Promise<CloseInfo>[] = [];
  const server = await serve({
    address: "memory:place",
    network,
    codec: lengthPrefixed({ maxFrameLength: 2 ** 30 }),
    webSocket,
    onError: (error) => errors.push(error),
    ...options,
  }, (connection) => {
    closed.push(connection.closed);
    return handler(connection);
  });
  return {
    network,
    errors,
    closed,
    raw: async () => new RawPeer(await network.connect("memory:place")),
    [Symbol.asyncDispose]: () => server.close({ graceMs: 100 }),
  };
}

/** Sends back what comes. */
export function echo(connection: Echo): Promise<void> {
  return connection.forEach((message) => connection.send(message));
}

/** A peer by hand whose handshake is done. */
export async function opened(at: Place): Promise<RawPeer> {
  const peer = await at.raw();
  await peer.send(request());
  assertStringIncludes(await peer.head(), "HTTP/1.1 101 Switching Protocols");
  return peer;
}

/** The code of an error of the network. */
export function codeOf(error: unknown): NetErrorCode {
  assert(error instanceof NetError, String(error));
  return error.code;
}

/** Fails unless a promise rejects with an error of a code. */
export async function rejectsWith(
  code: NetErrorCode,
  promise: Promise<unknown>,
  text = "",
): Promise<void> {
  const error = await assertRejects(() => promise, NetError, text);
  assertEquals(error.code, code, error.message);
}

/** The code of a close frame. */
export async function closeCode(peer: RawPeer): Promise<number | undefined> {
  const got = await peer.frame();
  if (got?.opcode !== CLOSE) return undefined;
  return got.payload[0]! * 256 + got.payload[1]!;
}

/** The response of a server, in which KEY stands for what it must be. */
export function answer(fields: Readonly<Record<string, string>>): string {
  const all = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": "KEY",
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** What the request of a client is answered with. */
export async function accepted(head: string): Promise<string> {
  const key = /Sec-WebSocket-Key: (\S+)/.exec(head)?.[1];
  const text = utf8(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = await crypto.subtle.digest("SHA-1", text);
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** A server by hand, and a client of ours. */
export async function byHand(webSocket: ClientWebSocket = {}): Promise<{
  readonly listener: Listener;
  readonly peer: RawPeer;
  readonly client: Echo;
}> {
  const network = memoryNetwork();
  const listener = await network.listen("memory:hand");
  const connecting = network.connect("memory:hand", { webSocket });
  const { value: connection } = await listener[Symbol.asyncIterator]().next();
  const peer = new RawPeer(connection);
  const head = await peer.head();
  await peer.send(answer({ "Sec-WebSocket-Accept": await accepted(head) }));
  const client = framed(await connecting, lengthPrefixed());
  return { listener, peer, client };
}
