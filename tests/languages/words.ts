/** Frames as words of the protocol between a test and a program: see README.md. */

import { Buffer } from "node:buffer";
import type { Plan } from "../../src/generate/plan.ts";

/** Bytes in hexadecimal; `-` for none. */
export function printBytes(bytes: Uint8Array): string {
  return bytes.length === 0
    ? "-"
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** The bytes of a word. */
export function readBytes(word: string): Uint8Array {
  return word === "-" ? new Uint8Array(0) : Uint8Array.from(
    Buffer.from(word, "hex"),
  );
}

/** A frame with its headers. */
interface WithHeaders {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * A frame as a word: its bytes, its text in UTF-8, or its JSON. One with headers is
 * these, a line `name: value` each, then `/`, and the body.
 */
export function printFrame(frame: unknown, { framing, content }: Plan): string {
  if (framing.kind === "content-length" && framing.headers) {
    const { headers = {}, body } = frame as WithHeaders;
    const lines = Object.entries(headers).map(([name, value]) =>
      `${name}: ${value}\n`
    );
    return `${printBytes(utf8(lines.join("")))}/${printBytes(body)}`;
  }
  if (content.kind === "bytes") return printBytes(frame as Uint8Array);
  return printBytes(
    utf8(content.kind === "text" ? String(frame) : JSON.stringify(frame)),
  );
}

/** The frame of a word: see {@link printFrame}. */
export function readFrame(word: string, { framing, content }: Plan): unknown {
  if (framing.kind === "content-length" && framing.headers) {
    const [headers = "", body = ""] = word.split("/");
    const lines = textOf(readBytes(headers)).split("\n").slice(0, -1);
    return {
      headers: Object.fromEntries(
        lines.map((line) => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      ),
      body: readBytes(body),
    };
  }
  const bytes = readBytes(word);
  if (content.kind === "bytes") return bytes;
  const text = textOf(bytes);
  return content.kind === "text" ? text : JSON.parse(text);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
