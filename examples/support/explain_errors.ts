/**
 * Import it for its side effect: an uncaught error, such as a refused connection,
 * ends the program with one line and status 1, where the runtimes would print the
 * whole stack.
 */

import process from "node:process";

process.on("uncaughtException", (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
