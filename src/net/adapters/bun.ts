/**
 * The sockets of Bun by themselves: for programs that run there only, and choose no
 * runtime when they start.
 *
 * @module
 */
import { networkOf } from "../network.ts";
import type { Network } from "../types.ts";
import { bunAdapter } from "./bun_adapter.ts";
import { takingOver } from "./taking_over.ts";

/**
 * The sockets of Bun: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const bunNetwork: Network = networkOf(takingOver(bunAdapter));
