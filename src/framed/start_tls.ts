import {
  checkChoice,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import { TLS_HANDSHAKE_TIMEOUT_MS } from "../defaults.ts";
import { loadTls } from "../net/tls.ts";
import type { ClientTls, ServerTls } from "../net/tls_types.ts";
import type { Link } from "./link.ts";
import type { StartTlsOptions } from "./types.ts";

const kinds: OptionKinds<StartTlsOptions> = { handshakeTimeoutMs: "checked" };

/** Goes on with TLS over the byte stream of a link: see `Framed.startTls`. */
export async function startTls(
  link: Pick<Link<never, unknown>, "channel" | "upgrade">,
  side: "client" | "server",
  tls: ClientTls | ServerTls,
  options: StartTlsOptions,
): Promise<void> {
  checkChoice("side", side, ["client", "server"]);
  checkOptions("startTls", options, kinds);
  const { handshakeTimeoutMs = TLS_HANDSHAKE_TIMEOUT_MS } = options;
  checkTimeLimit("handshakeTimeoutMs", handshakeTimeoutMs);
  const { remoteAddress } = link.channel;
  await link.upgrade(async (below) => {
    const { tlsClient, TlsServer } = await loadTls();
    const end = side === "client"
      ? tlsClient(tls, remoteAddress, handshakeTimeoutMs)
      : new TlsServer(tls as ServerTls, handshakeTimeoutMs);
    return await end.secure(below);
  });
}
