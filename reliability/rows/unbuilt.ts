import type { UnbuiltRow } from "../row.ts";

/** What is promised and cannot be measured yet: listed, so that none is forgotten. */
export const unbuilt: readonly UnbuiltRow[] = [
  {
    name: "limits",
    promise:
      "a flood from one address, in connections, bytes, frames or requests, is held back or cut, and others are served as before",
    missing: "limits by address and by rate",
  },
  {
    name: "memory of the server",
    promise:
      "all that waits to be read and to be sent stays under maxTotalBuffer; the largest are cut first",
    missing: "maxTotalBuffer",
  },
  {
    name: "heartbeat, any codec",
    promise:
      "a peer of any codec stops (SIGSTOP): noticed within heartbeat interval + timeout",
    missing: "the heartbeat of framed()",
  },
  {
    name: "rolling restart",
    promise:
      "rolling restart of two processes on one port under load: no request lost, none answered twice",
    missing: "reusePort",
  },
  {
    name: "messages, reconnecting",
    promise:
      "server killed under load: what is marked safe to repeat is answered in the end, nothing else is sent twice",
    missing: "the reconnecting client of messages",
  },
  {
    name: "backplane killed",
    promise:
      "the engine (NATS) killed 10 times under 1,000 messages a second, kept delivery: no acknowledged message lost, none shown twice, one order on all nodes, whole again within 5 s",
    missing: "the NATS backplane",
  },
];
