/** The other end of a WebSocket, which can do wrong what can be done wrong. */

import { concat as concatAll } from "@std/bytes";
import type { Connection } from "../../../src/net/mod.ts";
import { utf8 } from "../../support/bytes.ts";

/** Joins bytes. */
export function concat(
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return concatAll(parts);
}

/** A frame made by hand, masked if it is that of a client. */
export function frame(
  opcode: number,
  payload: Uint8Array,
  { isLast = true, isMasked = true }: {
    readonly isLast?: boolean;
    readonly isMasked?: boolean;
  } = {},
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const size = length > 65_535 ? 127 : length > 125 ? 126 : length;
  const view = new DataView(new ArrayBuffer(8));
  if (size === 127) view.setBigUint64(0, BigInt(length));
  if (size === 126) view.setUint16(0, length);
  const extended = size === 127 ? 8 : size === 126 ? 2 : 0;
  const key = [0x12, 0x34, 0x56, 0x78];
  return concat(
    Uint8Array.of((isLast ? 0x80 : 0) | opcode, (isMasked ? 0x80 : 0) | size),
    new Uint8Array(view.buffer, 0, extended),
    Uint8Array.from(isMasked ? key : []),
    isMasked ? payload.map((byte, i) => byte ^ key[i % 4]!) : payload,
  );
}

/** The request of a client; a field that is `undefined` is left out. */
export function request(
  fields: Readonly<Record<string, string | undefined>> = {},
  start = "GET / HTTP/1.1",
): string {
  const all = {
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...fields,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${start}\r\n${lines.join("")}\r\n`;
}

/** What the peer has read. */
export interface ReadFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** A connection that is read and written by hand. */
export class RawPeer {
  readonly #connection: Connection;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
  }

  /** Sends texts and frames. */
  async send(...parts: readonly (string | Uint8Array)[]): Promise<void> {
    const bytes = parts.map((p) => typeof p === "string" ? utf8(p) : p);
    await this.#writer.write(concat(...bytes));
  }

  /** Reads the head of a request or a response. */
  async head(): Promise<string> {
    while (true) {
      const text = new TextDecoder("latin1").decode(this.#bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#bytes = this.#bytes.slice(end + 4);
        return text.slice(0, end);
      }
      if (!await this.#more()) return text;
    }
  }

  /** Reads a frame, and unmasks it; `undefined` at the end. */
  async frame(): Promise<ReadFrame | undefined> {
    if (!await this.#has(2)) return undefined;
    const isMasked = (this.#bytes[1]! & 0x80) !== 0;
    const size = this.#bytes[1]! & 0x7f;
    const extended = size === 127 ? 8 : size === 126 ? 2 : 0;
    const start = 2 + extended + (isMasked ? 4 : 0);
    if (!await this.#has(start)) return undefined;
    let length = extended === 0 ? size : 0;
    for (let i = 0; i < extended; i++) {
      length = length * 256 + this.#bytes[2 + i]!;
    }
    if (!await this.#has(start + length)) return undefined;
    const key = this.#bytes.slice(start - 4, start);
    const masked = this.#bytes.slice(start, start + length);
    const opcode = this.#bytes[0]! & 0x0f;
    this.#bytes = this.#bytes.slice(start + length);
    const payload = isMasked
      ? masked.map((byte, i) => byte ^ key[i % 4]!)
      : masked;
    return { opcode, payload };
  }

  /** Reads all that comes until the end. */
  async rest(): Promise<string> {
    while (await this.#more());
    return new TextDecoder().decode(this.#bytes);
  }

  /** Ends its side, in whatever state the WebSocket is. */
  async end(): Promise<void> {
    await this.#writer.close();
  }

  abort(): void {
    this.#connection.abort();
  }

  async #has(length: number): Promise<boolean> {
    while (this.#bytes.length < length) {
      if (!await this.#more()) return false;
    }
    return true;
  }

  async #more(): Promise<boolean> {
    const { value } = await this.#reader.read();
    if (value === undefined) return false;
    this.#bytes = concat(this.#bytes, value);
    return true;
  }
}
