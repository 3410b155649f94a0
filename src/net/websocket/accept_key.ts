const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Makes the key of a client: 16 random bytes in Base64. */
export function newClientKey(): string {
  return base64(crypto.getRandomValues(new Uint8Array(16)));
}

/** The answer to the key of a client (RFC 6455, section 4.2.2), which proves nothing but WebSocket. */
export async function acceptKey(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key + GUID);
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
