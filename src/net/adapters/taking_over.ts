import { linkSync, lstatSync, rmSync, unlinkSync } from "node:fs";
import type { Adapter } from "../adapter.ts";
import type { Address } from "../address.ts";
import { NetError } from "../errors.ts";
import { after } from "../timer.ts";
import { identityOf } from "./unix_file.ts";

/**
 * How long a socket must refuse connections to be taken for dead, in milliseconds. A
 * process that has bound its socket refuses them until it listens, some microseconds
 * later.
 */
const DEAD_MS = 50;

/**
 * Makes an adapter that listens at the path of a Unix socket whose process has ended
 * without removing its file, as after `SIGKILL`.
 *
 * The file of a process that listens is never removed, also where several processes
 * start at the same time: one of them listens, and the others get `ADDRESS_IN_USE`. It
 * takes a connection to find out whether somebody listens, which is closed at once.
 * What is no socket stays.
 */
export function takingOver(adapter: Adapter): Adapter {
  return {
    connect: (to, settings) => adapter.connect(to, settings),
    async listen(at, ...rest) {
      try {
        return await adapter.listen(at, ...rest);
      } catch (error) {
        if (!hasCode(error, "ADDRESS_IN_USE")) throw error;
        if (!(await removeDead(at, adapter))) throw error;
        return await adapter.listen(at, ...rest);
      }
    },
  };
}

/** Removes the file of a socket at which nobody listens. Returns whether it did. */
async function removeDead(at: Address, adapter: Adapter): Promise<boolean> {
  if (at.transport !== "unix") return false;
  const { path } = at;
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return false;
  const dead = identityOf(path);
  if (!(await isRefused(at, adapter))) return false;
  await new Promise<void>((resolve) => void after(DEAD_MS, resolve));
  if (!(await isRefused(at, adapter))) return false;
  // Others may have found the same. Who has the claim is the only one that removes this
  // socket, and nothing else can come to the path before. No step waits, so that other
  // processes seldom see the claim.
  const claim = `${path}.${dead}.dead`;
  try {
    linkSync(path, claim);
  } catch {
    // Another process is removing it, or this one may not create files here.
    return false;
  }
  try {
    // By now, the path may be that of another server.
    if (identityOf(claim) !== dead) return false;
    unlinkSync(path);
    return true;
  } finally {
    rmSync(claim, { force: true });
  }
}

async function isRefused(at: Address, adapter: Adapter): Promise<boolean> {
  const { signal } = new AbortController();
  const settings = { noDelay: true, keepAlive: false, signal };
  try {
    const transport = await adapter.connect(at, settings);
    transport.abort();
    return false;
  } catch (error) {
    return hasCode(error, "CONNECTION_REFUSED");
  }
}

function hasCode(error: unknown, code: NetError["code"]): boolean {
  return error instanceof NetError && error.code === code;
}
