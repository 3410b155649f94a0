/**
 * What connecting and listening give in a directory that is not to be used:
 * `unix_permissions.ts DIRECTORY`. Prints for each the code, what the cause is,
 * and the message.
 */

import { chmodSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { connect, listen, NetError } from "../../src/net/mod.ts";

const [directory = ""] = process.argv.slice(2);
await using listener = await listen({ path: join(directory, "in-use.sock") });
const { address } = listener;

chmodSync(directory, 0o000);
const isRoot = process.geteuid?.() === 0;
if (isRoot) process.seteuid?.(65_534);
await report(() => connect(address));
await report(() => listen({ path: join(directory, "new.sock") }));
if (isRoot) process.seteuid?.(0);
chmodSync(directory, 0o700);

async function report(open: () => Promise<AsyncDisposable>): Promise<void> {
  try {
    await using _opened = await open();
    console.log("allowed");
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const cause = error.cause instanceof Error ? "Error" : "nothing";
    console.log(error.code, cause, error.message);
  }
}
