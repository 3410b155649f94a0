import { describeCodec, limitNames } from "../description.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { readerCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { frameLimit, headerLimit, headerTooLarge } from "../bytes/limits.ts";
import type {
  ByteFrameOptions,
  Codec,
  FrameLimitOptions,
  HeaderLimitOptions,
} from "../types.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LENGTH_NAME = "content-length";
/** A field name as in HTTP (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VISIBLE_ASCII = /^[\t\x20-\x7e]*$/;

const textEncoder = new TextEncoder();
/** What the header begins with that nearly all peers write, and ends with. */
const USUAL_START = textEncoder.encode("Content-Length: ");
const USUAL_END = 0x0d0a0d0a;
const DIGIT_ZERO = 0x30;
/** So many digits are a number that is exact. */
const MAX_DIGITS = 15;
/** Below which length of a body its header is kept. */
const REMEMBERED_HEADERS = 1_024;

/** Options of {@linkcode contentLength}. */
export interface ContentLengthOptions
  extends FrameLimitOptions, HeaderLimitOptions, ByteFrameOptions {
  /**
   * Whether frames include their headers, in both directions.
   *
   * | `headers` | frame of `Content-Length: 2`, an empty line, `{}` |
   * | --- | --- |
   * | `false` | the body, `7b 7d` |
   * | `true` | `{ headers: { "content-length": "2" }, body }` |
   *
   * @default {false}
   */
  headers?: boolean;
}

/** A frame of {@linkcode contentLength} with its headers, from the decoder. */
export interface ContentLengthFrame {
  /**
   * The values of the headers by their names in lower case. Values of headers of
   * the same name are joined with `, `.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The body. */
  readonly body: Uint8Array;
}

/** A frame of {@linkcode contentLength} for the encoder. */
export interface ContentLengthInput {
  /**
   * More headers. The encoder ignores a length among them and writes its own,
   * so that it accepts a decoded frame.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly body: Uint8Array;
}

/**
 * Frames with HTTP-like headers, one of which is `Content-Length`: the base
 * protocol of the Language Server Protocol
 * (<https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol>),
 * of the Debug Adapter Protocol, and of other JSON-RPC peers. `maxFrameLength`
 * limits the body, `maxHeaderLength` the header.
 *
 * The decoder refuses ambiguous headers: a second `Content-Length`, even if
 * equal; a line that ends with a bare line feed; a continuation line; a name
 * that is no token; a byte that is not ASCII.
 *
 * @example
 * ```ts
 * import { contentLength } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = contentLength();
 * const bytes = codec.encode(new TextEncoder().encode("{}"));
 * assertEquals(new TextDecoder().decode(bytes), "Content-Length: 2\r\n\r\n{}");
 * assertEquals(codec.decode(bytes), [new TextEncoder().encode("{}")]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE` if a body or a header is over its
 * limit, `FRAME_TRUNCATED`, `LENGTH_INVALID` if the length is missing or not
 * written in digits, and `HEADER_INVALID`.
 *
 * @param options The limits.
 * @returns The codec of the bodies.
 * @throws {RangeError} If a limit is not a whole number.
 * @throws {TypeError} If `onOversize` has none of its values.
 */
export function contentLength(
  options?: ContentLengthOptions & { headers?: false },
): Codec<Uint8Array>;
/**
 * The same frames with their headers.
 *
 * @example
 * ```ts
 * import { contentLength } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = contentLength({ headers: true });
 * const body = new TextEncoder().encode("{}");
 * const bytes = codec.encode({ headers: { "Content-Type": "text/json" }, body });
 * assertEquals(codec.decode(bytes), [{
 *   headers: { "content-length": "2", "content-type": "text/json" },
 *   body,
 * }]);
 * ```
 *
 * @param options The limits, and `headers`.
 * @returns The codec of the frames.
 */
export function contentLength(
  options: ContentLengthOptions & { headers: true },
): Codec<ContentLengthInput, ContentLengthFrame>;
export function contentLength(
  options: ContentLengthOptions = {},
): Codec<Uint8Array> | Codec<ContentLengthInput, ContentLengthFrame> {
  const description = describeCodec("contentLength", options, [
    ...limitNames,
    "copy",
    "maxHeaderLength",
    "headers",
  ]);
  const limit = frameLimit(options);
  const maxHeaderLength = headerLimit(options);
  const write = (header: Uint8Array, body: Uint8Array, output: ByteWriter) => {
    if (header.length > maxHeaderLength) {
      throw headerTooLarge(maxHeaderLength, header.length);
    }
    output.write(header);
    output.write(body);
  };
  if (options.headers) {
    const codec = readerCodec<ContentLengthInput, ContentLengthFrame>({
      name: "contentLength",
      reader: () =>
        new HeadedReader(new FrameLines(maxHeaderLength), limit, options.copy),
      encoder: {
        encode({ headers = {}, body }, output) {
          limit.checkEncoded(body.length);
          const header = textEncoder.encode(headerText(headers, body.length));
          write(header, body, output);
        },
      },
    });
    return { ...codec, description };
  }
  const bodies = readerCodec<Uint8Array>({
    name: "contentLength",
    reader: () =>
      new HeadedReader(new BodyLines(maxHeaderLength), limit, options.copy),
    encoder: {
      encode(body, output) {
        limit.checkEncoded(body.length);
        write(headerOf(body.length), body, output);
      },
    },
  });
  return { ...bodies, description };
}

/** The headers of short bodies, which most are, once they have been made. */
const headers: Uint8Array[] = [];

/** The header of a body, with nothing but its length. */
function headerOf(length: number): Uint8Array {
  if (length >= REMEMBERED_HEADERS) {
    return textEncoder.encode(headerText({}, length));
  }
  return headers[length] ??= textEncoder.encode(headerText({}, length));
}

class HeaderLines {
  protected readonly maxHeaderLength: number;
  readonly #textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly missing: string = "headers and an empty line behind them";
  length = 0;
  bodyLength = 0;
  /** The offset in the stream of the header that is being read. */
  #at = -1;
  /** The index in the header of the first line not read yet. */
  #lineStart = 0;
  /** The index in the header from which no line feed has been searched. */
  #searched = 0;
  protected headers: Map<string, string> = new Map();

