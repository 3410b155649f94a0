import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { wrongType } from "../checks.ts";
import { PROTOCOL } from "./wire.ts";

/** The shortest secret. An eavesdropper can guess short ones offline. */
const MIN_SECRET_LENGTH = 16;

const NONCE_LENGTH = 32;

/** The secret that both sides share. It is never sent. */
export type Secret = string | Uint8Array;

/** Checks a secret and turns it into bytes. */
export function secretBytes(secret: Secret): Uint8Array {
  const bytes = typeof secret === "string"
    ? new TextEncoder().encode(secret)
    : secret;
  if (!(bytes instanceof Uint8Array)) {
    throw wrongType("secret", "a string or a Uint8Array", secret);
  }
  if (bytes.length < MIN_SECRET_LENGTH) {
    throw new RangeError(
      `Cannot use secret: expected at least ${MIN_SECRET_LENGTH} bytes, got ${bytes.length}`,
    );
  }
  return bytes;
}

/** A number used once, in hexadecimal. */
export function makeNonce(): string {
  return randomBytes(NONCE_LENGTH).toString("hex");
}

/** Whether a nonce of the peer has the form of ours. */
export function isNonce(text: string): boolean {
  return text.length === 2 * NONCE_LENGTH && /^[0-9a-f]*$/.test(text);
}

/**
 * Makes the proof that one side knows the secret. It contains both nonces, so that
 * a proof cannot be replayed on another connection, and the side, so that it
 * cannot be reflected to its maker.
 */
export function makeProof(
  secret: Uint8Array,
  side: "client" | "server",
  serverNonce: string,
  clientNonce: string,
): string {
  return createHmac("sha256", secret)
    .update(`${PROTOCOL}\n${side}\n${serverNonce}\n${clientNonce}`)
    .digest("hex");
}

/** Compares proofs in constant time. */
export function isProof(given: string, expected: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(given), encoder.encode(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
