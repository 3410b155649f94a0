import type { ByteDuplex, Connection } from "../../mod.ts";
import { connect, listen } from "../../mod.ts";

/** Two connected ends, and how to get rid of them. */
export interface Ends {
  a: ByteDuplex;
  b: ByteDuplex;
  dispose(): Promise<void>;
}

/** A way to make two connected ends. */
export interface DuplexKind {
  name: string;
  make(): Promise<Ends>;
}

/** Two ends of a TCP connection on the runtime that runs the tests. */
export async function connectedPair(): Promise<[Connection, Connection]> {
  const listener = await listen({ port: 0 });
  const accepted = listener[Symbol.asyncIterator]().next();
  const a = await connect(listener.address);
  const { value: b } = await accepted;
  await listener.close();
  return [a, b];
}

/**
 * Time limits for a connection whose other side stays open: it does not linger
 * for that side's end any longer than it must.
 */
export const quick = { closeTimeoutMs: 100 };

/** Two ends that know nothing but Web Streams. */
export function streamPair(): [ByteDuplex, ByteDuplex] {
  // Each holds a few chunks, like a socket's buffer.
  const pipe = () =>
    new TransformStream<Uint8Array, Uint8Array>(
      undefined,
      undefined,
      { highWaterMark: 8 },
    );
  const there = pipe();
  const back = pipe();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** The kinds that framed bytes must behave the same over. */
export const duplexKinds: readonly DuplexKind[] = [
  {
    name: "connection",
    async make() {
      const [a, b] = await connectedPair();
      return {
        a,
        b,
        async dispose() {
          a.abort();
          b.abort();
          await Promise.all([a.closed, b.closed]);
        },
      };
    },
  },
  {
    name: "plain streams",
    make() {
      const [a, b] = streamPair();
      return Promise.resolve({ a, b, dispose: () => Promise.resolve() });
    },
  },
];
