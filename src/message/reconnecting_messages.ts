import {
  checkCount,
  checkCountOrInfinity,
  type OptionKinds,
} from "../checks.ts";
import { backoffKinds } from "../client/attempts.ts";
import { clientKinds } from "../client/create_client.ts";
import { MAX_QUEUED, MAX_REPEATS, MAX_REPEATS_PERCENT } from "../defaults.ts";
import type { Commands } from "./commands.ts";
import { checkPeerOptions, dialectKinds } from "./limits.ts";
import { peerKinds } from "./peer.ts";
import type { ReconnectingMessagesOptions } from "./reconnecting_messages_options.ts";
import { ReconnectingPeer } from "./reconnecting_peer.ts";

const { heartbeat: _, ...connectionKinds } = clientKinds;

const kinds: OptionKinds<ReconnectingMessagesOptions<Commands>> = {
  ...connectionKinds,
  ...dialectKinds,
  ...peerKinds,
  ...backoffKinds,
  login: "function",
  maxQueued: "checked",
  maxRepeats: "checked",
  maxRepeatsPercent: "checked",
};

/**
 * Makes a client of messages that connects by itself, and again whenever its
 * connection has ended, with the waits of `reconnecting`. Requests can be made at any
 * time: while there is no connection, they wait for one, at most `maxQueued`, each
 * for its own `timeoutMs`.
 *
 * Nothing is sent twice unless it was marked: a request that was sent when its
 * connection ended rejects, since the server may have handled it. With
 * `repeatable: true` it is sent again on the next connection, at most `maxRepeats`
 * times, and only as far as `maxRepeatsPercent` allows. The same holds for a request
 * whose handler answered `CLOSING`; the client then takes another connection. What a
 * server that closes has not handled any more (`Peer.goaway`) is sent on the next
 * connection in any case.
 *
 * @example A client that outlives its server
 * ```ts
 * import { reconnectingMessages, serveMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const handlers = { double: (n: unknown) => Number(n) * 2 };
 * const first = await serveMessages({ address: { port: 0 }, handlers });
 * const { address } = first;
 *
 * await using client = reconnectingMessages({ address, initialDelayMs: 10 });
 * assertEquals(await client.request("double", 1), 2);
 * await first.close();
 * const waiting = client.request("double", 2, { repeatable: true });
 * await using second = await serveMessages({ address, handlers });
 * assertEquals(await waiting, 4);
 * assertEquals(client.state, "open");
 * assertEquals(second.peers.size, 1);
 * ```
 *
 * @example A login and a subscription at each connection
 * ```ts
 * import { reconnectingMessages, serveMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveMessages({ address: { port: 0 } });
 * server.on("subscribe", (topic, { peer }) => {
 *   void peer.emit(String(topic), "21 °C");
 *   return null;
 * });
 *
 * await using client = reconnectingMessages({
 *   address: server.address,
 *   login: async (peer) => void await peer.request("subscribe", "weather"),
 * });
 * const news = await new Promise((resolve) => client.onEvent("weather", resolve));
 * assertEquals(news, "21 °C");
 * ```
 *
 * @param options The addresses, the commands, the handlers and the limits.
 * @returns The client, which begins to connect.
 * @throws {TypeError} If an address is none, a handler is no function, or there is
 * no such option.
 * @throws {RangeError} If a limit is out of its range. The message names it.
 */
export function reconnectingMessages<
  C extends Commands = Commands,
  X = unknown,
>(options: ReconnectingMessagesOptions<C, X>): ReconnectingPeer<C, X> {
  checkPeerOptions("reconnectingMessages", options, kinds);
  const {
    maxQueued = MAX_QUEUED,
    maxRepeats = MAX_REPEATS,
    maxRepeatsPercent = MAX_REPEATS_PERCENT,
  } = options;
  checkCountOrInfinity("maxQueued", maxQueued);
  checkCount("maxRepeats", maxRepeats, 0);
  checkCount("maxRepeatsPercent", maxRepeatsPercent, 0, 100);
  return new ReconnectingPeer(options);
}
