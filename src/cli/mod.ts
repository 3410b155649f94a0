/**
 * framewire, the command: netcat that knows where messages end. It is a program, and
 * has nothing to import:
 *
 * ```sh
 * npx framewire --help
 * bunx framewire --help
 * deno run -A jsr:@framewire/framewire/cli --help
 * ```
 *
 * @module
 */
import process from "node:process";
import { main } from "./main.ts";
import { thisSystem } from "./system.ts";

// What is left open, such as standard input, does not hold it up.
process.exit(await main(process.argv.slice(2), thisSystem()));
