import { hasMethods, wrongType } from "../../checks.ts";
import { checkCodec } from "../../codec/check_codec.ts";
import type { Codec } from "../../codec/types.ts";
import { framed } from "../../framed/framed_connection.ts";
import type { ByteDuplex } from "../../net/adapters/streams.ts";
import type { Transport } from "../../net/transport.ts";
import type { EnvelopeChannel } from "../envelope_channel.ts";
import type { Dialect, Translation, Wire } from "./dialect.ts";
import { TranslatedChannel } from "./translated_channel.ts";

/**
 * Makes a dialect of one's own.
 *
 * @example Lines such as `1 add 2 3`, `1 = 5` and `1 ! why`
 * ```ts
 * import { lines } from "@framewire/framewire";
 * import {
 *   connectMessages,
 *   defineDialect,
 *   MessageError,
 *   serveMessages,
 * } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const dialect = defineDialect<string>(lines(), (wire) => ({
 *   send(envelope) {
 *     switch (envelope[0]) {
 *       case "request":
 *         return wire.send(`${envelope[1]} ${envelope[2]} ${envelope[3]}`);
 *       case "reply":
 *         return wire.send(`${envelope[1]} = ${envelope[2]}`);
 *       case "error":
 *         return wire.send(`${envelope[1]} ! ${envelope[3]}`);
 *       case "cancel":
 *         return undefined;
 *       default:
 *         throw new MessageError("NOT_IN_DIALECT", `No ${envelope[0]} in lines`);
 *     }
 *   },
 *   receive(line) {
 *     const [, id, verb = "", body = ""] = /^(\d+) (\S+) ?(.*)$/.exec(line) ?? [];
 *     if (verb === "=") wire.tell(["reply", Number(id), body]);
 *     else if (verb === "!") wire.tell(["error", Number(id), "FAILED", body, null]);
 *     else wire.tell(["request", Number(id), verb, body]);
 *   },
 * }));
 *
 * await using server = await serveMessages({
 *   address: { port: 0 },
 *   dialect,
 *   handlers: { upper: (text) => String(text).toUpperCase() },
 * });
 * await using client = await connectMessages({ address: server.address, dialect });
 * assertEquals(await client.request("upper", "hello"), "HELLO");
 * ```
 *
 * @typeParam T A frame.
 * @param codec The codec of the frames.
 * @param begin Begins the conversation on a connection.
 * @returns The dialect.
 * @throws {TypeError} If it is not a codec.
 */
export function defineDialect<T>(
  codec: Codec<T>,
  begin: (wire: Wire<T>) => Translation<T>,
): Dialect<T> {
  checkCodec(codec);
  return {
    codec,
    open: (connection) => new TranslatedChannel(connection, begin),
  };
}

/**
 * Speaks a dialect on a byte stream that is there already: the streams of a process,
 * of a worker or of a connection. For sockets, give the dialect to `connectMessages`
 * and `serveMessages`.
 *
 * @example
 * ```ts
 * import { ndjson } from "@framewire/framewire/presets";
 * import { jsonRpc, Peer, speak } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const there = new TransformStream<Uint8Array, Uint8Array>();
 * const back = new TransformStream<Uint8Array, Uint8Array>();
 * const here = { readable: back.readable, writable: there.writable };
 * const other = { readable: there.readable, writable: back.writable };
 *
 * const dialect = jsonRpc(ndjson());
 * await using asking = new Peer(speak(here, dialect));
 * await using answering = new Peer(speak(other, dialect));
 * answering.on("echo", (params) => params);
 * assertEquals(await asking.request("echo", [42, 23]), [42, 23]);
 * ```
 *
 * @param stream The byte stream, which belongs to the result from then on.
 * @param dialect The dialect.
 * @returns The channel for a `Peer`.
 * @throws {TypeError} If it is no byte stream, or no dialect.
 */
export function speak<T>(
  stream: ByteDuplex | Transport,
  dialect: Dialect<T>,
): EnvelopeChannel {
  checkDialect(dialect);
  // The types tell a transport from streams only one at a time.
  return dialect.open(framed(stream as ByteDuplex, dialect.codec));
}

/** Checks that a value can be a dialect. */
export function checkDialect(dialect: unknown): void {
  if (hasMethods(dialect, ["open"])) return;
  throw wrongType("dialect", "a dialect, such as jsonRpc(ndjson())", dialect);
}
