/**
 * Peers that have no framing: what they write is text, and nothing in it says
 * where a message ends. Between programs of your own, use `lines()` or
 * `lengthPrefixed()` and forget this file.
 */

import { type Codec, defineCodec, type Framed } from "../../mod.ts";

const encoder = new TextEncoder();

/** Bytes as they come: a frame is whatever one read has brought. */
export const unframed: Codec<string | Uint8Array, Uint8Array> = defineCodec({
  name: "unframed",
  reader: () => ({
    read: (input) => input.length === 0 ? undefined : input.take(input.length),
    finish: () => undefined,
  }),
  encoder: () => ({
    encode: (data: string | Uint8Array, output) =>
      output.write(typeof data === "string" ? encoder.encode(data) : data),
  }),
});

/** Options of {@linkcode messagesByQuiet}. */
export interface QuietOptions {
  /**
   * How long nothing must come for a message to be whole, in milliseconds.
   *
   * @default {50}
   */
  quietMs?: number;
  /**
   * The most bytes that a message may have.
   *
   * @default {65_536}
   */
  maxLength?: number;
}

/**
 * Guesses messages by the pauses between them, which works where the peer waits
 * for an answer before it writes more. A message that the network has cut comes
 * out whole, with its characters; two that were written without a pause come out
 * as one, and nobody can tell them apart.
 *
 * @param peer The connection to read.
 * @param options How long a pause, and how much at most.
 * @throws {RangeError} If a message is too long.
 */
export async function* messagesByQuiet(
  peer: Framed<string | Uint8Array, Uint8Array>,
  { quietMs = 50, maxLength = 65_536 }: QuietOptions = {},
): AsyncGenerator<string, void, void> {
  let receiving: Promise<Uint8Array | undefined> | undefined;
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  while (true) {
    receiving ??= peer.receive();
    const part = length === 0
      ? await receiving
      : await orQuiet(receiving, quietMs);
    if (part === undefined || part === "quiet") {
      if (length > 0) yield await new Blob(parts).text();
      if (part === undefined) return;
      parts = [];
      length = 0;
      continue;
    }
    receiving = undefined;
    parts.push(new Uint8Array(part));
    length += part.length;
    if (length > maxLength) {
      throw new RangeError(
        `The message is too long: more than ${maxLength} bytes`,
      );
    }
  }
}

function orQuiet<T>(receiving: Promise<T>, ms: number): Promise<T | "quiet"> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // If this program was busy, bytes may have arrived meanwhile: they come first.
      setTimeout(() => resolve("quiet"), 1);
    }, ms);
    receiving.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
