/**
 * Tools to test what is built on this package. {@linkcode watchedNetwork} and
 * {@linkcode inVirtualTime} run a protocol over a network whose faults come from a
 * seed, and {@linkcode relay} spoils what real sockets carry.
 * {@linkcode recordConversation} and {@linkcode replayConversation} test a client
 * against a recorded server, and {@linkcode replayClients} a server against recorded
 * clients. {@linkcode transportTests} has the tests of a transport of
 * one's own, and {@linkcode backplaneTests} those of an engine of a backplane. They use
 * no test framework and throw errors of their own, so that they run under any.
 *
 * @example A transport of your own: a connection within the process
 * ```ts
 * import {
 *   type Address,
 *   NetError,
 *   type Transport,
 *   type TransportSink,
 * } from "@framewire/framewire/net";
 * import { transportTests } from "@framewire/framewire/testing";
 *
 * // One end of a connection within the process; `peer` is the other.
 * class Pipe implements Transport {
 *   readonly localAddress: Address = { transport: "memory", name: "pipe" };
 *   readonly remoteAddress: Address = this.localAddress;
 *   bytesTaken = 0;
 *   peer: Pipe = this;
 *   // What the sink is to be told, in order.
 *   #events: ((sink: TransportSink) => void)[] = [];
 *   #sink: TransportSink | undefined;
 *   #paused = false;
 *   #ended = false;
 *   #released = false;
 *   #failure: NetError | undefined;
 *   // Rejects the write under way.
 *   #reject: ((error: NetError) => void) | undefined;
 *
 *   open(sink: TransportSink): void {
 *     this.#sink = sink;
 *     this.#tell();
 *   }
 *
 *   pause(): void {
 *     this.#paused = true;
 *   }
 *
 *   resume(): void {
 *     this.#paused = false;
 *     this.#tell();
 *   }
 *
 *   write(bytes: Uint8Array): Promise<void> | undefined {
 *     if (this.peer.#released) this.#fail("CONNECTION_RESET");
 *     if (this.#failure !== undefined) return Promise.reject(this.#failure);
 *     if (bytes.length === 0) return undefined;
 *     // Resolves when it is delivered, so that one chunk at most is held.
 *     return new Promise((resolve, reject) => {
 *       this.#reject = reject;
 *       this.peer.#tell((sink) => {
 *         this.#reject = undefined;
 *         this.bytesTaken += bytes.length;
 *         sink.data(bytes.slice());
 *         resolve();
 *       });
 *     });
 *   }
 *
 *   closeWrite(): Promise<void> {
 *     if (this.#failure !== undefined) return Promise.reject(this.#failure);
 *     if (!this.#ended) this.peer.#tell((sink) => sink.end());
 *     this.#ended = true;
 *     return Promise.resolve();
 *   }
 *
 *   close(): void {
 *     const cut = this.#reject !== undefined || this.peer.#reject !== undefined;
 *     if (cut) return this.abort();
 *     if (!this.#released) this.closeWrite().catch(() => undefined);
 *     this.#release();
 *   }
 *
 *   abort(): void {
 *     if (!this.#released) this.peer.#fail("CONNECTION_RESET");
 *     this.#release();
 *   }
 *
 *   // Tells the sink in a turn of its own, unless it is paused.
 *   #tell(event?: (sink: TransportSink) => void): void {
 *     if (event !== undefined) this.#events.push(event);
 *     queueMicrotask(() => {
 *       while (this.#sink !== undefined && !this.#paused) {
 *         const next = this.#events.shift();
 *         if (next === undefined) return;
 *         next(this.#sink);
 *       }
 *     });
 *   }
 *
 *   #fail(code: "CONNECTION_RESET" | "CONNECTION_CLOSED"): void {
 *     if (this.#failure !== undefined) return;
 *     const error = new NetError(code, "The pipe is broken");
 *     this.#failure = error;
 *     this.#reject?.(error);
 *     this.#tell((sink) => sink.fail(error));
 *   }
 *
 *   #release(): void {
 *     this.#released = true;
 *     this.#sink = undefined;
 *     this.#failure = undefined;
 *     this.#fail("CONNECTION_CLOSED");
 *     this.#events = [];
 *   }
 * }
 *
 * function pair(): { a: Transport; b: Transport } {
 *   const [a, b] = [new Pipe(), new Pipe()];
 *   a.peer = b;
 *   b.peer = a;
 *   return { a, b };
 * }
 *
 * for (const { run } of transportTests(pair, { resets: true })) await run();
 * ```
 *
 * @module
 */
export type { MemoryNetworkOptions } from "../net/adapters/memory.ts";
export type { BackplaneSystem } from "./backplane_context.ts";
export {
  type BackplaneTestOptions,
  backplaneTests,
} from "./backplane_tests.ts";
export type { ConformanceTest } from "./conformance.ts";
export type { TransportPair } from "./context.ts";
export type { ConversationCodec } from "./conversation_codec.ts";
export type { CuttingCodec } from "./frame_cutter.ts";
export {
  recordConversation,
  type RecordConversationOptions,
  type Recording,
} from "./record_conversation.ts";
export { replayClients, type ReplayClientsOptions } from "./replay_clients.ts";
export type { FrameComparison } from "./recorded_peer.ts";
export {
  formatRecording,
  parseRecording,
  type RecordedFrame,
  RecordingError,
} from "./recorded_frame.ts";
export { type Relay, relay, type RelayOptions } from "./relay.ts";
export type { RelayFaults } from "./relay_faults.ts";
export {
  type Replay,
  replayConversation,
  type ReplayConversationOptions,
} from "./replay_conversation.ts";
export { ReplayError, type ReplayErrorDetails } from "./replay_error.ts";
export {
  type TransportTestOptions,
  transportTests,
} from "./transport_tests.ts";
export { inVirtualTime } from "./virtual_time.ts";
export {
  type WatchedNetwork,
  watchedNetwork,
  WatchedTransport,
} from "./watched_network.ts";
