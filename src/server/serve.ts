import { checkKind, checkOptions, pickOptions } from "../checks.ts";
import { Observer } from "../framed/observe.ts";
import { NetError } from "../net/errors.ts";
import { listen } from "../net/listen.ts";
import { acceptKinds, type AcceptOptions } from "../net/option_kinds.ts";
import { parseAddress } from "../net/parse_address.ts";
import { FrameServer, type Protocol } from "./frame_server.ts";
import { ServerCounters } from "./server_counters.ts";
import { serveKinds, serverSettings } from "./settings.ts";
import { tell } from "./tell.ts";
import type { ConnectionHandler, ServeOptions, Server } from "./types.ts";

/**
 * Serves frames: accepts connections, puts a frame format on each and calls the
 * handler with it. An error of a peer or a handler ends its own connection only.
 *
 * @example
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   async (connection) => {
 *     for await (const line of connection) {
 *       await connection.send(line.toUpperCase());
 *     }
 *   },
 * );
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * assertEquals(await client.receive(), "HELLO");
 * ```
 *
 * @example One loop for all connections
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ address: { port: 0 }, codec: lines() });
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * for await (const event of server.events()) {
 *   if (event.type !== "message") continue;
 *   assertEquals(event.message, "hello");
 *   server.broadcast(`${event.id} says ${event.message}`);
 *   break;
 * }
 * ```
 *
 * @example Two servers share their topics
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import {
 *   type Backplane,
 *   createBackplane,
 *   MemorySystem,
 * } from "@framewire/framewire/backplane";
 * import { assertEquals } from "@std/assert";
 *
 * // With an engine of NATS or Redis, they can be two processes.
 * const system = new MemorySystem();
 * await using nodeOne = await createBackplane(system.engine());
 * await using nodeTwo = await createBackplane(system.engine());
 *
 * const servePrices = (backplane: Backplane) =>
 *   serve({
 *     address: { port: 0 },
 *     codec: lines(),
 *     backplane,
 *   }, async (connection) => {
 *     await connection.subscribe("prices");
 *     await connection.send("here are the prices");
 *     await connection.forEach(() => undefined);
 *   });
 * await using one = await servePrices(nodeOne);
 * await using two = await servePrices(nodeTwo);
 *
 * await using client = await createClient({
 *   address: two.address,
 *   codec: lines(),
 * });
 * assertEquals(await client.receive(), "here are the prices");
 * await one.publish("prices", "EUR 1.08");
 * assertEquals(await client.receive(), "EUR 1.08");
 * ```
 *
 * @param options The address, the format and the limits.
 * @param handler Handles a connection. Without a handler, use `Server.events`.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {TypeError} If the address, the codec or the handler is none, or there is
 * no such option.
 * @throws {RangeError} If a limit is out of its range.
 */
export function serve<In, Out>(
  options: ServeOptions<In, Out>,
  handler?: ConnectionHandler<In, Out>,
): Promise<Server<In, Out>> {
  return serveProtocol(options, handler, {});
}

/** Serves like `serve`, for a protocol that does something in its own way. */
export async function serveProtocol<In, Out>(
  options: ServeOptions<In, Out>,
  handler: ConnectionHandler<In, Out> | undefined,
  protocol: Protocol<In, Out>,
): Promise<Server<In, Out>> {
  checkOptions("serve", options, serveKinds);
  const { address, signal, onError, observe, network = { listen } } = options;
  if (handler !== undefined) checkKind("the handler", handler, "function");
  const settings = serverSettings(options);
  signal?.throwIfAborted();
  const tellOfListener = (error: unknown, peer = parseAddress(address)) =>
    tell(options, error, peer);
  const counters = new ServerCounters<In, Out>(
    new Observer(observe, (error) => tellOfListener(error)),
  );
  /** How many connections had been accepted when it was told that too many wait. */
  let acceptedWhenFull: number | undefined;
  const listener = await network.listen(address, {
    ...pickOptions<AcceptOptions>(options, acceptKinds),
    onError: (error, peer) => {
      if (isAboutDescriptors(error)) return tellOfListener(error);
      counters.refuse(error, peer);
      if (isOfWaiting(error)) {
        if (acceptedWhenFull === counters.accepted) return;
        acceptedWhenFull = counters.accepted;
        return tellOfListener(error, peer);
      }
      // By default, errors of the peer and the network are not reported.
      if (onError !== undefined) tellOfListener(error, peer);
    },
  });
  const server = new FrameServer(
    listener,
    settings,
    counters,
    handler,
    protocol,
  );
  if (signal !== undefined) {
    const close = () => void server.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    void server.closed.then(() => signal.removeEventListener("abort", close));
  }
  return server;
}

/** Whether an error is that of a connection that found too many others waiting. */
function isOfWaiting(error: unknown): boolean {
  return error instanceof NetError && error.limit === "maxWaitingConnections";
}

function isAboutDescriptors(error: unknown): boolean {
  return error instanceof NetError &&
    (error.code === "OUT_OF_DESCRIPTORS" || error.code === "ACCEPTING_AGAIN");
}
