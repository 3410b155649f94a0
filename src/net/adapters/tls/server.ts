import tls from "node:tls";
import {
  checkChoice,
  checkOptions,
  type OptionKinds,
} from "../../../checks.ts";
import { formatAddress } from "../../address.ts";
import { type Deferred, deferred } from "../../deferred.ts";
import { NetError } from "../../errors.ts";
import { Handshakes } from "../../handshakes.ts";
import type {
  ServerCertificates,
  ServerTls,
  TlsCertificate,
  TlsInfo,
} from "../../tls_types.ts";
import type { Transport } from "../../transport.ts";
import { whenQuiet } from "../when_quiet.ts";
import { authorities, certificateAndKey } from "./certificates.ts";
import { readServerName } from "./client_hello.ts";
import { TransportDuplex } from "./duplex.ts";
import { certificateError, runtimeCode, tlsError } from "./errors.ts";
import { infoOf } from "./info.ts";
import { checkRuntime, commonOptions } from "./options.ts";
import { TlsTransport } from "./transport.ts";

const certificateKinds: OptionKinds<ServerCertificates> = {
  cert: "checked",
  key: "checked",
  names: "object",
};

const kinds: OptionKinds<ServerTls> = {
  ...certificateKinds,
  clientCertificate: "string",
  clientCa: "checked",
  alpn: "checked",
  minVersion: "string",
};

/** How many idle servers are kept for each certificate. */
const MOST_IDLE = 16;

/** The server side of TLS. */
export class TlsServer {
  readonly #settings: tls.TlsOptions;
  readonly #asks: boolean;
  readonly #handshakes: Handshakes;
  #certificates: Certificates;

  /**
   * Checks how a server uses TLS.
   *
   * @throws {TypeError} If an option cannot be used.
   */
  constructor(options: ServerTls, timeoutMs: number) {
    checkRuntime();
    checkOptions("tls of a server", options, kinds);
    const { clientCertificate = "none", clientCa } = options;
    this.#asks = clientCertificate !== "none";
    checkChoice("tls.clientCertificate", clientCertificate, [
      "required",
      "optional",
      "none",
    ]);
    if (this.#asks !== (clientCa !== undefined)) {
      throw new TypeError(
        this.#asks
          ? "Cannot use tls.clientCertificate: expected clientCa, the authorities that issue the certificates of clients"
          : 'Cannot use tls.clientCa: expected clientCertificate, "required" or "optional"',
      );
    }
    this.#settings = {
      ...commonOptions(options),
      ...(clientCa !== undefined && {
        ca: authorities("tls.clientCa", clientCa),
      }),
      requestCert: this.#asks,
      rejectUnauthorized: clientCertificate === "required",
    };
    this.#handshakes = new Handshakes("The TLS handshake", timeoutMs);
    this.#certificates = new Certificates(options, this.#settings);
  }

  /**
   * Takes other certificates for the handshakes to come.
   *
   * @throws {TypeError} If they cannot be used; then the old ones stay.
   */
  setCertificate(certificates: ServerCertificates): void {
    checkOptions("setCertificate", certificates, certificateKinds);
    this.#certificates = new Certificates(certificates, this.#settings);
  }

  /**
   * Does the handshake over a transport, which belongs to this call.
   *
   * @throws {NetError} If it fails, or takes longer than the time limit.
   */
  async secure(transport: Transport): Promise<Transport> {
    const who = `the client at ${formatAddress(transport.remoteAddress)}`;
    const below = new TransportDuplex(transport);
    try {
      return await this.#handshakes.run(who, (fail) => {
        below.user = {
          // TLS may have something better to say of the last bytes.
          ended: () => whenQuiet(() => 0, () => fail(endedError(who))),
          failed: fail,
        };
        below.on("error", fail);
        return this.#shake(below, who);
      });
    } catch (error) {
      // The alert that says why goes out before the end.
      if (isAlerted(error)) transport.close();
      else transport.abort();
      below.destroy();
      throw error;
    }
  }

  /** Ends all handshakes. */
  close(): void {
    this.#handshakes.close();
  }

  async #shake(below: TransportDuplex, who: string): Promise<Transport> {
    const certificates = this.#certificates;
    const name = await readServerName(below, certificates.hasNames);
    const { socket, info: shown } = await certificates.handshake(name, below)
      .catch((cause) => {
        throw this.#asks ? clientError(who, cause) : tlsError(cause);
      });
    const { peer, ...info } = shown;
    const isVerified = this.#asks && socket.authorized;
    // A client may have none, but not a wrong one.
    if (this.#asks && peer !== undefined && !isVerified) {
      throw certificateError(who, String(socket.authorizationError), false);
    }
    return new TlsTransport(socket, below, isVerified ? shown : info);
  }
}