  constructor(maxHeaderLength: number) {
    this.maxHeaderLength = maxHeaderLength;
  }

  read(input: ByteQueue): boolean {
    if (this.#at !== input.offset) {
      this.#at = input.offset;
      this.#lineStart = this.#searched = 0;
      this.headers = new Map();
    }
    while (true) {
      const lineFeed = input.indexOf(LINE_FEED, this.#searched);
      // If there is none, it can only be in bytes that arrive later.
      const lineEnd = lineFeed < 0 ? input.length : lineFeed;
      if (lineEnd >= this.maxHeaderLength) {
        throw headerTooLarge(
          this.maxHeaderLength,
          undefined,
          input.frameOffset,
        );
      }
      this.#searched = lineEnd;
      if (lineFeed < 0) return false;
      this.#searched = lineFeed + 1;
      const line = this.#line(input, lineFeed);
      this.#lineStart = lineFeed + 1;
      if (line !== "") {
        this.#addHeader(line, input.frameOffset);
        continue;
      }
      const length = this.headers.get(LENGTH_NAME);
      if (length === undefined) {
        throw new FrameError("LENGTH_INVALID", {
          reason: "The header does not say how long the body is",
          offset: input.frameOffset,
          expected: "Content-Length",
          got: "none",
        });
      }
      this.length = lineFeed + 1;
      this.bodyLength = Number(length);
      return true;
    }
  }

  /** Returns the line that ends at the line feed, without its line end. */
  #line(input: ByteQueue, lineFeed: number): string {
    const end = lineFeed - 1;
    if (end < this.#lineStart || input.at(end) !== CARRIAGE_RETURN) {
      throw new FrameError("HEADER_INVALID", {
        reason: "A line of the header has the wrong end",
        offset: input.frameOffset,
        expected: "a carriage return and a line feed",
        got: "a line feed alone",
      });
    }
    return this.#textDecoder.decode(input.peek(end).subarray(this.#lineStart));
  }

  #addHeader(line: string, offset: number): void {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!TOKEN.test(name) || !VISIBLE_ASCII.test(line)) {
      throw new FrameError("HEADER_INVALID", {
        reason: "A line of the header is not what it must be",
        offset,
        expected: "a name, a colon and a value in ASCII",
        got: JSON.stringify(line),
      });
    }
    const value = line.slice(colon + 1).trim();
    const before = this.headers.get(name);
    if (name === LENGTH_NAME) {
      if (before !== undefined) {
        throw new FrameError("HEADER_INVALID", {
          reason: "The header has more than one length",
          offset,
          expected: "one Content-Length",
          got: "another",
        });
      }
      if (!/^[0-9]+$/.test(value)) {
        throw new FrameError("LENGTH_INVALID", {
          reason: "The length is not a number",
          offset,
          expected: "decimal digits",
          got: JSON.stringify(value),
        });
      }
    }
    this.headers.set(
      name,
      before === undefined ? value : `${before}, ${value}`,
    );
  }
}

/** The headers of frames that are handed out with them. */
class FrameLines extends HeaderLines
  implements FrameHeader<ContentLengthFrame> {
  frame(body: Uint8Array): ContentLengthFrame {
    // Not assigned: a header may be named `__proto__`.
    return { headers: Object.fromEntries(this.headers), body };
  }
}

/** The headers of frames that are handed out without them. */
class BodyLines extends HeaderLines implements FrameHeader<Uint8Array> {
  /** Reads the header that nearly all peers write at one glance. */
  override read(input: ByteQueue): boolean {
    return this.#readUsual(input) || super.read(input);
  }

  #readUsual(input: ByteQueue): boolean {
    const from = USUAL_START.length;
    const most = Math.min(input.length - 4, from + MAX_DIGITS);
    if (most <= from || most + 4 > this.maxHeaderLength) return false;
    for (let i = 0; i < from; i++) {
      if (input.at(i) !== USUAL_START[i]) return false;
    }
    let length = 0;
    let at = from;
    for (; at <= most; at++) {
      const digit = input.at(at) - DIGIT_ZERO;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    if (at === from || at > most || input.uint32At(at) !== USUAL_END) {
      return false;
    }
    this.length = at + 4;
    this.bodyLength = length;
    return true;
  }
}

function headerText(
  headers: Readonly<Record<string, string>>,
  length: number,
): string {
  let text = `Content-Length: ${length}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === LENGTH_NAME) continue;
    if (!TOKEN.test(name) || !VISIBLE_ASCII.test(value)) {
      throw new FrameError("HEADER_INVALID", {
        reason: "The header cannot be written",
        expected: "a name and a value in ASCII, without line ends",
        got: JSON.stringify({ [name]: value }),
      });
    }
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}
