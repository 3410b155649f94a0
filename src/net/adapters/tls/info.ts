import type { TLSSocket } from "node:tls";
import type { TlsInfo, TlsVersion } from "../../tls_types.ts";
import { peerOf } from "./certificates.ts";

/**
 * What a socket has agreed on in its handshake, with the certificate that the peer has
 * shown. It is asked for at once: Bun forgets it when the peer ends the connection.
 */
export function infoOf(socket: TLSSocket): TlsInfo {
  const { alpnProtocol: alpn } = socket;
  const { servername } = socket as { readonly servername?: unknown };
  const peer = peerOf(socket.getPeerCertificate());
  return {
    version: socket.getProtocol() as TlsVersion,
    cipher: socket.getCipher().name,
    ...(typeof alpn === "string" && alpn !== "" && { alpn }),
    ...(typeof servername === "string" && servername !== "" &&
      { serverName: servername }),
    ...(peer !== undefined && { peer }),
  };
}
