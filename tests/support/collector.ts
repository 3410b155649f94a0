import { assert } from "@std/assert";

/** The garbage collector of the runtime, where it can be called. */
export async function collector(): Promise<(() => void) | undefined> {
  const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  try {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  } catch (error) {
    assert(error instanceof Error);
    return undefined; // not on this runtime
  }
}
