import { json, type JsonValue } from "../codec/views/json.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import type { StandardSchema } from "../codec/views/standard_schema.ts";
import type { Codec } from "../codec/types.ts";

/**
 * What peers say to each other. On the wire, each is a JSON array that begins
 * with its kind:
 *
 * | on the wire | means |
 * | --- | --- |
 * | `["request", id, command, body]` | do this, and reply once |
 * | `["stream", id, command, body, credit]` | do this, and reply with items: at first, at most `credit` of them |
 * | `["reply", id, body]` | the reply; of a stream, its end |
 * | `["item", id, body]` | one of the items of a stream |
 * | `["credit", id, count]` | so many items more may come |
 * | `["error", id, code, message, data]` | it failed |
 * | `["cancel", id]` | never mind |
 * | `["event", name, body]` | this happened; there is no reply |
 *
 * Each side counts the ids of its own requests from 1; a reply has the id of its
 * request.
 */
export type Envelope =
  | readonly ["request", id: number, command: string, body: JsonValue]
  | readonly [
    "stream",
    id: number,
    command: string,
    body: JsonValue,
    credit: number,
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
  | readonly ["event", name: string, body: JsonValue];

/** How each kind goes on: what is checked of what comes in. */
const shapes: Record<string, readonly ("id" | "text" | "count" | "body")[]> = {
  request: ["id", "text", "body"],
  stream: ["id", "text", "body", "count"],
  reply: ["id", "body"],
  item: ["id", "body"],
  credit: ["id", "count"],
  error: ["id", "text", "text", "body"],
  cancel: ["id"],
  event: ["text", "body"],
};

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
 */
export function envelopes(
  codec: Codec<Uint8Array> = lengthPrefixed(),
): Codec<Envelope> {
  return json(codec, envelopeSchema);
}

const envelopeSchema: StandardSchema<Envelope> = {
  "~standard": {
    version: 1,
    vendor: "framewire",
    validate: (value) =>
      isEnvelope(value)
        ? { value }
        : { issues: [{ message: "not an envelope" }] },
  },
};

function isEnvelope(value: unknown): value is Envelope {
  if (!Array.isArray(value) || typeof value[0] !== "string") return false;
  if (!Object.hasOwn(shapes, value[0])) return false;
  const shape = shapes[value[0]]!;
  return value.length === shape.length + 1 && shape.every((kind, i) => {
    const part: unknown = value[i + 1];
    switch (kind) {
      case "id":
      case "count":
        return Number.isSafeInteger(part) && Number(part) > 0;
      case "text":
        return typeof part === "string";
      case "body":
        return true;
    }
  });
}
