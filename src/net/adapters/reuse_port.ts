import process from "node:process";

/** What a runtime needs to have `reusePort`. */
export interface ReusePortSupport {
  /** Whether it has it. */
  readonly isThere: boolean;
  /** What has it, for the message. */
  readonly needs: string;
}

/**
 * Refuses to share a port where the system or the runtime would ignore it: then the
 * first process would get all connections, or the second would not start.
 *
 * @throws {TypeError} If it cannot be shared.
 */
export function checkReusePort({ isThere, needs }: ReusePortSupport): void {
  if (process.platform !== "linux") {
    throw new TypeError(
      `Cannot use reusePort on ${process.platform}: only Linux spreads the connections of a port over several processes`,
    );
  }
  if (isThere) return;
  throw new TypeError(`Cannot use reusePort: it needs ${needs}`);
}

/** Whether a version of Node shares ports; an older one ignores the option. */
export function nodeSharesPorts(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) ||
    (major === 22 && minor >= 12);
}
