import { FramedConnection } from "../framed/framed_connection.ts";
import type { Link } from "../framed/link.ts";
import type { Topics } from "./topics.ts";

/** A connection of a server: it can be subscribed to topics. */
export class ServerConnection<In, Out = In> extends FramedConnection<In, Out> {
  readonly #topics: Topics<In>;

  /** Use {@linkcode serve}. */
  constructor(link: Link<In, Out>, topics: Topics<In>) {
    super(link);
    this.#topics = topics;
  }

  /**
   * Has what is published to a topic (`Server.publish`) sent to this connection, until
   * `unsubscribe` or the end of the connection. While the connection has another format
   * than the server (`switchCodec`), it is left out.
   *
   * @example
   * ```ts
   * import { createClient, lines, serve } from "@framewire/framewire";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = await serve({
   *   address: { port: 0 },
   *   codec: lines(),
   * }, async (connection) => {
   *   for await (const topic of connection) {
   *     await connection.subscribe(topic);
   *     await connection.send(`subscribed to ${topic}`);
   *   }
   * });
   * await using client = await createClient({
   *   address: server.address,
   *   codec: lines(),
   * });
   * await client.send("prices");
   * assertEquals(await client.receive(), "subscribed to prices");
   *
   * await server.publish("prices", "EUR 1.08");
   * await server.publish("weather", "rain");
   * await server.publish("prices", "EUR 1.09");
   * assertEquals(await client.receive(), "EUR 1.08");
   * assertEquals(await client.receive(), "EUR 1.09");
   * ```
   *
   * @param topic The topic: at most 1,024 characters.
   * @returns A promise that resolves when nothing that is published later is missed.
   * @throws {NetError} `TOO_MANY_TOPICS` if the connection is subscribed to
   * `topics.maxPerConnection` others; `UNAVAILABLE` while the engine of the backplane
   * is away: subscribe again when it is there.
   * @throws {TypeError} If the encoders of the format have a state, such as a counter.
   * @throws {RangeError} If the topic is too long.
   */
  subscribe(topic: string): Promise<void> {
    return this.#topics.subscribe(this, topic);
  }

  /** Ends a subscription at once. Does nothing where there is none. */
  unsubscribe(topic: string): void {
    this.#topics.unsubscribe(this, topic);
  }
}
