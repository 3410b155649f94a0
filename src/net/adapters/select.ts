import type { Network } from "../types.ts";

/**
 * Loads the sockets of the current runtime. Bun and Deno are detected first, since
 * both also have the globals of Node.
 */
export async function runtimeNetwork(): Promise<Network> {
  if ("Bun" in globalThis) return (await import("./bun.ts")).bunNetwork;
  if ("Deno" in globalThis) return (await import("./deno.ts")).denoNetwork;
  return (await import("./node.ts")).nodeNetwork;
}
