import type { AddressLike } from "../address.ts";
import type { Transport } from "../transport.ts";
import type { Connection, ConnectOptions, Network } from "../types.ts";

/**
 * Loads the sockets of the current runtime. Bun and Deno are detected first, since
 * both also have the globals of Node.
 */
export async function runtimeNetwork(): Promise<Network> {
  if ("Bun" in globalThis) return (await import("./bun.ts")).bunNetwork;
  if ("Deno" in globalThis) return (await import("./deno.ts")).denoNetwork;
  return (await import("./node.ts")).nodeNetwork;
}

/** Connects for frames, which need no streams: a transport is enough. */
export async function connectForFrames(
  address: AddressLike,
  options: ConnectOptions,
): Promise<Connection | Transport> {
  return await (await runtimeNetwork()).connect(address, options);
}

/** Loads the sockets for datagrams. */
export function loadUdp(): Promise<typeof import("./udp.ts")> {
  return import("./udp.ts");
}
