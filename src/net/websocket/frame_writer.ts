import { NetError } from "../errors.ts";
import {
  FIN,
  type FrameSettings,
  MASKED,
  MAX_HEADER_LENGTH,
  Opcode,
} from "./frames.ts";
import { PREFIX_LENGTH } from "../websocket_options.ts";
import { mask, newKey } from "./mask.ts";

/** How much memory is used for frames at once. */
const PIECE_BYTES = 65_536;

/** From how many bytes on a payload is not copied behind its header. */
const LEAST_UNCOPIED = 16_384;

/** The longest message in the mode `"bytes"`: not all peers take long ones. */
const LONGEST_PIECE = 262_144;

/** What is written at once. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** How many of the bytes that were given it has. */
  readonly taken: number;
}

/** Makes frames of what is written, as few writes as there can be. */
export class FrameWriter {
  readonly #settings: FrameSettings;
  /** How much there is of the length in front of a message, and its value so far. */
  #prefixLength = 0;
  #announced = 0;
  /** How many bytes of the payload of the current frame are missing. */
  #left = 0;
  #key: Uint8Array | undefined;
  /** How many bytes of the payload were masked, modulo 4. */
  #phase = 0;

  /** Makes the writer of a connection. */
  constructor(settings: FrameSettings) {
    this.#settings = settings;
  }

  /** Whether the last message is not whole yet. */
  get isInMessage(): boolean {
    return this.#left > 0 || this.#prefixLength > 0;
  }

  /**
   * Makes the pieces that bytes are written in. A piece can be a view of the bytes.
   *
   * @throws {NetError} `MESSAGE_TOO_LARGE`, behind the messages before it.
   */
  *pieces(bytes: Uint8Array): Generator<Piece, void, void> {
    let at = 0;
    while (at < bytes.length) {
      const from = at;
      const uncopied = Math.min(this.#left, bytes.length - at, LONGEST_PIECE);
      if (this.#key === undefined && uncopied >= LEAST_UNCOPIED) {
        at += uncopied;
        this.#left -= uncopied;
        yield { bytes: bytes.subarray(from, at), taken: uncopied };
        continue;
      }
      const most = 2 * (bytes.length - at) + MAX_HEADER_LENGTH;
      const output = new Uint8Array(Math.min(most, PIECE_BYTES));
      let end = 0;
      let tooLarge: NetError | undefined;
      while (at < bytes.length) {
        if (this.#left === 0) {
          if (output.length - end < MAX_HEADER_LENGTH) break;
          at = this.#readLength(bytes, at);
          if (this.#prefixLength > 0) break; // the rest of it is not here
          tooLarge = this.#checkLength();
          if (tooLarge !== undefined) break;
          end = this.#writeHeader(output, end);
        }
        const length = Math.min(
          this.#left,
          bytes.length - at,
          output.length - end,
        );
        if (length === 0 && this.#left > 0) break;
        this.#writePayload(bytes.subarray(at, at + length), output, end);
        at += length;
        end += length;
      }
      if (end > 0) yield { bytes: output.subarray(0, end), taken: at - from };
      if (tooLarge !== undefined) throw tooLarge;
    }
  }

  /** Reads the length of the next message, and returns where it ends. */
  #readLength(bytes: Uint8Array, at: number): number {
    if (this.#settings.mode === "bytes") {
      this.#left = Math.min(bytes.length - at, LONGEST_PIECE);
      return at;
    }
    while (this.#prefixLength < PREFIX_LENGTH && at < bytes.length) {
      this.#announced = this.#announced * 256 + bytes[at++]!;
      this.#prefixLength++;
    }
    if (this.#prefixLength < PREFIX_LENGTH) return at;
    this.#left = this.#announced;
    this.#announced = this.#prefixLength = 0;
    return at;
  }

  #checkLength(): NetError | undefined {
    const { mode, maxMessageLength } = this.#settings;
    if (mode === "bytes" || this.#left <= maxMessageLength) return undefined;
    return new NetError(
      "MESSAGE_TOO_LARGE",
      `Cannot send a message of ${this.#left} bytes: expected at most ${maxMessageLength} (maxMessageLength); where the codec is not lengthPrefixed() or a view of it, both ends need webSocket: { mode: "bytes" }`,
      { limit: "maxMessageLength" },
    );
  }

  #writeHeader(output: Uint8Array, at: number): number {
    const { isClient, type } = this.#settings;
    this.#key = isClient ? newKey() : undefined;
    this.#phase = 0;
    return writeHeader(output, at, Opcode[type], this.#left, this.#key);
  }

  #writePayload(payload: Uint8Array, output: Uint8Array, at: number): void {
    output.set(payload, at);
    this.#left -= payload.length;
    if (this.#key === undefined) return;
    const copy = output.subarray(at, at + payload.length);
    mask(copy, this.#key, this.#phase);
    this.#phase = (this.#phase + payload.length) & 3;
  }
}

/** Makes a control frame. */
export function controlFrame(
  opcode: number,
  payload: Uint8Array,
  isClient: boolean,
): Uint8Array {
  const key = isClient ? newKey() : undefined;
  const frame = new Uint8Array(MAX_HEADER_LENGTH + payload.length);
  const at = writeHeader(frame, 0, opcode, payload.length, key);
  frame.set(payload, at);
  const end = at + payload.length;
  if (key !== undefined) mask(frame.subarray(at, end), key, 0);
  return frame.subarray(0, end);
}

/** Writes the header of a frame, and returns where it ends. */
function writeHeader(
  output: Uint8Array,
  at: number,
  opcode: number,
  length: number,
  key: Uint8Array | undefined,
): number {
  const lengthBytes = length > 65_535 ? 8 : length > 125 ? 2 : 0;
  const short = lengthBytes === 8 ? 127 : lengthBytes === 2 ? 126 : length;
  output[at++] = FIN | opcode;
  output[at++] = (key === undefined ? 0 : MASKED) | short;
  for (let i = lengthBytes - 1; i >= 0; i--) {
    output[at++] = Math.floor(length / 256 ** i);
  }
  if (key === undefined) return at;
  output.set(key, at);
  return at + key.length;
}
