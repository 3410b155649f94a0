import { linkSync, lstatSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { type Address, formatAddress } from "../address.ts";

/** The size of `sun_path` on Linux, without the zero at its end. */
const MAX_PATH_BYTES = 107;

/**
 * Checks the length of the path of a Unix socket. Of a longer path, the runtimes
 * report a misleading error (“no such directory”), or use its beginning.
 *
 * @throws {TypeError} If it is too long.
 */
export function checkPath(address: Address): void {
  if (address.transport !== "unix") return;
  const { length } = new TextEncoder().encode(address.path);
  if (length <= MAX_PATH_BYTES) return;
  throw new TypeError(
    `Cannot use the address ${
      formatAddress(address)
    }: the path of a Unix socket has at most ${MAX_PATH_BYTES} bytes, this one has ${length}`,
  );
}

/** The file of a Unix socket that was just bound. */
export class SocketFile {
  readonly #path: string | undefined;
  readonly #identity: string | undefined;

  /** Remembers which file is at the path now. */
  constructor(at: Address) {
    this.#path = at.transport === "unix" ? at.path : undefined;
    this.#identity = identityOf(this.#path);
  }

  /**
   * Closes the listening socket and removes its file. The runtimes remove whatever
   * is at the path, even the file of a successor of this server. In that case a
   * second link to the successor's file is made first, and renamed back afterwards.
   *
   * @param close Closes the socket. The runtime has removed the file when it
   * resolves.
   */
  async release(close: () => Promise<void> | void): Promise<void> {
    const path = this.#path;
    const found = identityOf(path);
    if (path === undefined || found === undefined) return await close();
    if (found === this.#identity) {
      await close();
      if (identityOf(path) === found) unlinkSync(path);
      return;
    }
    const link = `${path}.${found}`;
    try {
      linkSync(path, link);
    } catch {
      // This process may not create files here, so the file cannot be kept.
      return await close();
    }
    try {
      await close();
    } finally {
      // `rename` does nothing if both names are links to the same file.
      renameSync(link, path);
      rmSync(link, { force: true });
    }
  }
}

/**
 * Which file is at a path. The number of an inode is used again when its file is gone,
 * so the time at which a socket was bound is a part of it.
 */
export function identityOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}-${stats.ino}-${stats.mtimeNs}`;
}
