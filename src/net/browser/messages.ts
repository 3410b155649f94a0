import { NetError } from "../errors.ts";
import { PREFIX_LENGTH, type WebSocketSettings } from "../websocket_options.ts";

/** Makes messages of the bytes that a codec writes: see `WebSocketOptions.mode`. */
export class MessageSplitter {
  readonly #settings: WebSocketSettings;
  readonly #prefix = new Uint8Array(PREFIX_LENGTH);
  #prefixLength = 0;
  #message: Uint8Array | undefined;
  #length = 0;

  /** Makes the splitter of a connection. */
  constructor(settings: WebSocketSettings) {
    this.#settings = settings;
  }

  /** Whether the last message is not whole. */
  get isInMessage(): boolean {
    return this.#prefixLength > 0;
  }

  /**
   * Takes bytes, and returns the messages that are whole.
   *
   * @throws {NetError} `MESSAGE_TOO_LARGE`.
   */
  *push(bytes: Uint8Array): Generator<Uint8Array | string, void, void> {
    if (this.#settings.mode === "bytes") return yield bytes;
    let at = 0;
    while (at < bytes.length) {
      if (this.#message === undefined) {
        this.#prefix[this.#prefixLength++] = bytes[at++]!;
        if (this.#prefixLength < PREFIX_LENGTH) continue;
        this.#message = new Uint8Array(this.#checkedLength());
        this.#length = 0;
      }
      const message = this.#message;
      const part = bytes.subarray(at, at + message.length - this.#length);
      message.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length < message.length) return;
      this.#message = undefined;
      this.#prefixLength = 0;
      yield this.#settings.type === "text"
        ? new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
          .decode(message)
        : message;
    }
  }

  #checkedLength(): number {
    const length = new DataView(this.#prefix.buffer).getUint32(0);
    const { maxMessageLength } = this.#settings;
    if (length <= maxMessageLength) return length;
    throw new NetError(
      "MESSAGE_TOO_LARGE",
      `Cannot send a message of ${length} bytes: expected at most ${maxMessageLength} (maxMessageLength); where the codec is not lengthPrefixed() or a view of it, both ends need webSocket: { mode: "bytes" }`,
      { limit: "maxMessageLength" },
    );
  }
}

/**
 * What a message is for a codec.
 *
 * @throws {NetError} `MESSAGE_TOO_LARGE`.
 */
export function bytesOfMessage(
  message: string | ArrayBuffer | Uint8Array,
  { mode, maxMessageLength }: WebSocketSettings,
): Uint8Array {
  const bytes = typeof message === "string"
    ? new TextEncoder().encode(message)
    : new Uint8Array(message);
  if (mode === "bytes") return bytes;
  if (bytes.length > maxMessageLength) {
    throw new NetError(
      "MESSAGE_TOO_LARGE",
      `The peer sent a message that is too large: expected at most ${maxMessageLength} bytes (maxMessageLength), got ${bytes.length}`,
      { limit: "maxMessageLength" },
    );
  }
  const prefixed = new Uint8Array(PREFIX_LENGTH + bytes.length);
  new DataView(prefixed.buffer).setUint32(0, bytes.length);
  prefixed.set(bytes, PREFIX_LENGTH);
  return prefixed;
}
