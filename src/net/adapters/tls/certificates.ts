import { createPrivateKey, X509Certificate } from "node:crypto";
import type { PeerCertificate } from "node:tls";
import type { Pem, TlsCertificate, TlsPeer } from "../../tls_types.ts";

/** Certificates and keys in PEM, as `node:tls` takes them on all runtimes. */
export function pemOf(pem: Pem): string {
  return typeof pem === "string" ? pem : new TextDecoder().decode(pem);
}

/**
 * Reads the authorities.
 *
 * @throws {TypeError} If one is not a certificate in PEM.
 */
export function authorities(name: string, ca: Pem | readonly Pem[]): string[] {
  const all = typeof ca === "string" || ca instanceof Uint8Array
    ? [ca]
    : [...ca];
  return all.map((pem) => {
    certificateOf(name, pem);
    return pemOf(pem);
  });
}

/**
 * Reads a certificate and its key. The runtimes take some that do not fit, and then
 * no handshake succeeds.
 *
 * @throws {TypeError} If they are not in PEM, or do not fit each other.
 */
export function certificateAndKey(
  name: string,
  { cert, key }: TlsCertificate,
): { readonly cert: string; readonly key: string } {
  const certificate = certificateOf(`${name}.cert`, cert);
  if (!certificate.checkPrivateKey(privateKeyOf(`${name}.key`, key))) {
    throw new TypeError(
      `Cannot use ${name}.key: expected the private key of the certificate, got another one`,
    );
  }
  return { cert: pemOf(cert), key: pemOf(key) };
}

function certificateOf(name: string, pem: Pem): X509Certificate {
  try {
    return new X509Certificate(pemOf(pem));
  } catch (cause) {
    throw notPem(name, "a certificate", cause);
  }
}

function privateKeyOf(
  name: string,
  pem: Pem,
): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pemOf(pem));
  } catch (cause) {
    throw notPem(name, "a private key that is not encrypted", cause);
  }
}

function notPem(name: string, expected: string, cause: unknown): TypeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TypeError(
    `Cannot use ${name}: expected ${expected} in PEM, got something else (${why})`,
    { cause },
  );
}

/** The peer of a certificate that has been verified; `undefined` where there is none. */
export function peerOf(given: PeerCertificate): TlsPeer | undefined {
  if (given?.raw === undefined) return undefined;
  const { raw, subject, subjectaltname = "", fingerprint256, valid_to } = given;
  const commonName = subject?.CN;
  return {
    commonName: String(commonName ?? ""),
    names: subjectaltname === "" ? [] : subjectaltname.split(", "),
    sha256: digits(fingerprint256),
    expires: new Date(valid_to),
    certificate: new Uint8Array(raw),
  };
}

/** Whether a certificate is not valid at this time. */
export function isOutdated({ valid_from, valid_to }: PeerCertificate): boolean {
  const now = Date.now();
  return now < Date.parse(valid_from) || now > Date.parse(valid_to);
}

/** A digest in the one form in which digests are compared. */
export function digits(digest: string): string {
  return digest.replaceAll(":", "").toLowerCase();
}
