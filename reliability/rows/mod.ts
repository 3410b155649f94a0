import type { Row } from "../row.ts";
import { stalledLoop, stoppedPeer, stoppedPeerOfLines } from "./alive.ts";
import { drain } from "./down.ts";
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
import { closedUnderLoad, killed, repeated } from "./killed.ts";
import {
  addressBytes,
  addressConnections,
  frameRate,
  requestRate,
  strangers,
} from "./limits.ts";
import { connects, descriptors, idle } from "./many_connections.ts";
import { hangsUp, herd } from "./reconnect.ts";
import { connectAndReset, everyStep, lastWord } from "./resets.ts";
import { rollingRestart } from "./rolling.ts";
import { simulation } from "./simulation.ts";
import {
  broadcastMemory,
  neverAwaits,
  serverMemory,
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
  serverMemory,
  addressConnections,
  addressBytes,
  frameRate,
  requestRate,
  strangers,
  idle,
  connects,
  descriptors,
  connectAndReset,
  everyStep,
  stoppedPeer,
  stoppedPeerOfLines,
  stalledLoop,
  drain,
  rollingRestart,
  killed,
  repeated,
  closedUnderLoad,
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
