import { checkChoice, checkKind } from "../checks.ts";
import type { Codec } from "../codec/types.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { NetError } from "../net/errors.ts";

/**
 * What becomes of readers that are slower than what is broadcast; see
 * `ServeOptions.slowReaders`.
 *
 * @example A reader that lags behind is told how much it has lost
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({
 *   address: { port: 0 },
 *   codec: lines(),
 *   highWaterMark: 65_536,
 *   slowReaders: { drop: (count) => `${count} prices left out` },
 * }, async (connection) => {
 *   if (await connection.receive() === "prices") server.broadcast("EUR 1.08");
 *   await connection.receive();
 * });
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("prices");
 * assertEquals(await client.receive(), "EUR 1.08");
 * ```
 */
export type SlowReaders<In> = "close" | "wait" | {
  /** Makes the frame that tells a reader how many it has lost. */
  readonly drop: (count: number) => In;
};

/** The part of a connection that is sent what is for many. */
export type Reader<In> = Pick<
  FramedConnection<In, unknown>,
  "id" | "codec" | "send" | "sendEncoded" | "abort"
>;

/**
 * Whether frames can be encoded once for many connections. An encoder with state, such
 * as a counter, is another one for each connection.
 */
export function sharesEncodings(codec: Codec<never, unknown>): boolean {
  return codec.encoder() === codec.encoder();
}

/** Refuses what is none of them. */
export function checkSlowReaders(slowReaders: SlowReaders<unknown>): void {
  if (typeof slowReaders === "string") {
    checkChoice("slowReaders", slowReaders, ["close", "wait"]);
  } else checkKind("slowReaders", slowReaders, ["drop"]);
}

/** Sends a message to many connections. */
export class Broadcaster<In> {
  readonly #codec: Codec<In, unknown>;
  readonly #slowReaders: SlowReaders<In>;
  /** How many messages those have lost for which there is no room. */
  readonly #lost = new WeakMap<Reader<In>, number>();

  constructor(
    codec: Codec<In, unknown>,
    slowReaders: SlowReaders<In> = "close",
  ) {
    this.#codec = codec;
    this.#slowReaders = slowReaders;
  }

  /**
   * Sends a message to some connections, encoded once. Those that have changed their
   * format are left out.
   *
   * @returns A promise of room with all of them, where it is wanted and there is none.
   */
  send(
    message: In,
    to: Iterable<Reader<In>>,
  ): Promise<void> | undefined {
    const codec = this.#codec;
    return sharesEncodings(codec)
      ? this.sendEncoded(codec.encode(message), to)
      : this.#sendEach(to, (connection) => connection.send(message));
  }

  /** Sends what the codec has encoded, in the same way. */
  sendEncoded(
    bytes: Uint8Array,
    to: Iterable<Reader<In>>,
  ): Promise<void> | undefined {
    return this.#sendEach(to, (connection) => connection.sendEncoded(bytes));
  }

  #sendEach(
    to: Iterable<Reader<In>>,
    send: (connection: Reader<In>) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (const connection of to) {
      if (connection.codec !== this.#codec) continue;
      const lost = this.#lost.get(connection);
      if (lost !== undefined) this.#lost.set(connection, lost + 1);
      else {
        const room = attempt(connection, () => send(connection));
        if (room !== undefined) this.#await(connection, room, waits);
      }
    }
    if (waits.length === 0) return undefined;
    // One whose promise rejects has ended: it is waited for no longer.
    return Promise.allSettled(waits).then(() => undefined);
  }

  #await(
    connection: Reader<In>,
    room: Promise<void>,
    waits: Promise<void>[],
  ): void {
    const slowReaders = this.#slowReaders;
    if (slowReaders === "wait") waits.push(room);
    if (typeof slowReaders === "string") return;
    this.#lost.set(connection, 0);
    room.then(() => {
      const lost = this.#lost.get(connection) ?? 0;
      this.#lost.delete(connection);
      if (lost === 0) return;
      const told = attempt(
        connection,
        () => connection.send(slowReaders.drop(lost)),
      );
      if (told !== undefined) this.#await(connection, told, waits);
    }, () => undefined);
  }
}

/** Sends to one of many. An error ends that connection, and is no other's. */
function attempt(
  connection: Reader<never>,
  send: () => Promise<void> | undefined,
): Promise<void> | undefined {
  try {
    // Where the promise rejects, the connection ends with the same error.
    return send();
  } catch (error) {
    const isClosing = error instanceof NetError &&
      error.code === "CONNECTION_CLOSED";
    if (!isClosing) connection.abort(error);
    return undefined;
  }
}
