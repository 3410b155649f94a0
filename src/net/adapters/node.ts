/**
 * The sockets of Node by themselves, for programs that run there only and choose no
 * runtime when they start; and the streams of Node, on all runtimes.
 *
 * @module
 */
import { networkOf } from "../network.ts";
import type { Network } from "../types.ts";
import { nodeAdapter } from "./node_adapter.ts";
import { takingOver } from "./taking_over.ts";

export { type NodeDuplex, nodeDuplex } from "./node_duplex.ts";
export type { NodeReadable, NodeStream, NodeWritable } from "./node_streams.ts";

/**
 * The sockets of Node: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const nodeNetwork: Network = networkOf(takingOver(nodeAdapter));
