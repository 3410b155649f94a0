import { MAX_BROWSER_BUFFER, SEND_HIGH_WATER_MARK } from "../../defaults.ts";
import { deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";

/** What a message is in a browser. */
export type Message = string | ArrayBuffer | Uint8Array;

/** How a WebSocket ended. */
export interface SocketClose {
  readonly closeCode: number;
  readonly reason: string;
}

/** What is used of a `WebSocketStream`. */
export interface SocketStream {
  /** Settles when the opening handshake is done. */
  readonly opened: Promise<{
    readonly readable: ReadableStream<Message>;
    readonly writable: WritableStream<Message>;
    readonly protocol: string;
  }>;
  /** Settles at the end; rejects where the peer has not closed it. */
  readonly closed: Promise<SocketClose>;
  /** Begins the closing handshake. */
  close(info?: { closeCode?: number; reason?: string }): void;
}

/** Makes a `WebSocketStream`. */
type SocketStreamConstructor = new (
  url: string,
  options: { readonly protocols: string[]; readonly signal: AbortSignal },
) => SocketStream;

/** Opens a WebSocket: as a `WebSocketStream` where there is one. */
export function openSocket(
  url: string,
  protocols: string[],
  signal: AbortSignal,
): SocketStream {
  const { WebSocketStream } = globalThis as object as {
    readonly WebSocketStream?: SocketStreamConstructor;
  };
  return WebSocketStream === undefined
    ? socketStream(url, protocols, signal)
    : new WebSocketStream(url, { protocols, signal });
}

/** How long to wait before looking whether a socket has sent its bytes. */
const POLL_MS = 10;

/**
 * A `WebSocket` as a `WebSocketStream`. Nothing holds its peer back: when the program
 * has not read 16 MiB, the socket is closed, and the stream fails.
 */
export function socketStream(
  url: string,
  protocols: string[],
  signal: AbortSignal,
): SocketStream {
  const socket = new WebSocket(url, protocols);
  socket.binaryType = "arraybuffer";
  const opened = deferred<Awaited<SocketStream["opened"]>>();
  const closed = deferred<SocketClose>();
  // Each tells of the same failure; not both are awaited.
  opened.promise.catch(() => undefined);
  closed.promise.catch(() => undefined);
  let isOver = false;
  let controller: ReadableStreamDefaultController<Message>;
  const readable = new ReadableStream<Message>({
    start: (made) => void (controller = made),
    cancel: () => socket.close(1_000),
  }, {
    highWaterMark: MAX_BROWSER_BUFFER,
    size: (message) =>
      typeof message === "string" ? 2 * message.length : message.byteLength,
  });
  const writable = new WritableStream<Message>({
    async write(message) {
      // A socket that is closed would lose it without an error.
      const checkOpen = () => {
        if (socket.readyState === WebSocket.OPEN) return;
        throw new Error("The WebSocket is closed");
      };
      checkOpen();
      socket.send(message as string | ArrayBuffer);
      while (socket.bufferedAmount > SEND_HIGH_WATER_MARK) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        checkOpen();
      }
    },
    close: () => socket.close(1_000),
    abort: () => socket.close(4_000),
  });
  const fail = (error: unknown) => {
    if (isOver) return;
    isOver = true;
    controller.error(error);
    opened.reject(error);
    closed.reject(error);
    socket.close(4_000);
  };
  signal.addEventListener("abort", () => fail(signal.reason), { once: true });
  if (signal.aborted) fail(signal.reason);
  socket.onopen = () => {
    const { protocol } = socket;
    opened.resolve({ readable, writable, protocol });
  };
  socket.onmessage = ({ data }) => {
    if (isOver) return;
    controller.enqueue(data);
    if (controller.desiredSize === null || controller.desiredSize >= 0) return;
    fail(
      new NetError(
        "RECEIVE_BUFFER_FULL",
        `The program has not read ${MAX_BROWSER_BUFFER} bytes of a WebSocket, whose peer a browser cannot hold back without WebSocketStream`,
      ),
    );
  };
  socket.onclose = ({ code, reason, wasClean }) => {
    if (!wasClean) return fail(new Error("The WebSocket broke"));
    if (isOver) return;
    isOver = true;
    controller.close();
    closed.resolve({ closeCode: code, reason });
  };
  return {
    opened: opened.promise,
    closed: closed.promise,
    close: () => socket.close(1_000),
  };
}
