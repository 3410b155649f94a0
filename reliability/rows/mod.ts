import type { Row } from "../row.ts";
import { stalledLoop, stoppedPeer } from "./alive.ts";
import { drain, killed } from "./down.ts";
import {
  abortConnecting,
  chattyPeer,
  closedTwice,
  largeLastChunk,
  lateReply,
  slowAtReturn,
} from "./endings.ts";
import { faultyHandlers } from "./handlers.ts";
import { announced, malformed, randomBytes } from "./input.ts";
import { connects, descriptors, idle } from "./many_connections.ts";
import { hangsUp, herd } from "./reconnect.ts";
import { connectAndReset, everyStep, lastWord } from "./resets.ts";
import { simulation } from "./simulation.ts";
import {
  broadcastMemory,
  neverAwaits,
  slowBodies,
  slowFrames,
  stalledReader,
  stalledSubscriber,
  steadyReader,
} from "./slow_peers.ts";
import {
  clientCertificates,
  exchange,
  silentTls,
  silentWebSocket,
  webSocketFlood,
} from "./tls.ts";

export { unbuilt } from "./unbuilt.ts";

/** All rows, in the order of the table. */
export const rows: readonly Row[] = [
  malformed,
  randomBytes,
  announced,
  slowFrames,
  slowBodies,
  stalledReader,
  stalledSubscriber,
  steadyReader,
  broadcastMemory,
  neverAwaits,
  idle,
  connects,
  descriptors,
  connectAndReset,
  everyStep,
  stoppedPeer,
  stalledLoop,
  drain,
  killed,
  herd,
  hangsUp,
  slowAtReturn,
  lastWord,
  faultyHandlers,
  exchange,
  silentTls,
  silentWebSocket,
  webSocketFlood,
  clientCertificates,
  lateReply,
  largeLastChunk,
  chattyPeer,
  closedTwice,
  abortConnecting,
  simulation,
];
