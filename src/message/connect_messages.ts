import { type OptionKinds, pickOptions } from "../checks.ts";
import {
  clientKinds,
  type ClientOptions,
  createClient,
} from "../client/create_client.ts";
import type { Commands } from "./commands.ts";
import type { Envelope } from "./envelope.ts";
import { type DialectOptions, speechOf } from "./dialects/dialect_options.ts";
import { checkPeerOptions, dialectKinds } from "./limits.ts";
import { Peer, peerKinds, type PeerOptions } from "./peer.ts";

/** Options of {@linkcode connectMessages}. */
export interface MessageClientOptions<C extends Commands, X = unknown>
  extends
    Omit<ClientOptions<Envelope>, "codec" | "heartbeat">,
    DialectOptions,
    PeerOptions<C, X> {}

const { heartbeat: _, ...connectionKinds } = clientKinds;

const kinds: OptionKinds<MessageClientOptions<Commands>> = {
  ...connectionKinds,
  ...dialectKinds,
  ...peerKinds,
};

/**
 * Connects to a server of messages: see `serveMessages`. The requests that are open
 * when the connection ends reject. For a client that connects again by itself, see
 * `reconnectingMessages`.
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
 * @param options The address, the commands, the handlers and listeners, and how
 * long connecting may take.
 * @returns This end of the connection.
 * @throws {NetError} If nobody listens there, or the time limit has passed.
 * @throws {TypeError} If the address is none, a handler is no function, or there is
 * no such option.
 * @throws {RangeError} If a limit is out of its range. The message names it.
 */
export async function connectMessages<
  C extends Commands = Commands,
  X = unknown,
>(options: MessageClientOptions<C, X>): Promise<Peer<C, X>> {
  checkPeerOptions("connectMessages", options, kinds);
  const { codec, open } = speechOf(options);
  const connection = await createClient(
    pickOptions<ClientOptions<Envelope>>({ ...options, codec }, clientKinds),
  );
  try {
    return new Peer(
      open(connection),
      pickOptions<PeerOptions<C, X>>(options, peerKinds),
    );
  } catch (error) {
    connection.abort(error);
    throw error;
  }
}
