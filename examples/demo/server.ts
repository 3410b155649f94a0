/** The server: replies to every message and counts what it took. */

import {
  type Address,
  type Codec,
  lengthPrefixed,
  serve,
  type Server,
} from "../../mod.ts";

/** What the server counted on a connection. */
export interface Tally {
  readonly frames: number;
  readonly chunks: number;
  readonly milliseconds: number;
}

/** The format of the demo: a length that counts itself. */
export const codec: Codec<Uint8Array> = lengthPrefixed({
  endian: "little",
  lengthIncludes: "frame",
});

/**
 * Serves `REP: ` and the message. The replies begin when as many connections are
 * there as there are clients: so that all of them do talk at once.
 */
export async function replyWhenAllAreHere(
  clients: number,
  tallies: Map<number, Tally>,
): Promise<Server<Uint8Array>> {
  const here = Promise.withResolvers<void>();
  let arrived = 0;
  return await serve({ address: { port: 0 }, codec }, async (connection) => {
    if (++arrived === clients) here.resolve();
    await here.promise;
    const started = performance.now();
    await connection.forEach((message) => connection.send(replyTo(message)));
    tallies.set(portOf(connection.remoteAddress), {
      frames: connection.framesReceived,
      chunks: connection.chunksReceived,
      milliseconds: performance.now() - started,
    });
  });
}

/** `REP: ` and the message. */
export function replyTo(message: Uint8Array): Uint8Array {
  const reply = new Uint8Array(prefix.length + message.length);
  reply.set(prefix);
  reply.set(message, prefix.length);
  return reply;
}

const prefix = new TextEncoder().encode("REP: ");

/** The port of an address. */
export function portOf(address: Address): number {
  return address.transport === "tcp" ? address.port : 0;
}
