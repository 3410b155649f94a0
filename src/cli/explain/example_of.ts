import type { Codec } from "../../codec/types.ts";
import { parseFormat } from "../../format/parse_format.ts";
import { presetNotes } from "./preset_notes.ts";

/** What is encoded as an example: the first of these that a codec takes. */
const frames: readonly unknown[] = [
  bytesOf("hello"),
  "hello",
  bytesOf("hi"),
  "hi",
  { hello: 1 },
  { command: 1, wantsReply: true, body: bytesOf("hello") },
  { header: {}, headers: {}, body: bytesOf("hello") },
  Uint8Array.of(1, 2, 3, 4),
  new Uint8Array(16),
  new Uint8Array(0),
];

/**
 * The bytes of one small frame of a codec; `undefined` where none is found. Those of a
 * preset are what its peers send.
 */
export function exampleOf(codec: Codec<unknown>): Uint8Array | undefined {
  const { description } = codec;
  if (description?.kind === "json") return encoded(codec, { hello: 1 });
  if (description?.kind === "fixedLength") {
    const length = Number(description.options.frameLength);
    return length > MOST ? undefined : Uint8Array.from({ length }, (_, i) => i);
  }
  if (description?.kind.startsWith("preset:") === true) {
    return presetExample(codec, description.kind);
  }
  for (const frame of frames) {
    const bytes = encoded(codec, frame);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

/** A longer example would show no more. */
const MOST = 256;

/** What the peers of a preset send. Its options may change how it is written. */
function presetExample(
  codec: Codec<unknown>,
  kind: string,
): Uint8Array | undefined {
  const note = presetNotes[kind.slice("preset:".length)];
  if (note === undefined) return undefined;
  const bytes = bytesOf(note.example);
  const [frame] = parseFormat(note.expression ?? kind).decode(bytes);
  return encoded(codec, frame) ?? bytes;
}

function encoded(
  codec: Codec<unknown>,
  frame: unknown,
): Uint8Array | undefined {
  try {
    const bytes = codec.encode(frame);
    const [decoded, ...others] = codec.decode(bytes);
    // What comes back as something else, or not alone, is no example.
    const isSame = typeof decoded === typeof frame &&
      decoded instanceof Uint8Array === frame instanceof Uint8Array;
    return isSame && others.length === 0 && bytes.length <= MOST
      ? bytes
      : undefined;
  } catch {
    // Not what this codec takes.
    return undefined;
  }
}

/** Bytes by characters, one each. */
export function bytesOf(characters: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
