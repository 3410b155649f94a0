import net from "node:net";
import type { ConnectSettings } from "../adapter.ts";
import type { Address } from "../address.ts";
import { deferred } from "../deferred.ts";
import type { Transport } from "../transport.ts";
import { nodeSettings } from "./node_transport.ts";
import { connectError } from "./runtime_errors.ts";

/** Where `net.connect` connects to. */
export type NodePlace = { host: string; port: number } | { path: string };

/** Connects a socket of `node:net`, and has a transport made of it. */
export async function connectSocket(
  to: Address,
  place: NodePlace,
  { signal, ...settings }: ConnectSettings,
  transportOf: (socket: net.Socket) => Transport,
): Promise<Transport> {
  const { promise, resolve, reject } = deferred<Transport>();
  const socket = net.connect({ ...place, ...nodeSettings(settings) });
  const onAbort = () => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  // It stays: an error without a listener would end the process.
  socket.once("error", (cause) => reject(connectError(to, cause)));
  socket.once("connect", () => {
    if (!signal.aborted) resolve(transportOf(socket));
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
