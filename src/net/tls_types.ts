/** Text in PEM (RFC 7468), or its bytes. */
export type Pem = string | Uint8Array;

/** A certificate and its private key. */
export interface TlsCertificate {
  /** The certificate in PEM, with the intermediate ones behind it if there are any. */
  cert: Pem;
  /** The private key of the certificate in PEM, not encrypted. */
  key: Pem;
}

/** The least version of TLS that is spoken. */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** What both sides of a TLS connection can choose. */
export interface TlsOptions {
  /**
   * The protocols that are spoken over the connection, the preferred one first (ALPN,
   * RFC 7301). A server that is given some refuses a client that offers none of them.
   *
   * @default {none}
   */
  alpn?: readonly string[];
  /**
   * The least version of TLS that is spoken.
   *
   * @default {"TLSv1.2"}
   */
  minVersion?: TlsVersion;
}

/**
 * How a client uses TLS. The certificate of the server is verified in any case: its
 * issuer, its name and its dates.
 */
export interface ClientTls extends TlsOptions {
  /**
   * The authorities whose certificates are trusted, in PEM; a self-signed certificate
   * is its own.
   *
   * @default {those that the runtime trusts}
   */
  ca?: Pem | readonly Pem[];
  /** The certificate of this client in PEM, for servers that ask for one. */
  cert?: Pem;
  /** The private key of that certificate in PEM, not encrypted. */
  key?: Pem;
  /**
   * The name that the certificate of the server must have, and that the server is
   * told (SNI).
   *
   * @default {the host name of the address}
   */
  serverName?: string;
  /**
   * The certificates that the server may have, by their SHA-256 digests in
   * hexadecimal, with or without colons. They are verified, too.
   */
  pinned?: readonly string[];
}

/** The certificates of a server. */
export interface ServerCertificates extends TlsCertificate {
  /**
   * Other certificates by the names that clients ask for (SNI); `"*.example.org"`
   * stands for all names with one label before `example.org`.
   */
  names?: Readonly<Record<string, TlsCertificate>>;
}

/** How a server uses TLS. */
export interface ServerTls extends TlsOptions, ServerCertificates {
  /**
   * Whether clients must have a certificate. Where they may have one, a client whose
   * certificate cannot be verified is refused, too.
   *
   * @default {"none"}
   */
  clientCertificate?: "required" | "optional" | "none";
  /** The authorities that issue the certificates of clients, in PEM. */
  clientCa?: Pem | readonly Pem[];
}

/** The certificate of the other end, which has been verified. */
export interface TlsPeer {
  /** The common name of its subject, `""` if it has none. */
  readonly commonName: string;
  /** Its alternative names, such as `"DNS:example.org"` and `"IP Address:::1"`. */
  readonly names: readonly string[];
  /** Its SHA-256 digest, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** When it expires. */
  readonly expires: Date;
  /** The certificate itself, in DER. */
  readonly certificate: Uint8Array;
}

/** What two ends have agreed on in the TLS handshake. */
export interface TlsInfo {
  /** The version of TLS. */
  readonly version: TlsVersion;
  /** The cipher suite by its name, such as `"TLS_AES_256_GCM_SHA384"`. */
  readonly cipher: string;
  /** The protocol that both ends speak (ALPN), if they have agreed on one. */
  readonly alpn?: string;
  /** The name of the server that the client asked for (SNI), if it did. */
  readonly serverName?: string;
  /** The other end, if it has shown a certificate, which is verified then. */
  readonly peer?: TlsPeer;
}
