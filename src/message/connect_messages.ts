import { type ClientOptions, createClient } from "../client/create_client.ts";
import type { Commands } from "./commands.ts";
import { type Envelope, envelopes } from "./envelope.ts";
import type { EnvelopeChannelOptions } from "./envelope_channel.ts";
import { Peer, type PeerOptions } from "./peer.ts";

/** Options of {@linkcode connectMessages}. */
export interface MessageClientOptions<C extends Commands>
  extends
    Omit<ClientOptions<Envelope>, "codec">,
    EnvelopeChannelOptions,
    PeerOptions<C> {}

/**
 * Connects to a server of messages: see `serveMessages`. For a client that comes
 * back, make a `Peer` of each connection of `reconnecting`: what was asked and not
 * answered is rejected, and only the caller knows what may be asked twice.
 *
 * @example
 * ```ts
 * import {
 *   connectMessages,
 *   MessageError,
 *   serveMessages,
 * } from "@framewire/framewire/message";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using server = await serveMessages({ address: { port: 0 } });
 * await using client = await connectMessages({ address: server.address });
 * const error = await assertRejects(
 *   () => client.request("greet", "Michael"),
 *   MessageError,
 * );
 * assertEquals(error.code, "NO_HANDLER");
 * ```
 *
 * @param options Where to, which commands, and how long connecting may take.
 * @returns This end of the connection.
 * @throws {NetError} If nobody listens there, the time limit has passed, ...
 */
export async function connectMessages<C extends Commands = Commands>(
  options: MessageClientOptions<C>,
): Promise<Peer<C>> {
  const { codec = envelopes(), channel } = options;
  const connection = await createClient({ ...options, codec });
  try {
    return new Peer(channel?.(connection) ?? connection, options);
  } catch (error) {
    connection.abort(error);
    throw error;
  }
}
