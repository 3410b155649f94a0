import { describeCodec, limitNames } from "../description.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { readerCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import type { JsonValue } from "../views/json.ts";
import { checkChoice } from "../../checks.ts";
import { frameLimit, headerLimit, headerTooLarge } from "../bytes/limits.ts";
import type {
  ByteFrameOptions,
  Codec,
  Digest,
  FrameLimitOptions,
  HeaderLimitOptions,
} from "../types.ts";

/** What stands before the header: its length, a 32-bit number. */
const LENGTH_BYTES = 4;

/** A frame of {@linkcode jsonHeader} as it is handed out. */
export interface JsonHeaderFrame {
  /** All of the header, the length and the digests too. */
  readonly header: Readonly<Record<string, unknown>>;
  /** The body. */
  readonly body: Uint8Array;
}

/** A frame of {@linkcode jsonHeader} as it is given. */
export interface JsonHeaderInput {
  /**
   * More header fields, written with `JSON.stringify`. The encoder ignores a
   * length and digests among them and writes its own, so that it accepts a
   * decoded frame.
   */
  readonly header?: Readonly<Record<string, unknown>>;
  /** The body. */
  readonly body: Uint8Array;
}

/** Options of {@linkcode jsonHeader}. */
export interface JsonHeaderOptions
  extends FrameLimitOptions, HeaderLimitOptions, ByteFrameOptions {
  /**
   * The byte order of the length of the header.
   *
   * | `endian` | on the wire: the body `48 49` |
   * | --- | --- |
   * | `"big"` | `00 00 00 0c`, `{"length":2}`, `48 49` |
   * | `"little"` | `0c 00 00 00`, `{"length":2}`, `48 49` |
   *
   * @default {"big"}
   */
  endian?: "big" | "little";
  /**
   * The key of the body length in the header.
   *
   * | `lengthKey` | header of the body `48 49` |
   * | --- | --- |
   * | `"length"` | `{"length":2}` |
   * | `"size"` | `{"size":2}` |
   *
   * @default {"length"}
   */
  lengthKey?: string;
  /**
   * The digests of the body that a header may have, each under its name. The
   * encoder writes the first. The decoder checks every digest that the header
   * has, and refuses a header without any. A digest detects accidental changes
   * and gives no security.
   *
   * | `digest` | header of the body `48 49` |
   * | --- | --- |
   * | none | `{"length":2}` |
   * | `md5` | `{"md5":"bf8c144140b15befb8ce662632a7b76e","length":2}` |
   */
  digest?: Digest | readonly Digest[];
  /**
   * Fields that the encoder writes into every header.
   *
   * | `fields` | header of the body `48 49` |
   * | --- | --- |
   * | none | `{"length":2}` |
   * | `{ ver: "1" }` | `{"ver":"1","length":2}` |
   */
  fields?: Readonly<Record<string, JsonValue>>;
}

/**
 * Frames with a JSON header: the length of the header as an unsigned 32-bit
 * number; the header, a JSON object in UTF-8 that gives the length of the body;
 * and the body. `maxFrameLength` limits the body, `maxHeaderLength` the header.
 *
 * @example
 * ```ts
 * import { jsonHeader } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = jsonHeader();
 * const body = new TextEncoder().encode("HI");
 * const bytes = codec.encode({ header: { name: "greeting" }, body });
 * assertEquals(
 *   new TextDecoder().decode(bytes),
 *   '\0\0\0\x1e{"name":"greeting","length":2}HI',
 * );
 * assertEquals(
 *   codec.decode(bytes),
 *   [{ header: { name: "greeting", length: 2 }, body }],
 * );
 * ```
 *
 * @example With a digest
 * ```ts
 * import { jsonHeader } from "@framewire/framewire/codec";
 * import { sha256 } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = jsonHeader({ digest: sha256, fields: { ver: "1" } });
 * const body = new TextEncoder().encode("HI");
 * const [frame] = codec.decode(codec.encode({ body }));
 * assertEquals(frame?.header[sha256.name], sha256.compute(body));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE` if a body or a header is over its
 * limit, `FRAME_TRUNCATED`, `HEADER_INVALID` if the header is no JSON object,
 * `LENGTH_INVALID` if the length is missing or no whole number from 0 up,
 * `DIGEST_UNKNOWN` if the header has none of the digests, and
 * `CHECKSUM_MISMATCH`.
 *
 * @param options The layout of the header, and the limits.
 * @returns The codec.
 * @throws {RangeError} If a limit is not a whole number.
 * @throws {TypeError} If an option has none of its values.
 */
