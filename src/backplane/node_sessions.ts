import {
  AcceptingListener,
  WaitingConnections,
} from "../net/accepting_listener.ts";
import type { Address } from "../net/address.ts";
import { NetError } from "../net/errors.ts";
import type { Transport } from "../net/transport.ts";
import type { Listener } from "../net/types.ts";
import { openSession } from "./node_carrier.ts";
import type { Backplane } from "./types.ts";

/** The answer of a node that takes a session, and that of one that does not. */
const TAKEN = Uint8Array.of(1);
const REFUSED = Uint8Array.of(0);

/** The channel on which one side of a session listens. */
function channelOf(session: string, side: "client" | "server"): string {
  return `session:${session}:${side}`;
}

/**
 * Connects to a node that listens for a subject: both ends listen at channels of the
 * session before anything is sent.
 *
 * @throws {NetError} What `Backplane.request` throws. `NO_HANDLER` if the node does not
 * serve the subject any more: nothing was sent to it.
 */
export async function connectToNode(
  backplane: Backplane,
  subject: string,
  nodeId: string,
  signal: AbortSignal,
): Promise<Transport> {
  const session = crypto.randomUUID();
  const transport = await openSession(backplane, {
    nodeId,
    to: channelOf(session, "server"),
    from: channelOf(session, "client"),
  });
  try {
    const bytes = new TextEncoder().encode(session);
    const options = { to: nodeId, signal };
    const [answer] = await backplane.request(subject, bytes, options);
    if (answer === TAKEN[0]) return transport;
    throw new NetError("NO_HANDLER", `The node ${nodeId} is closing`);
  } catch (error) {
    transport.abort();
    throw error;
  }
}

/**
 * Listens for the sessions of other nodes.
 *
 * @param onRefused Is told of each session that finds no room. It does not throw.
 * @returns The listener; its connections are the sessions.
 * @throws {TypeError} If this node serves the subject already.
 */
export function listenForNodes(
  backplane: Backplane,
  subject: string,
  onRefused: (error: NetError, peer: Address) => void = () => undefined,
): Listener {
  const waiting = new WaitingConnections(onRefused);
  let isClosed = false;
  const serving = backplane.serve(subject, async (bytes, { from, signal }) => {
    const session = new TextDecoder().decode(bytes);
    const transport = await openSession(backplane, {
      nodeId: from,
      to: channelOf(session, "client"),
      from: channelOf(session, "server"),
    });
    if (isClosed || signal.aborted) {
      transport.abort();
      return REFUSED;
    }
    waiting.push(transport);
    return TAKEN;
  });
  const acceptor = {
    address: { transport: "node", nodeId: backplane.nodeId },
    close() {
      isClosed = true;
      serving.unsubscribe();
      return Promise.resolve();
    },
  } as const;
  return new AcceptingListener(
    acceptor,
    waiting,
    undefined,
    [],
    undefined,
  );
}
