/**
 * Import it for what it does: an error that nobody catches, such as that nobody
 * listens at the address, ends the program with one line and status 1, where the
 * runtimes would print the whole stack.
 */

import process from "node:process";

process.on("uncaughtException", (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
