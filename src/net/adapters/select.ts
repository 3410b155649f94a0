import type { Adapter } from "../socket.ts";

/**
 * The adapter of the runtime that this runs on. Bun and Deno are asked for
 * first: both also answer to what tells Node.
 */
export async function runtimeAdapter(): Promise<Adapter> {
  if ("Bun" in globalThis) return (await import("./bun.ts")).bunAdapter;
  if ("Deno" in globalThis) return (await import("./deno.ts")).denoAdapter;
  return (await import("./node.ts")).nodeAdapter;
}
