/**
 * The sockets and streams of Node.
 *
 * @module
 */
import { networkOf } from "../network.ts";
import type { Network } from "../types.ts";
import { nodeAdapter } from "./node_adapter.ts";

export { type NodeDuplex, nodeDuplex } from "./node_duplex.ts";
export type { NodeReadable, NodeStream, NodeWritable } from "./node_streams.ts";

/**
 * The sockets of Node: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const nodeNetwork: Network = networkOf(nodeAdapter);