export function jsonHeader(
  options: JsonHeaderOptions = {},
): Codec<JsonHeaderInput, JsonHeaderFrame> {
  const description = describeCodec("jsonHeader", options, [
    ...limitNames,
    "copy",
    "maxHeaderLength",
    "endian",
    "lengthKey",
    "digest",
    "fields",
  ]);
  const { endian = "big", lengthKey = "length", digest = [] } = options;
  checkChoice("endian", endian, ["big", "little"]);
  const limit = frameLimit(options);
  const format: JsonHeaderFormat = {
    littleEndian: endian === "little",
    lengthKey,
    digests: "compute" in digest ? [digest] : digest,
    maxHeaderLength: headerLimit(options),
  };
  const { littleEndian, maxHeaderLength } = format;
  const textEncoder = new TextEncoder();
  return {
    ...readerCodec({
      name: "jsonHeader",
      reader: () =>
        new HeadedReader(new JsonHeader(format), limit, options.copy),
      encoder: {
        encode({ header, body }, output) {
          limit.checkEncoded(body.length);
          const fields = { ...options.fields, ...header };
          const bytes = textEncoder.encode(headerText(format, fields, body));
          if (bytes.length > maxHeaderLength) {
            throw headerTooLarge(maxHeaderLength, bytes.length);
          }
          output.writeUint(bytes.length, LENGTH_BYTES, littleEndian);
          output.write(bytes);
          output.write(body);
        },
      },
    }),
    description,
  };
}

interface JsonHeaderFormat {
  readonly littleEndian: boolean;
  readonly lengthKey: string;
  readonly digests: readonly Digest[];
  readonly maxHeaderLength: number;
}

class JsonHeader implements FrameHeader<JsonHeaderFrame> {
  readonly #format: JsonHeaderFormat;
  readonly #textDecoder = new TextDecoder("utf-8", {
    fatal: true,
    ignoreBOM: true,
  });
  readonly missing: string = "a whole header";
  length = 0;
  bodyLength = 0;
  #fields: Readonly<Record<string, unknown>> = {};

  constructor(format: JsonHeaderFormat) {
    this.#format = format;
  }

  read(input: ByteQueue): boolean {
    const { littleEndian, lengthKey, maxHeaderLength } = this.#format;
    if (input.length < LENGTH_BYTES) return false;
    const headerLength = input.uintAt(0, LENGTH_BYTES, littleEndian);
    if (headerLength > maxHeaderLength) {
      throw headerTooLarge(maxHeaderLength, headerLength, input.frameOffset);
    }
    this.length = LENGTH_BYTES + headerLength;
    if (input.length < this.length) return false;
    const bytes = input.peek(this.length).subarray(LENGTH_BYTES);
    const fields = this.#parse(bytes, input.frameOffset);
    const bodyLength = own(fields, lengthKey);
    if (
      typeof bodyLength !== "number" || !Number.isInteger(bodyLength) ||
      bodyLength < 0
    ) {
      throw new FrameError("LENGTH_INVALID", {
        reason: "The header does not say how long the body is",
        offset: input.frameOffset,
        expected: `a whole number from 0 on as ${JSON.stringify(lengthKey)}`,
        got: describe(bodyLength),
      });
    }
    this.#checkDigestNames(fields, input.frameOffset);
    this.bodyLength = bodyLength;
    this.#fields = fields;
    return true;
  }

  frame(body: Uint8Array, offset: number): JsonHeaderFrame {
    const header = this.#fields;
    for (const digest of this.#format.digests) {
      const got = own(header, digest.name);
      if (got === undefined) continue;
      const expected = digest.compute(body);
      if (got === expected) continue;
      throw new FrameError("CHECKSUM_MISMATCH", {
        reason: `The digest ${digest.name} is wrong`,
        offset,
        expected,
        got: describe(got),
      });
    }
    return { header, body };
  }

  #parse(bytes: Uint8Array, offset: number): Record<string, unknown> {
    let value: unknown;
    try {
      value = JSON.parse(this.#textDecoder.decode(bytes));
    } catch (cause) {
      throw new FrameError("HEADER_INVALID", {
        reason: "The header is not JSON",
        offset,
        expected: "JSON in UTF-8",
        got: cause instanceof Error ? cause.message : String(cause),
        cause,
      });
    }
    if (isRecord(value)) return value;
    throw new FrameError("HEADER_INVALID", {
      reason: "The header is not an object",
      offset,
      expected: "a JSON object",
      got: describe(value),
    });
  }

  #checkDigestNames(fields: Record<string, unknown>, offset: number): void {
    const names = this.#format.digests.map(({ name }) => name);
    if (names.length === 0) return;
    if (names.some((name) => own(fields, name) !== undefined)) return;
    throw new FrameError("DIGEST_UNKNOWN", {
      reason: "The header has no digest that can be checked",
      offset,
      expected: names.join(" or "),
      got: "none of them",
    });
  }
}

/** Returns the JSON of a header, with the length and the digest of the body. */
function headerText(
  format: JsonHeaderFormat,
  given: Readonly<Record<string, unknown>>,
  body: Uint8Array,
): string {
  const { lengthKey, digests: [first, ...others] } = format;
  const header = { ...given };
  // A decoded header may have the digests of another body.
  for (const { name } of others) delete header[name];
  const complete = {
    ...header,
    ...(first && { [first.name]: first.compute(body) }),
    [lengthKey]: body.length,
  };
  try {
    return JSON.stringify(complete);
  } catch (cause) {
    throw new FrameError("HEADER_INVALID", {
      reason: "The header cannot become JSON",
      expected: "fields that JSON can say",
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** A field of the header itself: `constructor` and the like are none. */
function own(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
