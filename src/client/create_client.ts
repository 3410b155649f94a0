import {
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
  pickOptions,
  wrongType,
} from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import type { Codec } from "../codec/types.ts";
import { CONNECT_TIMEOUT_MS } from "../defaults.ts";
import { channelOf } from "../framed/channel_of.ts";
import { FramedConnection } from "../framed/framed_connection.ts";
import { Link } from "../framed/link.ts";
import {
  type ObserveOptions,
  Observer,
  tellClose,
  tellOpen,
} from "../framed/observe.ts";
import { framedKinds, linkSettings } from "../framed/settings.ts";
import type { FramedOptions } from "../framed/types.ts";
import type { AddressLike } from "../net/address.ts";
import { connectForFrames } from "../net/connect.ts";
import { connectKinds } from "../net/option_kinds.ts";
import type { ConnectOptions, Network } from "../net/types.ts";
import { addressList, connectToOne } from "./addresses.ts";

/** Options of {@linkcode createClient}. */
export interface ClientOptions<In, Out = In>
  extends ConnectOptions, FramedOptions<In, Out>, ObserveOptions {
  /**
   * Where to connect to, or a list of such addresses. `createClient` tries them in
   * their order, each for an equal share of the time that is left of `timeoutMs`.
   * `reconnecting` goes on with the next one at each attempt, and begins again
   * behind the last. The list is used as it is given: where many clients share one,
   * shuffle it, so that they do not all take the same server.
   */
  address: AddressLike | readonly AddressLike[];
  /** The frame format. */
  codec: Codec<In, Out>;
  /**
   * What to connect with: a memory network, for tests. By default, the sockets
   * of the runtime.
   */
  network?: Pick<Network, "connect">;
}

/** The options of `createClient`. */
export const clientKinds: OptionKinds<ClientOptions<never>> = {
  address: "checked",
  codec: "checked",
  network: ["connect"],
  observe: "function",
  ...connectKinds,
  ...framedKinds,
};

/**
 * Connects to a server and puts a frame format on the connection.
 *
 * @example
 * ```ts
 * import { createClient, lengthPrefixed, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = lengthPrefixed();
 * await using server = await serve(
 *   { address: { port: 0 }, codec },
 *   (connection) => connection.forEach((frame) => connection.send(frame)),
 * );
 * await using client = await createClient({ address: server.address, codec });
 * await client.send(Uint8Array.of(1, 2, 3));
 * assertEquals(await client.receive(), Uint8Array.of(1, 2, 3));
 * ```
 *
 * @example Two servers, of which one is down
 * ```ts
 * import { createClient, lines, listen, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const down = await listen({ port: 0 });
 * await down.close();
 * await using up = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   async (connection) => void await connection.send("hello"),
 * );
 * await using client = await createClient({
 *   address: [down.address, up.address],
 *   codec: lines(),
 * });
 * assertEquals(await client.receive(), "hello");
 * ```
 *
 * @param options The address, the format and the limits.
 * @returns The connection.
 * @throws {NetError} If no process listens there, the time limit has passed, ... With
 * several addresses: what each answered, the code of the last, and all errors in
 * the `AggregateError` that is the `cause`.
 * @throws {TypeError} If the address or the codec is none, or there is no such
 * option.
 * @throws {RangeError} If a limit is out of its range.
 */
export async function createClient<In, Out>(
  options: ClientOptions<In, Out>,
): Promise<FramedConnection<In, Out>> {
  checkOptions("createClient", options, clientKinds);
  const { address, codec, network = { connect: connectForFrames } } = options;
  checkCodec(codec);
  const settings = linkSettings<In, Out>(options);
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
  const connectOptions = pickOptions<ConnectOptions>(options, connectKinds);
  const connection = await connectToOne(
    addressList(address),
    timeoutMs,
    signal,
    (one, timeoutMs) => network.connect(one, { ...connectOptions, timeoutMs }),
  );
  const channel = channelOf(connection, notConnected);
  try {
    const client = new FramedConnection(
      new Link(() => channel, codec, settings),
    );
    const observer = new Observer(options.observe);
    tellOpen(observer, "client", client);
    channel.whenClosed((info) => tellClose(observer, "client", client, info));
    return client;
  } catch (error) {
    channel.abort(error);
    throw error;
  }
}

function notConnected(got: unknown): TypeError {
  return wrongType("network", "a connection from its connect()", got);
}
