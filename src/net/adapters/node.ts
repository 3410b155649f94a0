import { networkOf } from "../network.ts";
import type { Network } from "../types.ts";
import { nodeAdapter } from "./node_adapter.ts";

/**
 * The sockets of Node: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const nodeNetwork: Network = networkOf(nodeAdapter);
