import { isIP } from "node:net";
import tls from "node:tls";
import { checkOptions, type OptionKinds } from "../../../checks.ts";
import { type Address, formatAddress } from "../../address.ts";
import { deferred } from "../../deferred.ts";
import { NetError } from "../../errors.ts";
import { after } from "../../timer.ts";
import type { ClientTls, TlsInfo } from "../../tls_types.ts";
import type { Transport } from "../../transport.ts";
import { whenQuiet } from "../when_quiet.ts";
import {
  authorities,
  certificateAndKey,
  digits,
  isOutdated,
} from "./certificates.ts";
import { TransportDuplex } from "./duplex.ts";
import { certificateError, runtimeCode, tlsError } from "./errors.ts";
import { infoOf } from "./info.ts";
import { checkRuntime, commonOptions } from "./options.ts";
import { TlsTransport } from "./transport.ts";

const kinds: OptionKinds<ClientTls> = {
  ca: "checked",
  cert: "checked",
  key: "checked",
  serverName: "string",
  alpn: "checked",
  minVersion: "string",
  pinned: "checked",
};

/** The client side of TLS towards one address. */
export interface TlsClient {
  /**
   * Does the handshake over a transport, which belongs to this call.
   *
   * @throws {NetError} If it fails, or the server is not who it must be.
   */
  secure(transport: Transport, signal?: AbortSignal): Promise<Transport>;
}

/**
 * Checks how a client uses TLS.
 *
 * @throws {TypeError} If an option cannot be used.
 */
export function tlsClient(
  options: ClientTls,
  to: Address,
  timeoutMs: number = Infinity,
): TlsClient {
  checkRuntime();
  checkOptions("tls of a client", options, kinds);
  const { ca, cert, key, pinned } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError(
      `Cannot use tls: expected cert and key together, got only ${
        cert === undefined ? "key" : "cert"
      }`,
    );
  }
  const name = serverNameOf(options, to);
  const settings = {
    ...commonOptions(options),
    ...(ca !== undefined && { ca: authorities("tls.ca", ca) }),
    ...(cert !== undefined && key !== undefined &&
      certificateAndKey("tls", { cert, key })),
    // An address has no place in SNI; the certificate must name it all the same.
    ...(isIP(name) === 0 ? { servername: name } : { host: name }),
    // It is verified in `secure`, where the runtimes are made to say the same.
    rejectUnauthorized: false,
  };
  if (pinned !== undefined && !Array.isArray(pinned)) throw notPins(pinned);
  const pins = pinned?.map(pinOf);
  const who = `the server ${name} at ${formatAddress(to)}`;
  return {
    async secure(transport, signal) {
      const below = new TransportDuplex(transport);
      const { promise, resolve, reject } = deferred<TlsInfo>();
      const fail = (error: unknown) => {
        reject(error);
        transport.abort();
      };
      below.user = {
        // TLS may have something better to say of the last bytes.
        ended: () => whenQuiet(() => 0, () => fail(endedError(who))),
        failed: fail,
      };
      below.on("error", fail);
      const onAbort = () => fail(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      const callOff = after(timeoutMs, () => fail(lateError(who, timeoutMs)));
      const socket = tls.connect({ ...settings, socket: below });
      const onError = (cause: unknown) => fail(tlsError(cause));
      socket.on("error", onError);
      socket.once("secureConnect", () => {
        try {
          verify(socket, who, pins);
          resolve(infoOf(socket));
        } catch (error) {
          fail(error);
        }
      });
      try {
        const secure = new TlsTransport(socket, below, await promise);
        // Otherwise it stays: an error without a listener would end the process.
        socket.off("error", onError);
        return secure;
      } catch (error) {
        transport.abort();
        socket.destroy();
        throw error;
      } finally {
        callOff();
        signal?.removeEventListener("abort", onAbort);
      }
    },
  };
}

/** Refuses a server whose certificate is not what was asked for. */
function verify(
  socket: tls.TLSSocket,
  who: string,
  pins: readonly string[] | undefined,
): void {
  const certificate = socket.getPeerCertificate();
  if (!socket.authorized) {
    const { authorizationError } = socket;
    const reason = runtimeCode(authorizationError) ||
      String(authorizationError);
    const isName = reason === "ERR_TLS_CERT_ALTNAME_INVALID";
    // Deno calls any other reason the issuer.
    throw certificateError(who, reason, !isName && isOutdated(certificate));
  }
  const sha256 = digits(certificate.fingerprint256);
  if (pins === undefined || pins.includes(sha256)) return;
  throw new NetError(
    "TLS_UNTRUSTED",
    `Cannot trust ${who}: its certificate is not one of those that are pinned, got ${sha256}`,
  );
}

function serverNameOf({ serverName }: ClientTls, to: Address): string {
  const name = serverName ?? ("hostname" in to ? to.hostname : undefined);
  if (typeof name === "string" && name !== "") return name;
  throw new TypeError(
    `Cannot use tls with ${
      formatAddress(to)
    }: expected serverName, since the address has no host name`,
  );
}

function pinOf(pin: string): string {
  const found = typeof pin === "string" ? digits(pin) : "";
  if (/^[\da-f]{64}$/.test(found)) return found;
  throw notPins(pin);
}

function notPins(got: unknown): TypeError {
  return new TypeError(
    `Cannot use tls.pinned: expected a list of SHA-256 digests in hexadecimal, got ${got}`,
  );
}

function lateError(who: string, limit: number): NetError {
  return new NetError(
    "TIMED_OUT",
    `Cannot connect to ${who}: the TLS handshake took longer than ${limit} ms (handshakeTimeoutMs)`,
    { limit: "handshakeTimeoutMs" },
  );
}

function endedError(who: string): NetError {
  return new NetError(
    "TLS_REFUSED",
    `Cannot connect: ${who} ended the connection in the TLS handshake`,
  );
}
