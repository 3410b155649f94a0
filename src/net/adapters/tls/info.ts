import type { TLSSocket } from "node:tls";
import type { TlsInfo, TlsVersion } from "../../tls_types.ts";
import { peerOf } from "./certificates.ts";

/** What a socket has agreed on in its handshake. */
export function infoOf(socket: TLSSocket, isVerified: boolean): TlsInfo {
  const { alpnProtocol: alpn } = socket;
  const { servername } = socket as { readonly servername?: unknown };
  const peer = isVerified ? peerOf(socket.getPeerCertificate()) : undefined;
  return {
    version: socket.getProtocol() as TlsVersion,
    cipher: socket.getCipher().name,
    ...(typeof alpn === "string" && alpn !== "" && { alpn }),
    ...(typeof servername === "string" && servername !== "" &&
      { serverName: servername }),
    ...(peer !== undefined && { peer }),
  };
}
