/**
 * Bytes between processes that one starts and the other is: standard input and output
 * of this process, and those of a program that it starts.
 *
 * @module
 */
export {
  childProcess,
  type ChildProcessOptions,
  ProcessError,
} from "./child_process.ts";
export { stdio } from "./stdio.ts";
