/** The `Buffer` of the runtime, which a client of Redis takes for bytes. */
interface BufferMaker {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

/** Bytes as a `Buffer` of the same memory. */
export function bufferOf(bytes: Uint8Array): Uint8Array {
  const { Buffer } = globalThis as typeof globalThis & {
    readonly Buffer: BufferMaker;
  };
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a reply or a channel. */
export function textOf(bytes: unknown): string {
  return decoder.decode(bytes as Uint8Array);
}
