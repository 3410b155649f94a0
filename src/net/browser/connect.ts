import {
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../../checks.ts";
import { CONNECT_TIMEOUT_MS } from "../../defaults.ts";
import { StreamsTransport } from "../adapters/streams.ts";
import { type AddressLike, formatAddress } from "../address.ts";
import { checkAddress } from "../check_address.ts";
import { NetError } from "../errors.ts";
import { connectKinds } from "../option_kinds.ts";
import { parseWebSocketAddress } from "../parse_websocket_address.ts";
import type { Transport } from "../transport.ts";
import type { ConnectOptions } from "../types.ts";
import {
  type WebSocketSettings,
  webSocketSettings,
} from "../websocket_options.ts";
import type { WebSocketOptions } from "../websocket_types.ts";
import { withinTime } from "../within_time.ts";
import { bytesOfMessage, MessageSplitter } from "./messages.ts";
import {
  type Message,
  openSocket,
  type SocketStream,
} from "./socket_stream.ts";

/** Browsers send no pings, and no fields of a program. */
const kinds: OptionKinds<Omit<WebSocketOptions, "pingMs">> = {
  path: "checked",
  mode: "checked",
  type: "checked",
  maxMessageLength: "checked",
  protocol: "checked",
};

/** Connects to a WebSocket with what a browser has. */
export async function connectInBrowser(
  address: AddressLike,
  options: ConnectOptions = {},
  open: typeof openSocket = openSocket,
): Promise<Transport> {
  checkOptions("connect", options, connectKinds);
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS, webSocket = {} } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
  checkOptions("webSocket of a browser", webSocket, kinds);
  checkAddress(address);
  const to = parseWebSocketAddress(address);
  if (to === undefined) {
    throw new NetError(
      "NOT_SUPPORTED",
      `Cannot connect to ${
        JSON.stringify(address)
      } in a browser: use "ws://host:port/path" or "wss://host", or framed(stream, codec) with the { readable, writable } of a WebTransport stream`,
    );
  }
  if (options.tls !== undefined) {
    throw new TypeError("Cannot use tls: the browser decides whom it trusts");
  }
  const { noDelay = true, keepAlive = false } = options;
  if (!noDelay || keepAlive !== false) {
    throw new TypeError(
      `Cannot use ${
        noDelay ? "keepAlive" : "noDelay"
      }: the browser has settings of its own`,
    );
  }
  const settings = webSocketSettings(webSocket, to);
  const at = { ...to, path: settings.path };
  const { protocol } = settings;
  const protocols = protocol === undefined ? [] : [protocol];
  return await withinTime(to, timeoutMs, signal, async (signal) => {
    try {
      const socket = open(formatAddress(at), protocols, signal);
      // What is not awaited any more.
      socket.closed.catch(() => undefined);
      const streams = await socket.opened;
      return new StreamsTransport({
        readable: readableOf(socket, streams.readable, settings),
        writable: writableOf(socket, streams.writable, settings),
        remoteAddress: at,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new NetError(
        "CONNECTION_REFUSED",
        `Cannot connect to ${
          formatAddress(at)
        }: a browser does not say why; nobody listens there, the server refuses the page or the path, or its certificate is not trusted`,
        { cause },
      );
    }
  });
}

/** The messages as bytes for a codec. */
function readableOf(
  socket: SocketStream,
  messages: ReadableStream<Message>,
  settings: WebSocketSettings,
): ReadableStream<Uint8Array> {
  const reader = messages.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        for (;;) {
          const { value } = await reader.read();
          if (value === undefined) break;
          const bytes = bytesOfMessage(value, settings);
          if (bytes.length > 0) return controller.enqueue(bytes);
        }
        checkClose(await socket.closed);
        controller.close();
      } catch (error) {
        socket.close();
        throw error instanceof NetError ? error : truncated(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** The bytes of a codec as messages. */
function writableOf(
  socket: SocketStream,
  messages: WritableStream<Message>,
  settings: WebSocketSettings,
): WritableStream<Uint8Array> {
  const splitter = new MessageSplitter(settings);
  const writer = messages.getWriter();
  writer.closed.catch(() => undefined);
  return new WritableStream({
    async write(bytes) {
      try {
        for (const message of splitter.push(bytes)) await writer.write(message);
      } catch (error) {
        throw error instanceof NetError ? error : await refusal(socket);
      }
    },
    close() {
      if (!splitter.isInMessage) return socket.close({ closeCode: 1_000 });
      return writer.abort(new Error("The last message was not whole"));
    },
    abort: (reason) => writer.abort(reason),
  });
}

/** Why nothing can be sent any more. */
async function refusal({ closed }: SocketStream): Promise<NetError> {
  try {
    checkClose(await closed);
    return new NetError(
      "CONNECTION_CLOSED",
      "The peer has closed the WebSocket, which has no half-close",
    );
  } catch (error) {
    return error instanceof NetError ? error : truncated(error);
  }
}

function checkClose(
  { closeCode, reason }: {
    readonly closeCode: number;
    readonly reason: string;
  },
): void {
  if ([1_000, 1_001, 1_005].includes(closeCode)) return;
  const why = reason === "" ? "" : ` ${JSON.stringify(reason)}`;
  throw new NetError(
    "WS_CLOSED",
    `The peer closed the WebSocket: ${closeCode}${why}`,
  );
}

function truncated(cause: unknown): NetError {
  return new NetError(
    "WS_TRUNCATED",
    "The WebSocket ended without a close frame: what the peer sent last may be missing",
    { cause },
  );
}
