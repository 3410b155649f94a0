/**
 * The codes of network errors:
 *
 * - `CONNECTION_REFUSED`: no process listens at the address.
 * - `CONNECTION_RESET`: the peer reset the connection, or was gone when something
 *   was written to it.
 * - `CONNECTION_CLOSED`: the connection was closed or aborted on this side.
 * - `TIMED_OUT`: it took longer than the time limit.
 * - `ADDRESS_IN_USE`: another socket listens at the address.
 * - `ADDRESS_NOT_AVAILABLE`: the address is not one of this machine.
 * - `HOST_NOT_FOUND`: the host name or the path does not exist.
 * - `PERMISSION_DENIED`: the system or the runtime does not allow it.
 * - `MESSAGE_TOO_LARGE`: the data is longer than a datagram can be, or a message of a
 *   WebSocket longer than its limit (`maxMessageLength`).
 * - `SEND_BUFFER_FULL`: the program sent more without waiting than the limit
 *   (`maxSendBuffer`) allows, more waits for a connection (`maxQueued`), or most of
 *   what waits in a server (`maxTotalBuffer`).
 * - `RECEIVE_BUFFER_FULL`: the program has not read 16 MiB of a `WebSocket` in a
 *   browser without `WebSocketStream`, which cannot hold the peer back; or what is not
 *   read of this connection is most of what waits in a server (`maxTotalBuffer`).
 * - `RATE_EXCEEDED`: the peer sent more in a time than a limit (`rate`, `addressRate`)
 *   allows.
 * - `OUT_OF_DESCRIPTORS`: too many files and sockets are open in this process, or
 *   on this machine, for another connection.
 * - `ACCEPTING_AGAIN`: no failure: a listener that had told of `OUT_OF_DESCRIPTORS`
 *   accepts connections again.
 * - `TLS_UNTRUSTED`: the certificate of the peer is not issued by an authority that is
 *   trusted, or is not one of those that are pinned.
 * - `TLS_NAME`: the certificate of the peer is for another name.
 * - `TLS_EXPIRED`: the certificate of the peer has expired, or is not valid yet.
 * - `TLS_REFUSED`: the peer refused the TLS connection, such as one without a
 *   certificate, or ended it in the handshake.
 * - `TLS_PROTOCOL`: the peer does not speak TLS, or not a version, cipher suite or
 *   protocol (ALPN) that this side speaks.
 * - `TLS_TRUNCATED`: the connection below ended, and TLS did not say that it would: what
 *   the peer sent last may be missing.
 * - `WS_REFUSED`: the server refused the WebSocket with the status of HTTP that is in
 *   the message; with a server, that was its own answer.
 * - `WS_PROTOCOL`: the peer does not speak WebSocket, or breaks its rules.
 * - `WS_TRUNCATED`: the connection below ended without a close frame: what the peer
 *   sent last may be missing.
 * - `WS_CLOSED`: the peer closed the WebSocket for a reason that is no good end: the
 *   code and the text of its close frame are in the message.
 * - `HANDSHAKE_FAILED`: a step of a handshake (`handshake`) threw; its error is the
 *   `cause`.
 * - `PROXY_PROTOCOL`: the connection did not begin with a header of the PROXY protocol,
 *   or with one that is wrong (`proxyProtocol`).
 * - `PROXY_UNTRUSTED`: the connection did not come from a trusted proxy
 *   (`proxyProtocol.trusted`).
 * - `PROCESS_FAILED`: the child process ended with a status other than 0, or by a
 *   signal.
 * - `UNAVAILABLE`: the system that connects the nodes of a service (`Backplane`) is away.
 * - `MESSAGES_LOST`: the backplane has removed messages of a topic before a server
 *   could read them.
 * - `TOO_MANY_TOPICS`: a connection of a server is subscribed to as many topics as a
 *   limit (`topics.maxPerConnection`) allows.
 * - `NO_HANDLER`: no node of a backplane serves the subject of a request.
 * - `HANDLER_FAILED`: the handler of a request over a backplane threw.
 * - `NOT_SUPPORTED`: there is no such thing here, as sockets in a browser.
 * - `NETWORK_ERROR`: anything else; the runtime's own error is the `cause`.
 */
export type NetErrorCode =
  | "CONNECTION_REFUSED"
  | "CONNECTION_RESET"
  | "CONNECTION_CLOSED"
  | "TIMED_OUT"
  | "ADDRESS_IN_USE"
  | "ADDRESS_NOT_AVAILABLE"
  | "HOST_NOT_FOUND"
  | "PERMISSION_DENIED"
  | "MESSAGE_TOO_LARGE"
  | "SEND_BUFFER_FULL"
  | "RECEIVE_BUFFER_FULL"
  | "RATE_EXCEEDED"
  | "OUT_OF_DESCRIPTORS"
  | "ACCEPTING_AGAIN"
  | "TLS_UNTRUSTED"
  | "TLS_NAME"
  | "TLS_EXPIRED"
  | "TLS_REFUSED"
  | "TLS_PROTOCOL"
  | "TLS_TRUNCATED"
  | "WS_REFUSED"
  | "WS_PROTOCOL"
  | "WS_TRUNCATED"
  | "WS_CLOSED"
  | "HANDSHAKE_FAILED"
  | "PROXY_PROTOCOL"
  | "PROXY_UNTRUSTED"
  | "PROCESS_FAILED"
  | "UNAVAILABLE"
  | "MESSAGES_LOST"
  | "TOO_MANY_TOPICS"
  | "NO_HANDLER"
  | "HANDLER_FAILED"
  | "NOT_SUPPORTED"
  | "NETWORK_ERROR";

/**
 * The error of a connection or a listener: the same codes on every runtime,
 * with the runtime's own error as its `cause`.
 *
 * @example
 * ```ts
 * import { NetError } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new NetError("TIMED_OUT", "Cannot connect: no answer in 5000 ms", {
 *   limit: "timeoutMs",
 * });
 * assertEquals(error.code, "TIMED_OUT");
 * assertEquals(error.limit, "timeoutMs");
 * ```
 */
export class NetError extends Error {
  /** What went wrong, for programs. */
  readonly code: NetErrorCode;
  /**
   * The limit that was exceeded, by the name of its option, such as `idleTimeoutMs`;
   * `undefined` where it was none. Three limits are no options, and are called
   * `maxHandshakes`, `maxWaitingConnections` and `maxWaitingReplies`; nor is the
   * `maxSendBuffer` of a `DatagramSocket`.
   */
  declare readonly limit: string | undefined;

  /** Makes an error of the code, which may name the limit that was exceeded. */
  constructor(
    code: NetErrorCode,
    message: string,
    options: ErrorOptions & { readonly limit?: string | undefined } = {},
  ) {
    super(message, options);
    this.name = "NetError";
    this.code = code;
    // Errors without one are shown without it.
    if (options.limit !== undefined) this.limit = options.limit;
  }
}
