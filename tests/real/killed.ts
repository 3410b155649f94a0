/** Servers that are killed while requests are open. */

import { assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import {
  NetError,
  type NetErrorCode,
  type Transport,
} from "../../src/net/mod.ts";

/** Why programs over their standard streams cannot be killed; `false` where they can. */
export const noKilling: false | string = process.platform !== "linux" &&
  "processes are found in the /proc of Linux";

/** A program that a test has started, and what sends signals to it. */
export interface Killable {
  readonly child: Transport;
  readonly signal: (signal: "SIGSTOP" | "SIGKILL") => void;
}

/** Starts a program whose transport does not tell the id of its process. */
export async function startKillable(
  start: () => Promise<Transport>,
): Promise<Killable> {
  const before = children();
  const child = await start();
  const [pid] = children().filter((pid) => !before.includes(pid));
  return { child, signal: (signal) => process.kill(pid!, signal) };
}

/** The processes that this one has started. */
function children(): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name))
    .map(Number).filter((pid) => parentOf(pid) === process.pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program is in parentheses, and may have any characters.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it has ended
  }
}

/** Asserts that each request rejects, with an error of its own of one of the codes. */
export async function assertLost(
  requests: readonly Promise<unknown>[],
  ...codes: readonly NetErrorCode[]
): Promise<void> {
  const errors = await Promise.all(
    requests.map((request) => request.then(() => undefined, (error) => error)),
  );
  assertEquals(
    errors.filter((error) =>
      !(error instanceof NetError && codes.includes(error.code))
    ),
    [],
  );
  assertEquals(new Set(errors).size, requests.length);
}