/** Certificates by the names that clients ask for. */
class Certificates {
  readonly #default: CertificateServers;
  readonly #byName: ReadonlyMap<string, CertificateServers>;

  constructor(
    { cert, key, names = {} }: ServerCertificates,
    settings: tls.TlsOptions,
  ) {
    if (cert === undefined || key === undefined) {
      throw new TypeError(
        "Cannot use tls: expected cert and key, a certificate and its private key in PEM",
      );
    }
    this.#default = new CertificateServers("tls", { cert, key }, settings);
    this.#byName = new Map(
      Object.entries(names).map(([name, pair]) => [
        name.toLowerCase(),
        new CertificateServers(`tls.names["${name}"]`, pair, settings),
      ]),
    );
  }

  get hasNames(): boolean {
    return this.#byName.size > 0;
  }

  /** Does a handshake with the certificate for a name. */
  handshake(
    name: string | undefined,
    below: TransportDuplex,
  ): Promise<Handshake> {
    const wanted = name?.toLowerCase() ?? "";
    const wildcard = wanted.replace(/^[^.]+/, "*");
    const servers = this.#byName.get(wanted) ?? this.#byName.get(wildcard) ??
      this.#default;
    return servers.handshake(below);
  }
}

/** The servers of one certificate. */
class CertificateServers {
  readonly #options: tls.TlsOptions;
  readonly #idle: HandshakeServer[] = [];

  constructor(name: string, pair: TlsCertificate, settings: tls.TlsOptions) {
    this.#options = { ...settings, ...certificateAndKey(name, pair) };
    // A certificate that the runtime does not take is refused here.
    this.#idle.push(new HandshakeServer(this.#options));
  }

  async handshake(below: TransportDuplex): Promise<Handshake> {
    const server = this.#idle.pop() ?? new HandshakeServer(this.#options);
    const handshake = await server.handshake(below);
    // Not one whose handshake has failed: it may still tell of it.
    if (this.#idle.length < MOST_IDLE) this.#idle.push(server);
    return handshake;
  }
}

/** A handshake that is done. */
interface Handshake {
  readonly socket: tls.TLSSocket;
  /** What was agreed on, with the certificate of the client, verified or not. */
  readonly info: TlsInfo;
}

/**
 * A server of `node:tls`, for one handshake at a time: it does not say which of its
 * connections a finished handshake was of. A socket on its own could do without the
 * server, but would not verify a client on every runtime.
 */
class HandshakeServer {
  readonly #server: tls.Server;
  #current: Deferred<Handshake> | undefined;

  constructor(options: tls.TlsOptions) {
    this.#server = tls.createServer(options)
      .on("secureConnection", (socket) => {
        // An error without a listener would end the process.
        socket.on("error", () => undefined);
        this.#current?.resolve({ socket, info: infoOf(socket) });
      })
      .on("tlsClientError", (cause) => this.#current?.reject(cause))
      .on("error", (cause) => this.#current?.reject(cause));
  }

  /** Rejects with the error of the runtime. */
  handshake(below: TransportDuplex): Promise<Handshake> {
    this.#current = deferred();
    this.#server.emit("connection", below);
    return this.#current.promise;
  }
}

/** Whether TLS has told the client of an error. */
function isAlerted(error: unknown): boolean {
  return error instanceof NetError && error.code.startsWith("TLS_");
}

/**
 * Makes the error of a handshake that asks for a certificate. What is not an error of
 * TLS is the refusal of the certificate, whatever the runtime calls it.
 */
function clientError(who: string, cause: unknown): NetError {
  const code = runtimeCode(cause);
  return code.startsWith("ERR_") || cause instanceof NetError
    ? tlsError(cause)
    : certificateError(who, code, code.includes("EXPIRED"));
}

function endedError(who: string): NetError {
  return new NetError(
    "TLS_REFUSED",
    `The TLS handshake failed: ${who} ended the connection`,
  );
}
