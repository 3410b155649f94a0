import { isObject } from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import { FrameError } from "../codec/errors.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import type { Codec } from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import {
  jsonDecoder,
  notJson,
  parseJson,
  printJson,
} from "../codec/views/json_bytes.ts";
import { mapText } from "../codec/views/map_text.ts";

/**
 * What goes with a request besides its body, such as the `traceparent` of the W3C's
 * Trace Context (<https://www.w3.org/TR/trace-context/>).
 */
export type EnvelopeHeader = Readonly<Record<string, string>>;

/**
 * A message between peers. On the wire, each is a JSON array that begins with its
 * kind:
 *
 * | on the wire | means |
 * | --- | --- |
 * | `["request", id, command, body]` | a request for one reply |
 * | `["stream", id, command, body, credit]` | a request for a stream of items; the first `credit` of them may be sent at once |
 * | `["reply", id, body]` | the reply; for a stream, its end |
 * | `["item", id, body]` | an item of a stream |
 * | `["credit", id, count]` | `count` more items may be sent |
 * | `["error", id, code, message, data]` | the request failed |
 * | `["cancel", id]` | the request is given up; no reply is wanted |
 * | `["event", name, body]` | an event, which has no reply |
 * | `["event", "framewire:goaway", last]` | the sender closes: it answers requests up to the number `last`, and handles none after it |
 * | `["ping"]` | asks whether the peer is alive; answered with a pong |
 * | `["pong"]` | the answer to a ping |
 *
 * Each side numbers its own requests from 1 on. A reply has the id of its
 * request.
 *
 * A request may have a header, an object of texts, as one more element at the end:
 * `["request", id, command, body, header]` and
 * `["stream", id, command, body, credit, header]`. Without a header the element is
 * left out. Version 0.1.0 takes a request with a header for no envelope.
 *
 * A kind that is not in the table ends the connection (`MESSAGE_INVALID`). The message
 * for “go elsewhere” is an event, because peers that do not know it drop it: they get
 * `CLOSING` for each request that comes too late.
 */
export type Envelope =
  | readonly [
    "request",
    id: number,
    command: string,
    body: JsonValue,
    header?: EnvelopeHeader,
  ]
  | readonly [
    "stream",
    id: number,
    command: string,
    body: JsonValue,
    credit: number,
    header?: EnvelopeHeader,
  ]
  | readonly ["reply", id: number, body: JsonValue]
  | readonly ["item", id: number, body: JsonValue]
  | readonly ["credit", id: number, count: number]
  | readonly [
    "error",
    id: number,
    code: string,
    message: string,
    data: JsonValue,
  ]
  | readonly ["cancel", id: number]
  | readonly ["event", name: string, body: JsonValue]
  | readonly ["ping"]
  | readonly ["pong"];

/** The name of the event that says: no more requests, go elsewhere. */
export const GOAWAY = "framewire:goaway";

/**
 * Envelopes over frames of bytes.
 *
 * @example
 * ```ts
 * import { envelopes } from "@framewire/framewire/message";
 * import { delimited } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = envelopes(delimited({ delimiter: "\n" }));
 * assertEquals(
 *   new TextDecoder().decode(codec.encode(["request", 1, "add", [1, 2]])),
 *   '["request",1,"add",[1,2]]\n',
 * );
 * ```
 *
 * Errors of its frames: `MESSAGE_INVALID`.
 *
 * @param codec The codec of the frames: by default, a length of four bytes.
 * @returns The codec of the envelopes.
 * @throws {TypeError} If it is not a codec.
 */
export function envelopes(
  codec: Codec<Uint8Array> = lengthPrefixed(),
): Codec<Envelope> {
  checkCodec(codec);
  return mapText(codec, {
    name: `envelopes(${codec.name})`,
    decoder: jsonDecoder,
    invalid: notJson,
    decode(text, offset): Envelope {
      const value = parseJson(text, offset);
      if (isEnvelope(value)) return value;
      throw new FrameError("MESSAGE_INVALID", {
        reason: "The message is not an envelope",
        offset,
        expected: "an array that begins with its kind",
        got: JSON.stringify(value).slice(0, 100),
      });
    },
    encode: (envelope: Envelope) => printJson(envelope),
  });
}

function isEnvelope(value: unknown): value is Envelope {
  if (!Array.isArray(value)) return false;
  const { length } = value;
  switch (value[0]) {
    case "request":
      return (length === 4 || length === 5 && isHeader(value[4])) &&
        isCount(value[1]) && typeof value[2] === "string";
    case "reply":
    case "item":
      return length === 3 && isCount(value[1]);
    case "event":
      return length === 3 && typeof value[1] === "string";
    case "stream":
      return (length === 5 || length === 6 && isHeader(value[5])) &&
        isCount(value[1]) && typeof value[2] === "string" && isCount(value[4]);
    case "credit":
      return length === 3 && isCount(value[1]) && isCount(value[2]);
    case "error":
      return length === 5 && isCount(value[1]) &&
        typeof value[2] === "string" && typeof value[3] === "string";
    case "cancel":
      return length === 2 && isCount(value[1]);
    case "ping":
    case "pong":
      return length === 1;
    default:
      return false;
  }
}

/** Whether a value can be the header of a request. */
export function isHeader(value: unknown): value is EnvelopeHeader {
  return isObject(value) &&
    Object.values(value).every((text) => typeof text === "string");
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
