import { checkOptions, type OptionKinds } from "../../checks.ts";
import { type Address, formatAddress } from "../address.ts";
import { deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import { OpeningReader } from "../opening_reader.ts";
import type { Transport } from "../transport.ts";
import type { ClientWebSocket } from "../websocket_types.ts";
import { acceptKey, newClientKey } from "./accept_key.ts";
import { webSocketAddress } from "./address.ts";
import { hasToken, type Head, headFormat } from "./head.ts";
import { commonKinds, webSocketSettings } from "../websocket_options.ts";
import { WebSocketTransport } from "./transport.ts";

/** The client side of WebSocket towards one address. */
export interface WebSocketClient {
  /**
   * Does the opening handshake over a transport, which belongs to this call.
   *
   * @throws {NetError} If it fails.
   */
  upgrade(transport: Transport, signal: AbortSignal): Promise<Transport>;
}

const kinds: OptionKinds<ClientWebSocket> = {
  ...commonKinds,
  headers: "object",
};

/** The fields of the request that belong to the handshake. */
const OWN_FIELDS =
  /^(connection|content-length|host|sec-websocket-.*|transfer-encoding|upgrade)$/i;

/**
 * Checks how a client uses WebSocket.
 *
 * @throws {TypeError} If an option cannot be used.
 * @throws {RangeError} If a number is out of its range.
 */
export function webSocketClient(
  options: ClientWebSocket,
  to: Address,
): WebSocketClient {
  checkOptions("webSocket of a client", options, kinds);
  const settings = webSocketSettings(options, to);
  const { path, protocol } = settings;
  const fields = fieldsOf(options.headers ?? {});
  return {
    async upgrade(transport, signal) {
      const { promise: stopped, reject } = deferred<never>();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      try {
        return await Promise.race([open(transport), stopped]);
      } catch (error) {
        transport.abort();
        throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
  };

  async function open(transport: Transport): Promise<Transport> {
    const reader = new OpeningReader(transport, headFormat);
    const key = newClientKey();
    const request = [
      `GET ${path} HTTP/1.1`,
      `Host: ${hostOf(to)}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
      ...(protocol === undefined
        ? []
        : [`Sec-WebSocket-Protocol: ${protocol}`]),
      ...fields,
    ];
    await transport.write(
      new TextEncoder().encode(`${request.join("\r\n")}\r\n\r\n`),
    );
    const head = await reader.opening;
    verify(head, await acceptKey(key), protocol, formatAddress(to));
    return new WebSocketTransport({
      below: transport,
      deliverTo: (sink) => reader.deliverTo(sink),
      localAddress: webSocketAddress(transport.localAddress, path),
      remoteAddress: webSocketAddress(transport.remoteAddress, path),
      settings: { ...settings, isClient: true },
    });
  }
}

function verify(
  { start: [version, status, reason], fields }: Head,
  accept: string,
  protocol: string | undefined,
  server: string,
): void {
  const isHttp = version === "HTTP/1.1" && /^\d{3}$/.test(status);
  if (isHttp && status !== "101") {
    throw new NetError(
      "WS_REFUSED",
      `The server at ${server} refused the WebSocket: ${status} ${reason}`,
    );
  }
  const agreed = fields.get("sec-websocket-protocol");
  const problem = !isHttp
    ? "it does not speak HTTP/1.1"
    : !hasToken({ fields }, "upgrade", "websocket") ||
        !hasToken({ fields }, "connection", "upgrade") ||
        fields.get("sec-websocket-accept") !== accept
    ? "it does not answer as WebSocket does"
    : fields.has("sec-websocket-extensions")
    ? "it uses an extension that was not offered"
    : agreed !== protocol
    ? `it speaks ${agreed ?? "no"} protocol, expected ${protocol ?? "none"}`
    : undefined;
  if (problem === undefined) return;
  throw new NetError(
    "WS_PROTOCOL",
    `Cannot use the server at ${server} for a WebSocket: ${problem}`,
  );
}

function hostOf(to: Address): string {
  if (to.transport !== "ws" && to.transport !== "wss") return "localhost";
  const { hostname, port } = to;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return port === (to.transport === "ws" ? 80 : 443) ? host : `${host}:${port}`;
}

function fieldsOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => {
    const isField = /^[!#$%&'*+\-.^_`|~\w]+$/.test(name) &&
      typeof value === "string" && /^[\t -~]*$/.test(value);
    if (isField && !OWN_FIELDS.test(name)) return `${name}: ${value}`;
    throw new TypeError(
      `Cannot use webSocket.headers: expected fields in ASCII that are not those of the handshake, got ${name}`,
    );
  });
}
