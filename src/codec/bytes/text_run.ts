/** How many bytes are decoded to text at once. */
export const RUN_BYTES = 4_096;

/** The longest text that is encoded into `scratch`, in UTF-16 code units. */
const SHORT_TEXT = 1_024;

/**
 * Decodes the frames of a byte stream to text, many at a time: a call of
 * `TextDecoder` costs up to half a microsecond, whatever its length.
 *
 * Where a run of bytes is ASCII, the text of a frame is a part of the text of the
 * run. Such a part keeps the text of its run, at most 4 KiB, in memory.
 */
export class TextRun {
  readonly #decoder: TextDecoder;
  /** The chunk that arrived last: what lies in it does not change any more. */
  #chunk: Uint8Array = nothing;
  #memory: ArrayBufferLike = nothing.buffer;
  /** The text of the bytes of the chunk's buffer from `#from` to `#to`. */
  #text = "";
  #from = 0;
  #to = 0;

  /** Takes the decoder of frames that are not ASCII, or come alone. */
  constructor(decoder: TextDecoder) {
    this.#decoder = decoder;
  }

  /** Takes the next chunk of the stream. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#memory = chunk.buffer;
    this.#to = 0;
  }

  /** Lets the chunk go: an idle stream must not keep its last chunk alive. */
  release(): void {
    this.#chunk = nothing;
    this.#memory = nothing.buffer;
    this.#text = "";
    this.#to = 0;
  }

  /** Returns the text of a frame; `undefined` as `textOf` does. */
  textOf(frame: Uint8Array): string | undefined {
    const { byteOffset, length } = frame;
    const to = byteOffset + length;
    if (frame.buffer === this.#memory) {
      if (byteOffset >= this.#from && to <= this.#to) {
        return this.#text === ""
          ? textOf(frame, this.#decoder)
          : this.#text.slice(byteOffset - this.#from, to - this.#from);
      }
      if (this.#begin(byteOffset, to)) return this.#text.slice(0, length);
    }
    return textOf(frame, this.#decoder);
  }

  /** Decodes a run that begins with a frame; `false` where that does not help. */
  #begin(from: number, frameEnd: number): boolean {
    const chunk = this.#chunk;
    const chunkEnd = chunk.byteOffset + chunk.length;
    const to = Math.min(chunkEnd, from + RUN_BYTES);
    // A frame that fills half of the run, or of what is left, is decoded alone.
    if (from < chunk.byteOffset || 2 * (frameEnd - from) > to - from) {
      return false;
    }
    this.#from = from;
    this.#to = to;
    this.#text = asciiText(new Uint8Array(chunk.buffer, from, to - from));
    return this.#text !== "";
  }
}

const nothing = new Uint8Array(0);
const loose = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The text of bytes in UTF-8; `undefined` if the decoder is fatal and they are not valid.
 * The decoder throws then, which takes up to 13 microseconds on Deno and 7 on Node: so
 * it is not asked where there is a U+FFFD, which stands for what is not valid.
 */
export function textOf(
  bytes: Uint8Array,
  decoder: TextDecoder,
): string | undefined {
  if (!decoder.fatal) return decoder.decode(bytes);
  const text = loose.decode(bytes);
  if (text.includes("\ufffd") && !isTextOf(bytes, text)) return undefined;
  const isMarked = !decoder.ignoreBOM && text.startsWith("\ufeff");
  return isMarked ? text.slice(1) : text;
}

/** Why a fatal decoder refuses bytes. */
export function causeOf(bytes: Uint8Array, decoder: TextDecoder): unknown {
  try {
    decoder.decode(bytes);
  } catch (cause) {
    return cause;
  }
  return undefined;
}

/** Whether bytes are those of a text: a U+FFFD may have been sent as such. */
function isTextOf(bytes: Uint8Array, text: string): boolean {
  const encoded = utf8Of(text);
  return encoded.length === bytes.length &&
    encoded.every((byte, i) => byte === bytes[i]);
}

/** The text of bytes that are all ASCII; `""` for others. */
function asciiText(bytes: Uint8Array): string {
  const text = loose.decode(bytes);
  // One code unit for each byte: each is ASCII, or invalid and replaced by U+FFFD.
  return text.length === bytes.length && !text.includes("\ufffd") ? text : "";
}

const encoder = new TextEncoder();
/** UTF-8 takes at most three bytes for a code unit. */
const scratch = new Uint8Array(3 * SHORT_TEXT);
/** The beginnings of `scratch`, by their lengths. */
const views: Uint8Array[] = [];

/**
 * The bytes of a text in UTF-8. They are valid until the next call, which suffices
 * for an encoder since it copies them at once. To encode a short text into bytes
 * that exist already takes a quarter of the time on Deno and Node.
 */
export function utf8Of(text: string): Uint8Array {
  if (text.length > SHORT_TEXT) return encoder.encode(text);
  const { written } = encoder.encodeInto(text, scratch);
  return views[written] ??= scratch.subarray(0, written);
}
