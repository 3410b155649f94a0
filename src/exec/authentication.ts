import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { PROTOCOL } from "./wire.ts";

/** The shortest secret: whoever hears a handshake can try short ones at home. */
const MIN_SECRET_LENGTH = 16;

const NONCE_LENGTH = 32;

/** What both sides know and never send. */
export type Secret = string | Uint8Array;

/** Checks a secret and turns it into bytes. */
export function secretBytes(secret: Secret): Uint8Array {
  const bytes = typeof secret === "string"
    ? new TextEncoder().encode(secret)
    : secret;
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
 * What one side shows to prove that it knows the secret. Both nonces are in it,
 * so that no proof of another connection fits; and the side, so that none can be
 * sent back to who made it.
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

/** Compares proofs in a time that says nothing about where they differ. */
export function isProof(given: string, expected: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(given), encoder.encode(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
