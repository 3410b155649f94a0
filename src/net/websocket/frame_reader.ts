import { uint } from "../bytes.ts";
import { NetError, type NetErrorCode } from "../errors.ts";
import {
  CloseCode,
  FIN,
  type FrameSettings,
  MASKED,
  MAX_CONTROL_LENGTH,
  MAX_HEADER_LENGTH,
  Opcode,
} from "./frames.ts";
import { PREFIX_LENGTH } from "../websocket_options.ts";
import { mask } from "./mask.ts";

const NOTHING = new Uint8Array(0);

/** What the peer says with its close frame. */
export interface PeerClose {
  readonly code: number;
  readonly reason: string;
}

/** Why the connection must end, and the code of the close frame that says so. */
export interface FrameFault {
  readonly error: NetError;
  readonly code: number;
}

/**
 * Takes frames apart. What the messages carry is moved together at the front of the
 * chunk that they came in: no memory is allocated but for messages in fragments, and
 * where the lengths in front of messages need more room than the headers had.
 */
export class FrameReader {
  /** The payload of the last ping that was not answered. */
  ping: Uint8Array | undefined;
  /** Set when the close frame has come. What follows is not read. */
  close: PeerClose | undefined;
  /** Set when the peer has broken a rule. What follows is not read. */
  fault: FrameFault | undefined;

  readonly #settings: FrameSettings;

  // The header of the frame that is being read.
  readonly #header = new Uint8Array(MAX_HEADER_LENGTH);
  #headerLength = 0;
  #inPayload = false;
  #opcode: number = Opcode.binary;
  #isLast = true;
  #length = 0;
  #done = 0;
  readonly #key = new Uint8Array(4);

  // The message that is being read.
  #inMessage = false;
  #isText = false;
  /** Checks the texts. */
  #decoder: TextDecoder | undefined;
  /** The fragments so far, with room for the length in front. */
  #gathered: Uint8Array | undefined;
  #gatheredLength = 0;

  readonly #control = new Uint8Array(MAX_CONTROL_LENGTH);

  // What is handed out: `#output` from `#start` to `#end`.
  #output: Uint8Array = NOTHING;
  /** Whether that is memory of its own, and not the chunk. */
  #isMoved = false;
  #start = 0;
  #end = 0;

  /** Makes the reader of a connection. */
  constructor(settings: FrameSettings) {
    this.#settings = settings;
  }

