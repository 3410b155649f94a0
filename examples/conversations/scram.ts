/** The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. */

/** Sends a message, and resolves to what the server says to it. */
export type AskScram = (message: string, isFirst: boolean) => Promise<string>;

/** Logs in. Rejects where the server does not prove that it knows the password. */
export async function scramSha256(
  name: string,
  password: string,
  ask: AskScram,
): Promise<void> {
  const nonce = base64(crypto.getRandomValues(new Uint8Array(18)));
  const escaped = name.replaceAll("=", "=3D").replaceAll(",", "=2C");
  const first = `n=${escaped},r=${nonce}`;
  const challenge = await ask(`n,,${first}`, true);
  const { r = "", s = "", i = "" } = attributesOf(challenge);
  if (!r.startsWith(nonce)) throw new Error("The server changed the nonce");
  const salted = await saltedPassword(password, s, Number(i));
  const last = `c=biws,r=${r}`;
  const exchange = `${first},${challenge},${last}`;
  const clientKey = await hmac(salted, "Client Key");
  const storedKey = await crypto.subtle.digest("SHA-256", clientKey);
  const signature = await hmac(new Uint8Array(storedKey), exchange);
  const proof = clientKey.map((byte, at) => byte ^ signature[at]!);
  const answer = await ask(`${last},p=${base64(proof)}`, false);
  const serverKey = await hmac(salted, "Server Key");
  if (attributesOf(answer)["v"] !== base64(await hmac(serverKey, exchange))) {
    throw new Error("The server does not know the password");
  }
}

type Bytes = Uint8Array<ArrayBuffer>;
const utf8 = (text: string) => new TextEncoder().encode(text);
const base64 = (bytes: Bytes) => btoa(String.fromCharCode(...bytes));

function attributesOf(message: string): Record<string, string> {
  const parts = message.split(",");
  return Object.fromEntries(parts.map((part) => [part[0]!, part.slice(2)]));
}

async function saltedPassword(password: string, s: string, iterations: number) {
  // Otherwise a server could have a client compute for hours.
  if (!(iterations <= 1_000_000)) throw new Error("Too many iterations");
  const bytes = utf8(password.normalize("NFKC"));
  const key = await crypto.subtle
    .importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const salt = Uint8Array.from(atob(s), (character) => character.charCodeAt(0));
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

async function hmac(raw: Bytes, text: string): Promise<Bytes> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle
    .importKey("raw", raw, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
}
