import { checkOptions, type OptionKinds } from "../../checks.ts";
import { LINGER_MS } from "../../defaults.ts";
import { type Address, formatAddress } from "../address.ts";
import { deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import { Handshakes } from "../handshakes.ts";
import { OpeningReader } from "../opening_reader.ts";
import { after } from "../timer.ts";
import type { Transport, TransportSink } from "../transport.ts";
import type { ServerWebSocket } from "../websocket_types.ts";
import { acceptKey } from "./accept_key.ts";
import { webSocketAddress } from "./address.ts";
import { type Head, headFormat } from "./head.ts";
import {
  commonKinds,
  type WebSocketSettings,
  webSocketSettings,
} from "../websocket_options.ts";
import { type Refusal, refusalOf } from "./request.ts";
import { WebSocketTransport } from "./transport.ts";

const kinds: OptionKinds<ServerWebSocket> = {
  ...commonKinds,
  origins: "checked",
};

/** A request whose head was read. */
export interface Request {
  readonly head: Head;
  /** Has what arrives behind the head delivered to a sink, from now on. */
  readonly deliverTo: (sink: TransportSink) => void;
}

/** The server side of WebSocket. */
export class WebSocketServer {
  readonly #settings: WebSocketSettings;
  readonly #origins: readonly string[] | undefined;
  readonly #handshakes: Handshakes;

  /**
   * Checks how a server uses WebSocket.
   *
   * @throws {TypeError} If an option cannot be used.
   * @throws {RangeError} If a number is out of its range.
   */
  constructor(options: ServerWebSocket, at: Address, timeoutMs: number) {
    checkOptions("webSocket of a server", options, kinds);
    this.#settings = webSocketSettings(options, at);
    this.#origins = originsOf(options.origins);
    this.#handshakes = new Handshakes(
      "The opening handshake of WebSocket",
      timeoutMs,
    );
  }

  /** The resource that clients ask for. */
  get path(): string {
    return this.#settings.path;
  }

  /**
   * Does the opening handshake over a transport, which belongs to this call.
   *
   * @param read Reads the request, where it is not read from the transport.
   * @throws {NetError} If it fails, or takes longer than the time limit.
   */
  async upgrade(
    transport: Transport,
    read: () => Promise<Request> = () => readRequest(transport),
  ): Promise<Transport> {
    const who = `the client at ${formatAddress(transport.remoteAddress)}`;
    try {
      return await this.#handshakes.run(
        who,
        () => this.#answer(transport, read, who),
      );
    } catch (error) {
      transport.abort();
      throw error;
    }
  }

  /** Ends all handshakes. */
  close(): void {
    this.#handshakes.close();
  }

  async #answer(
    transport: Transport,
    read: () => Promise<Request>,
    who: string,
  ): Promise<Transport> {
    const { head, deliverTo } = await read();
    const { path, protocol } = this.#settings;
    const wanted = { path, protocol, origins: this.#origins };
    const refusal = refusalOf(head, wanted);
    if (refusal !== undefined) {
      await refuse(transport, deliverTo, refusal);
      throw new NetError(
        "WS_REFUSED",
        `The WebSocket of ${who} was refused: ${refusal.status}. ${refusal.why}`,
      );
    }
    const key = head.fields.get("sec-websocket-key") ?? "";
    await transport.write(
      headOf("101 Switching Protocols", [
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${await acceptKey(key)}`,
        ...(protocol === undefined
          ? []
          : [`Sec-WebSocket-Protocol: ${protocol}`]),
      ]),
    );
    const target = head.start[1];
    return new WebSocketTransport({
      below: transport,
      deliverTo,
      localAddress: webSocketAddress(transport.localAddress, target),
      remoteAddress: webSocketAddress(transport.remoteAddress, target),
      settings: { ...this.#settings, isClient: false },
    });
  }
}

async function readRequest(transport: Transport): Promise<Request> {
  const reader = new OpeningReader(transport, headFormat);
  const deliverTo = (sink: TransportSink) => reader.deliverTo(sink);
  try {
    return { head: await reader.opening, deliverTo };
  } catch (error) {
    const isHttp = error instanceof NetError && error.code === "WS_PROTOCOL";
    if (isHttp) {
      const { message: why } = error;
      await refuse(transport, deliverTo, { status: "400 Bad Request", why });
    }
    throw error;
  }
}

/** Answers with an error, and waits until the client has read it or goes on for too long. */
async function refuse(
  transport: Transport,
  deliverTo: (sink: TransportSink) => void,
  { status, why, fields = [] }: Refusal,
): Promise<void> {
  const text = new TextEncoder().encode(`${why}\n`);
  await transport.write(
    headOf(status, [
      ...fields,
      "Connection: close",
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${text.length}`,
    ]),
  );
  await transport.write(text);
  await transport.closeWrite();
  // A connection that is closed with unread bytes would lose the answer.
  const { promise: ended, resolve } = deferred<void>();
  const callOff = after(LINGER_MS, resolve);
  deliverTo({ data: () => undefined, end: resolve, fail: () => resolve() });
  transport.resume();
  await ended;
  callOff();
}

function headOf(status: string, fields: readonly string[]): Uint8Array {
  const lines = [`HTTP/1.1 ${status}`, ...fields];
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
}

function originsOf(origins?: readonly string[]): string[] | undefined {
  if (origins === undefined) return undefined;
  const isList = Array.isArray(origins) &&
    origins.every((origin) =>
      typeof origin === "string" &&
      /^(\*|null|[a-z][a-z\d+.-]*:\/\/[^/\s]+)$/i.test(origin)
    );
  if (isList) return origins.map((origin) => origin.toLowerCase());
  throw new TypeError(
    `Cannot use webSocket.origins: expected origins such as "https://example.org", without a path, got ${origins}`,
  );
}
