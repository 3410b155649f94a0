import type { ByteQueue } from "../bytes/byte_queue.ts";
import { defineCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import {
  frameLimit,
  headerLimit,
  headerTooLarge,
  tooLarge,
} from "../bytes/limits.ts";
import { mapCodec } from "../views/map_codec.ts";
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

/** Options of {@linkcode contentLength}. */
export interface ContentLengthOptions
  extends FrameLimitOptions, HeaderLimitOptions, ByteFrameOptions {
  /**
   * Whether frames are handed out, and given, with their headers.
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

/** A frame of {@linkcode contentLength} with its headers, as it is handed out. */
export interface ContentLengthFrame {
  /**
   * The values of the headers by their names in lower case. Values of headers of
   * the same name are joined with `, `.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The body. */
  readonly body: Uint8Array;
}

/** A frame of {@linkcode contentLength} as it is given. */
export interface ContentLengthInput {
  /**
   * More headers. The length is the encoder's, so that a frame handed out can be
   * given back.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly body: Uint8Array;
}

/**
 * Frames with headers as in HTTP, one of them `Content-Length`: the base
 * protocol of the Language Server Protocol
 * (<https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol>),
 * of the Debug Adapter Protocol, and of JSON-RPC beside them. The limit is on the
 * body; the header has its own.
 *
 * What could be read in two ways is refused: a second `Content-Length`, even an
 * equal one; a line that ends with a bare line feed; a line that continues the
 * one before; a name that is no token; a byte that is not ASCII.
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
 * Errors of its frames: `FRAME_TOO_LARGE` for a body or a header over its limit,
 * `FRAME_TRUNCATED`, `LENGTH_INVALID` for a length that is missing or not
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
 * Such frames with all their headers.
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
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  const maxHeaderLength = headerLimit(options);
  const textEncoder = new TextEncoder();
  const codec = defineCodec<ContentLengthInput, ContentLengthFrame>({
    name: "contentLength",
    reader: () =>
      new HeadedReader(new LinesHeader(maxHeaderLength), limit, options.copy),
    encoder: () => ({
      encode({ headers = {}, body }, output) {
        if (body.length > maxFrameLength) {
          throw tooLarge(maxFrameLength, body.length);
        }
        const header = textEncoder.encode(headerText(headers, body.length));
        if (header.length > maxHeaderLength) {
          throw headerTooLarge(maxHeaderLength, header.length);
        }
        output.write(header);
        output.write(body);
      },
    }),
  });
  if (options.headers) return codec;
  return mapCodec(codec, {
    name: codec.name,
    decode: ({ body }) => body,
    encode: (body: Uint8Array) => ({ body }),
  });
}

class LinesHeader implements FrameHeader<ContentLengthFrame> {
  readonly #maxHeaderLength: number;
  readonly #textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly missing: string = "headers and an empty line behind them";
  length = 0;
  bodyLength = 0;
  /** The position in the stream of the header that is being read. */
  #at = -1;
  /** Where in it the first line begins that has not been read. */
  #lineStart = 0;
  /** Where in it no line feed has been looked for yet. */
  #searched = 0;
  #headers: Map<string, string> = new Map();

  constructor(maxHeaderLength: number) {
    this.#maxHeaderLength = maxHeaderLength;
  }

  read(input: ByteQueue): boolean {
    if (this.#at !== input.offset) {
      this.#at = input.offset;
      this.#lineStart = this.#searched = 0;
      this.#headers = new Map();
    }
    while (true) {
      const lineFeed = input.indexOf(LINE_FEED, this.#searched);
      // Where there is none, it is behind all that has come.
      const lineEnd = lineFeed < 0 ? input.length : lineFeed;
      if (lineEnd >= this.#maxHeaderLength) {
        throw headerTooLarge(
          this.#maxHeaderLength,
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
      const length = this.#headers.get(LENGTH_NAME);
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

  frame(body: Uint8Array): ContentLengthFrame {
    // Not by assignment: a header may be named `__proto__`.
    return { headers: Object.fromEntries(this.#headers), body };
  }

  /** The line up to the line feed, without its end. */
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
    const before = this.#headers.get(name);
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
    this.#headers.set(
      name,
      before === undefined ? value : `${before}, ${value}`,
    );
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
