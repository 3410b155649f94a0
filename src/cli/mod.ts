/**
 * framewire, the command: netcat that knows where messages end. It is a program, and
 * there is nothing in it to import.
 *
 * ```sh
 * npx framewire --help
 * bunx framewire --help
 * deno run -A jsr:@framewire/framewire/cli --help
 * ```
 *
 * @module
 */
import { realpathSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { main } from "./main.ts";
import { thisSystem } from "./system.ts";

// Node before 24.2 does not tell, and `argv` has the link that npm makes.
const isProgram = import.meta.main ??
  (process.argv[1] !== undefined &&
    realpathSync(process.argv[1]) === fileURLToPath(import.meta.url));

if (isProgram) {
  // In one file, verbs stand behind this line: an `await` here would come before them.
  void main(process.argv.slice(2), thisSystem())
    // What is left open, such as standard input, does not hold it up.
    .then((code) => process.exit(code));
}