  /**
   * Takes a chunk, which it writes to.
   *
   * @returns What the messages in it carry, up to a fault or the end.
   */
  push(chunk: Uint8Array): Uint8Array {
    this.#output = chunk;
    this.#isMoved = false;
    this.#start = this.#end = 0;
    let at = 0;
    while (at < chunk.length && !this.close && !this.fault) {
      if (!this.#inPayload) {
        at = this.#readHeader(chunk, at);
        if (!this.#inPayload || this.fault) continue;
      }
      const payload = chunk.subarray(at, at + this.#length - this.#done);
      if (!this.#settings.isClient) mask(payload, this.#key, this.#done);
      this.#take(payload, at, chunk.length);
      this.#done += payload.length;
      at += payload.length;
      if (this.#done === this.#length && !this.fault) {
        this.#endFrame(at, chunk.length);
      }
    }
    const bytes = this.#output.subarray(this.#start, this.#end);
    // The chunk belongs to whom it is handed out to.
    this.#output = NOTHING;
    return bytes;
  }

  /** Reads as much of a header as there is, and returns where it ends. */
  #readHeader(chunk: Uint8Array, at: number): number {
    const header = this.#header;
    while (at < chunk.length) {
      header[this.#headerLength++] = chunk[at++]!;
      if (this.#headerLength < 2) continue;
      if (this.#headerLength === 2 && !this.#checkStart()) return at;
      const short = header[1]! & 0x7f;
      const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
      const maskAt = 2 + lengthBytes;
      if (this.#headerLength < maskAt + (this.#settings.isClient ? 0 : 4)) {
        continue;
      }
      this.#headerLength = 0;
      this.#length = lengthBytes === 0 ? short : uint(header, 2, lengthBytes);
      this.#key.set(header.subarray(maskAt, maskAt + 4));
      this.#startFrame(at, lengthBytes, chunk.length);
      return at;
    }
    return at;
  }

  /** Checks the first two bytes of a header. */
  #checkStart(): boolean {
    const [first = 0, second = 0] = this.#header;
    const opcode = first & 0x0f;
    const isControl = opcode >= Opcode.close;
    const isFirst = opcode === Opcode.text || opcode === Opcode.binary;
    const problem = (first & 0x70) !== 0
      ? "reserved bits of a frame are set, and no extension was agreed on"
      : opcode > Opcode.pong || (opcode > Opcode.binary && !isControl)
      ? `there are no frames of the kind ${opcode}`
      : ((second & MASKED) !== 0) === this.#settings.isClient
      ? this.#settings.isClient
        ? "a frame of the server is masked"
        : "a frame of the client is not masked"
      : isControl && (first & FIN) === 0
      ? "a control frame is in fragments"
      : isControl && (second & 0x7f) > MAX_CONTROL_LENGTH
      ? "a control frame is longer than 125 bytes"
      : isFirst && this.#inMessage
      ? "a message began before the one before it had ended"
      : opcode === Opcode.continuation && !this.#inMessage
      ? "a fragment belongs to no message"
      : undefined;
    if (problem !== undefined) this.#protocolFault(problem);
    return problem === undefined;
  }

  #startFrame(at: number, lengthBytes: number, chunkLength: number): void {
    this.#opcode = this.#header[0]! & 0x0f;
    this.#isLast = (this.#header[0]! & FIN) !== 0;
    this.#done = 0;
    // RFC 6455 wants the shortest form, and the upper bit of 64 not set.
    const least = lengthBytes === 8 ? 65_536 : lengthBytes === 2 ? 126 : 0;
    if (this.#length < least || this.#length >= 2 ** 63) {
      return this.#protocolFault("the length of a frame is not well-formed");
    }
    this.#inPayload = true;
    if (this.#opcode < Opcode.close) this.#startData(at, chunkLength);
    if (this.#length === 0 && !this.fault) this.#endFrame(at, chunkLength);
  }

  #startData(at: number, chunkLength: number): void {
    const { mode, maxMessageLength } = this.#settings;
    const isFirst = this.#opcode !== Opcode.continuation;
    this.#inMessage = true;
    if (isFirst) this.#isText = this.#opcode === Opcode.text;
    if (mode === "bytes") return;
    const total = this.#gatheredLength + this.#length;
    if (total > maxMessageLength) {
      return this.#fail(
        "MESSAGE_TOO_LARGE",
        CloseCode.tooLarge,
        `The peer sent a message that is too large: expected at most ${maxMessageLength} bytes (maxMessageLength), got ${total}`,
        { limit: "maxMessageLength" },
      );
    }
    if (!isFirst) return;
    if (this.#isLast) {
      // The length in front takes the place of the header.
      this.#room(PREFIX_LENGTH, at, chunkLength);
      setUint32(this.#output, this.#end, this.#length);
      this.#end += PREFIX_LENGTH;
    } else this.#gathered = NOTHING;
  }

  /** Takes the payload of a frame, or a part of it, which is in the chunk at `at`. */
  #take(payload: Uint8Array, at: number, chunkLength: number): void {
    if (this.#opcode >= Opcode.close) {
      return this.#control.set(payload, this.#done);
    }
    if (!this.#checkText(payload)) return;
    if (this.#gathered !== undefined) return this.#gather(payload);
    this.#room(payload.length, at + payload.length, chunkLength);
    if (this.#isMoved || this.#end !== at) {
      this.#output.set(payload, this.#end);
    }
    this.#end += payload.length;
  }

  /**
   * Makes room for bytes at the end of the output: in the chunk, whose first `read`
   * bytes are not needed any more, or else in memory of its own.
   */
  #room(length: number, read: number, chunkLength: number): void {
    if (!this.#isMoved && this.#start === this.#end) {
      // Right in front of what follows, which then stays where it is.
      this.#start = this.#end = Math.max(0, read - length);
    }
    const room = this.#isMoved ? this.#output.length : read;
    if (this.#end + length <= room) return;
    const used = this.#output.subarray(this.#start, this.#end);
    // A frame has a header of 2 bytes at least, and a length in front of 4.
    const rest = 2 * (chunkLength - read);
    this.#output = new Uint8Array(used.length + length + rest);
    this.#output.set(used);
    this.#start = 0;
    this.#end = used.length;
    this.#isMoved = true;
  }

  /** Keeps a fragment until the length of its message is known. */
  #gather(fragment: Uint8Array): void {
    const length = this.#gatheredLength + fragment.length;
    let gathered = this.#gathered ?? NOTHING;
    if (length > gathered.length) {
      const { maxMessageLength } = this.#settings;
      const grown = Math.min(Math.max(2 * length, 256), maxMessageLength);
      const larger = new Uint8Array(grown);
      larger.set(gathered.subarray(0, this.#gatheredLength));
      gathered = this.#gathered = larger;
    }
    gathered.set(fragment, this.#gatheredLength);
    this.#gatheredLength = length;
  }

  #endFrame(at: number, chunkLength: number): void {
    this.#inPayload = false;
    const payload = this.#control.subarray(0, this.#length);
    switch (this.#opcode) {
      case Opcode.ping:
        this.ping = payload.slice();
        return;
      case Opcode.pong:
        return;
      case Opcode.close:
        return this.#endClose(payload);
    }
    if (!this.#isLast || !this.#checkText()) return;
    this.#inMessage = false;
    if (this.#gathered === undefined) return;
    const length = this.#gatheredLength;
    this.#room(PREFIX_LENGTH + length, at, chunkLength);
    setUint32(this.#output, this.#end, length);
    this.#end += PREFIX_LENGTH;
    this.#output.set(this.#gathered.subarray(0, length), this.#end);
    this.#end += length;
    this.#gathered = undefined;
    this.#gatheredLength = 0;
  }

  #endClose(payload: Uint8Array): void {
    if (payload.length === 0) {
      this.close = { code: CloseCode.none, reason: "" };
      return;
    }
    const code = payload.length === 1 ? 0 : uint(payload, 0, 2);
    const isKnown = (code >= 1_000 && code <= 1_003) ||
      (code >= 1_007 && code <= 1_014) || (code >= 3_000 && code <= 4_999);
    if (!isKnown) return this.#protocolFault(`its close code is ${code}`);
    try {
      const reason = new TextDecoder("utf-8", { fatal: true })
        .decode(payload.subarray(2));
      this.close = { code, reason };
    } catch (cause) {
      this.#textFault(cause);
    }
  }

  /** Checks a part of a text or, without one, that it does not end inside of a character. */
  #checkText(part?: Uint8Array): boolean {
    if (!this.#isText) return true;
    try {
      this.#decoder ??= new TextDecoder("utf-8", { fatal: true });
      this.#decoder.decode(part, { stream: part !== undefined });
      return true;
    } catch (cause) {
      this.#textFault(cause);
      return false;
    }
  }

  #textFault(cause: unknown): void {
    this.#fail(
      "WS_PROTOCOL",
      CloseCode.invalidText,
      "The peer breaks the rules of WebSocket: a text is not UTF-8",
      { cause },
    );
  }

  #protocolFault(problem: string): void {
    this.#fail(
      "WS_PROTOCOL",
      CloseCode.protocolError,
      `The peer breaks the rules of WebSocket: ${problem}`,
    );
  }

  #fail(
    netCode: NetErrorCode,
    code: number,
    message: string,
    more?: { readonly cause?: unknown; readonly limit?: string },
  ): void {
    const error = new NetError(netCode, message, more);
    this.fault = { error, code };
  }
}

function setUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (24 - 8 * i);
}
