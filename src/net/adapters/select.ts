import type { Network } from "../types.ts";

/**
 * The sockets of the runtime that this runs on. Bun and Deno are asked for
 * first: both also answer to what tells Node.
 */
export async function runtimeNetwork(): Promise<Network> {
  if ("Bun" in globalThis) return (await import("./bun.ts")).bunNetwork;
  if ("Deno" in globalThis) return (await import("./deno.ts")).denoNetwork;
  return (await import("./node.ts")).nodeNetwork;
}
