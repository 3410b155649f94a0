import { NetError, type NetErrorCode } from "../../errors.ts";
import { transferError } from "../runtime_errors.ts";

/** Our codes by those of OpenSSL and the runtimes for certificates. */
const CERTIFICATE_CODES: ReadonlyMap<string, NetErrorCode> = new Map([
  ["ERR_TLS_CERT_ALTNAME_INVALID", "TLS_NAME"],
  ["HOSTNAME_MISMATCH", "TLS_NAME"],
  ["CERT_HAS_EXPIRED", "TLS_EXPIRED"],
  ["CERT_NOT_YET_VALID", "TLS_EXPIRED"],
]);

/** What is said of each kind of certificate that is refused. */
const REASONS: Readonly<Partial<Record<NetErrorCode, string>>> = {
  TLS_NAME: "its certificate is for another name",
  TLS_EXPIRED: "its certificate has expired, or is not valid yet",
  TLS_UNTRUSTED:
    "its certificate is not issued by an authority that is trusted (ca)",
};

/** The code of an error of the runtime; `""` where it has none. */
export function runtimeCode(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}

/** Makes the error of a peer whose certificate is refused. */
export function certificateError(
  who: string,
  reason: string,
  isOutdated: boolean,
): NetError {
  const code = isOutdated
    ? "TLS_EXPIRED"
    : CERTIFICATE_CODES.get(reason) ?? "TLS_UNTRUSTED";
  return new NetError(code, `Cannot trust ${who}: ${REASONS[code]}`, {
    cause: new Error(reason),
  });
}

/** Makes the error of a handshake, or of a connection, from that of the runtime. */
export function tlsError(cause: unknown): NetError {
  if (cause instanceof NetError) return cause;
  const code = runtimeCode(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/_ALERT_/.test(code) || /received fatal alert/i.test(message)) {
    const alert = wordsOf(/_ALERT_(.+)$/, code) ?? message;
    return new NetError(
      "TLS_REFUSED",
      `The peer refused the TLS connection: ${alert}`,
      { cause },
    );
  }
  if (/^ERR_(SSL|OSSL|TLS)_/.test(code) || code === "EPROTO") {
    const why = code === "ERR_SSL_WRONG_VERSION_NUMBER"
      ? "the peer does not speak TLS, or no version that is spoken here"
      : wordsOf(/^ERR_SSL_(.+)$/, code) ?? message;
    return new NetError("TLS_PROTOCOL", `TLS failed: ${why}`, { cause });
  }
  return transferError(cause);
}

/** What a code of OpenSSL says, in words. */
function wordsOf(pattern: RegExp, code: string): string | undefined {
  return pattern.exec(code)?.[1]?.toLowerCase().replaceAll("_", " ");
}
