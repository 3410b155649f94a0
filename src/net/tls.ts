/** Loads TLS only where it is wanted: browsers have none for programs. */
export function loadTls(): Promise<typeof import("./adapters/tls/mod.ts")> {
  return import("./adapters/tls/mod.ts");
}
