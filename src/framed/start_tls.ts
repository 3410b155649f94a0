import {
  checkChoice,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import { TLS_HANDSHAKE_TIMEOUT_MS } from "../defaults.ts";
import type { Channel } from "../net/channel.ts";
import { NetError } from "../net/errors.ts";
import { loadTls } from "../net/tls.ts";
import type { ClientTls, ServerTls } from "../net/tls_types.ts";
import type { Transport } from "../net/transport.ts";
import { TransportBelow } from "../net/transport_below.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { StartTlsOptions } from "./types.ts";

const kinds: OptionKinds<StartTlsOptions> = { handshakeTimeoutMs: "checked" };

/** What is used of a link. */
interface LinkParts {
  readonly channel: Channel;
  readonly receiver: Pick<
    Receiver<unknown>,
    "waiting" | "readingBody" | "takeUnread"
  >;
  readonly sender: Pick<Sender<never>, "suspend" | "flushed">;
}

/** Goes on with TLS over the byte stream of a link: see `Framed.startTls`. */
export async function startTls(
  link: LinkParts,
  side: "client" | "server",
  tls: ClientTls | ServerTls,
  options: StartTlsOptions,
): Promise<void> {
  checkChoice("side", side, ["client", "server"]);
  checkOptions("startTls", options, kinds);
  const { handshakeTimeoutMs = TLS_HANDSHAKE_TIMEOUT_MS } = options;
  checkTimeLimit("handshakeTimeoutMs", handshakeTimeoutMs);
  const { remoteAddress } = link.channel;
  await upgrade(link, async (below) => {
    const { tlsClient, TlsServer } = await loadTls();
    const end = side === "client"
      ? tlsClient(tls, remoteAddress, handshakeTimeoutMs)
      : new TlsServer(tls as ServerTls, handshakeTimeoutMs);
    return await end.secure(below);
  });
}

/**
 * Lays another transport over that of a link, once everything that was sent is
 * written. What arrives from now on is for the other one.
 */
async function upgrade(
  { channel, receiver, sender }: LinkParts,
  make: (below: Transport) => Promise<Transport>,
): Promise<void> {
  if (receiver.waiting || receiver.readingBody) {
    throw new TypeError("Cannot start TLS: a frame is being waited for");
  }
  const goOn = sender.suspend(
    new NetError("CONNECTION_CLOSED", "Cannot send: TLS is being started"),
  );
  const unread = receiver.takeUnread();
  if (unread.length > 0) {
    // They could be another's than the peer's (CVE-2011-0411).
    const error = new NetError(
      "TLS_PROTOCOL",
      `Cannot start TLS: ${unread.length} bytes came in the clear behind the last frame`,
    );
    channel.abort(error);
    throw error;
  }
  await channel.upgrade((transport) => {
    const below = new TransportBelow(transport);
    return { below, above: sender.flushed().then(() => make(below)) };
  });
  goOn();
}
