/**
 * Byte streams between processes: addresses, connections, listeners. The one
 * place where the runtimes differ.
 *
 * @module
 */
export * from "./address.ts";
export { connect } from "./connect.ts";
export * from "./errors.ts";
export { listen } from "./listen.ts";
export type * from "./types.ts";
