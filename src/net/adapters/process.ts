/**
 * Bytes between processes that one starts and the other is: standard input and output
 * of this process, and those of a program that it starts.
 *
 * @module
 */
export { childProcess, type ChildProcessOptions } from "./child_process.ts";
export { ProcessError } from "./process_error.ts";
export { stdio } from "./stdio.ts";
