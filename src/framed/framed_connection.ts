import { checkOptions } from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import type { Codec } from "../codec/types.ts";
import type { Address } from "../net/address.ts";
import { notBytes } from "../net/adapters/check_duplex.ts";
import type { ByteDuplex } from "../net/adapters/streams.ts";
import type { Channel } from "../net/channel.ts";
import type { TlsInfo } from "../net/tls_types.ts";
import type { Transport } from "../net/transport.ts";
import type { Connection } from "../net/types.ts";
import { channelOf } from "./channel_of.ts";
import { Framed } from "./framed.ts";
import { Link } from "./link.ts";
import { framedKinds, type LinkSettings, linkSettings } from "./settings.ts";
import type { FramedOptions } from "./types.ts";

/** {@linkcode Framed} over a connection. */
export class FramedConnection<In, Out = In> extends Framed<In, Out> {
  static #count = 0;

  /** A number that no other connection of this process has. */
  readonly id: number = ++FramedConnection.#count;
  /** Where this end is. */
  readonly localAddress: Address;
  /** Where the other end is. */
  readonly remoteAddress: Address;
  readonly #channel: Channel;

  /** Use {@linkcode framed}. */
  constructor(link: Link<In, Out>) {
    super(link);
    this.#channel = link.channel;
    this.localAddress = link.channel.localAddress;
    this.remoteAddress = link.channel.remoteAddress;
  }

  /** What was agreed on in the TLS handshake; `undefined` on a connection without. */
  get tls(): TlsInfo | undefined {
    return this.#channel.tls;
  }

  /** {@inheritDoc Framed.switchCodec} */
  override switchCodec<NewIn, NewOut>(
    codec: Codec<NewIn, NewOut>,
  ): FramedConnection<NewIn, NewOut> {
    super.switchCodec(codec);
    return this as unknown as FramedConnection<NewIn, NewOut>;
  }
}

/**
 * Puts a frame format on a byte stream: on a connection, on a transport, or on
 * any pair of Web Streams. The stream belongs to the result from then on.
 *
 * @example
 * ```ts
 * import { framed, lines } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
 * const loop = framed({ readable, writable }, lines());
 * await loop.send("hello");
 * assertEquals(await loop.receive(), "hello");
 * ```
 *
 * @param duplex The connection, or the transport.
 * @param codec The frame format.
 * @param options How much may wait to be sent, and the time limits.
 * @returns The frames in both directions.
 * @throws {TypeError} If the byte stream is none or in use already, the codec is
 * none, or there is no such option.
 * @throws {RangeError} If an option is out of its range.
 */
export function framed<In, Out>(
  duplex: Connection | Transport,
  codec: Codec<In, Out>,
  options?: FramedOptions<In, Out>,
): FramedConnection<In, Out>;
/**
 * Puts a frame format on a pair of Web Streams.
 *
 * @param duplex The streams.
 * @param codec The frame format.
 * @param options How much may wait to be sent, and the time limits.
 * @returns The frames in both directions.
 * @throws {TypeError} If the streams are none or in use already, the codec is none,
 * or there is no such option.
 * @throws {RangeError} If an option is out of its range.
 */
export function framed<In, Out>(
  duplex: ByteDuplex,
  codec: Codec<In, Out>,
  options?: FramedOptions<In, Out>,
): Framed<In, Out>;
export function framed<In, Out>(
  duplex: ByteDuplex | Transport,
  codec: Codec<In, Out>,
  options: FramedOptions<In, Out> = {},
): Framed<In, Out> {
  checkOptions("framed", options, framedKinds);
  checkCodec(codec);
  const link = linkOf(duplex, codec, linkSettings<In, Out>(options));
  return "localAddress" in duplex
    ? new FramedConnection(link)
    : new Framed(link);
}

/** The link of a byte stream, for what needs more of it than a program does. */
export function linkOf<In, Out>(
  duplex: ByteDuplex | Transport,
  codec: Codec<In, Out>,
  settings: LinkSettings<In, Out>,
): Link<In, Out> {
  return new Link(() => channelOf(duplex, notBytes), codec, settings);
}
