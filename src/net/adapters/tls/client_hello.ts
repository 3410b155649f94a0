import { concat, uint } from "../../bytes.ts";
import { deferred } from "../../deferred.ts";
import { NetError } from "../../errors.ts";
import type { TransportDuplex } from "./duplex.ts";

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
/** Clients with post-quantum keys send some 2 KiB. */
const MOST_BYTES = 8_192;

/**
 * Waits for what a client says first, its ClientHello (RFC 8446, section 4.1.2), and
 * leaves the bytes in the stream: nothing is set up for a client that is silent.
 * Whether the message is well-formed is for TLS to say.
 *
 * @param isWanted Whether to wait for all of it, and to look for the name of the server
 * that the client wants to speak to (RFC 6066, section 3).
 * @returns The name, if it is wanted and there is one.
 * @throws {NetError} If the bytes are not those of TLS.
 */
export function readServerName(
  below: TransportDuplex,
  isWanted: boolean,
): Promise<string | undefined> {
  const { promise, resolve, reject } = deferred<string | undefined>();
  let bytes = new Uint8Array(0);
  const onReadable = () => {
    let chunk: Uint8Array | null;
    while ((chunk = below.read()) !== null) bytes = concat([bytes, chunk]);
    if (bytes.length === 0) return;
    if (bytes[0] !== HANDSHAKE_RECORD) {
      below.off("readable", onReadable);
      return reject(notTls(bytes));
    }
    const message = isWanted ? handshakeMessage(bytes) : null;
    if (message === undefined && bytes.length < MOST_BYTES) return;
    below.off("readable", onReadable);
    below.unshift(bytes);
    resolve(message ? serverNameIn(message) : undefined);
  };
  below.on("readable", onReadable);
  return promise;
}

/**
 * The first message of the handshake, out of as many records as it takes; `undefined`
 * while it is not whole, `null` if it is not a ClientHello.
 */
function handshakeMessage(bytes: Uint8Array): Uint8Array | undefined | null {
  const message: number[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    if (bytes[at] !== HANDSHAKE_RECORD) return null;
    const length = uint(bytes, at + 3, 2);
    // Only whole records: each chunk has this begin anew.
    if (at + 5 + length > bytes.length) return undefined;
    for (const byte of bytes.subarray(at + 5, at + 5 + length)) {
      message.push(byte);
    }
    at += 5 + length;
    if (message.length < 4) continue;
    if (message[0] !== CLIENT_HELLO) return null;
    const end = 4 + uint(Uint8Array.from(message.slice(0, 4)), 1, 3);
    if (message.length >= end) return Uint8Array.from(message.slice(4, end));
  }
  return undefined;
}

/** The host name in the extensions of a ClientHello. */
function serverNameIn(hello: Uint8Array): string | undefined {
  let at = 2 + 32; // the version, the random
  at += 1 + uint(hello, at, 1); // the session
  at += 2 + uint(hello, at, 2); // the cipher suites
  at += 1 + uint(hello, at, 1); // the compression methods
  at += 2; // the length of the extensions
  while (at + 4 <= hello.length) {
    const type = uint(hello, at, 2);
    const length = uint(hello, at + 2, 2);
    // A list of one name: its length, the type of the name, the name.
    if (type === SERVER_NAME) {
      const name = hello.subarray(at + 9, at + 9 + uint(hello, at + 7, 2));
      return String.fromCharCode(...name);
    }
    at += 4 + length;
  }
  return undefined;
}

function notTls(bytes: Uint8Array): NetError {
  const first = String.fromCharCode(...bytes.subarray(0, 16));
  return new NetError(
    "TLS_PROTOCOL",
    `The client does not speak TLS: it began with ${JSON.stringify(first)}`,
  );
}
