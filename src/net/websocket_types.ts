/** What both sides of a WebSocket can choose. */
export interface WebSocketOptions {
  /**
   * The resource on the server, such as `"/chat"`. A server refuses all others (404),
   * and takes any query behind it (`?`).
   *
   * @default {that of the address, or "/"}
   */
  path?: string;
  /**
   * What the messages are. With `"messages"`, each is one frame, and the codec is
   * `lengthPrefixed()` or a view of it, such as `json(lengthPrefixed())`: the length
   * stands on the connection to the codec, and not on the wire.
   *
   * ```text
   * codec 00 00 00 02 48 49   wire 82 02 48 49
   * ```
   *
   * With `"bytes"`, messages are pieces of a stream of bytes, wherever they are cut. Any
   * codec runs over it, and both ends must take it so.
   *
   * @default {"messages"}
   */
  mode?: "messages" | "bytes";
  /**
   * The type of the messages that are sent. Browsers give a program those of type
   * `"text"` as strings; they must be UTF-8. Both types are received. In the mode
   * `"bytes"` there are only binary ones.
   *
   * @default {"binary"}
   */
  type?: "binary" | "text";
  /**
   * The longest message in the mode `"messages"`, in bytes, all its fragments together.
   * A longer one ends the connection with `MESSAGE_TOO_LARGE`.
   *
   * @default {1_048_576}
   */
  maxMessageLength?: number;
  /**
   * The subprotocol, such as `"mqtt"`. Each side refuses another one that does not speak
   * it.
   *
   * @default {none}
   */
  protocol?: string;
  /**
   * After how much silence of the peer it is sent a ping, in milliseconds: for proxies
   * that cut idle connections, and to find peers that are gone. After the same time
   * without an answer, the connection ends with `TIMED_OUT`. A peer whose program reads
   * nothing does not answer either, however healthy it is. More than 0; `Infinity` for
   * no pings.
   *
   * @default {Infinity}
   */
  pingMs?: number;
}

/** How a client uses WebSocket. */
export interface ClientWebSocket extends WebSocketOptions {
  /**
   * Further fields of the request, such as `authorization` or `origin`.
   *
   * @default {none}
   */
  headers?: Readonly<Record<string, string>>;
}

/** How a server uses WebSocket. */
export interface ServerWebSocket extends WebSocketOptions {
  /**
   * The origins of the web pages that may connect, such as `"https://example.org"`;
   * `"*"` stands for all. A browser lets any page connect to any server, with the
   * cookies of that server. Clients that are no browsers send no origin, and may
   * connect.
   *
   * @default {those of the host that the request is for}
   */
  origins?: readonly string[];
}
