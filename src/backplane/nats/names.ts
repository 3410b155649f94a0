/**
 * The longest token of a name, in bytes: a line of the protocol of NATS has at most
 * 4,096, with two subjects in it.
 */
const MAX_TOKEN_LENGTH = 1_500;

/** Names of nothing are illegal in a subject. No other name becomes this. */
const NO_TEXT = "=";

/**
 * A name as a token of a subject: letters, digits, `-` and `_` stay, and each other
 * code unit becomes `=` and four hexadecimal digits, so no two names become one.
 *
 * @throws {RangeError} If the token is too long for NATS.
 */
export function tokenOf(name: string): string {
  const token = name.replace(
    /[^A-Za-z0-9_-]/g,
    (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new RangeError(
      `Cannot use the name ${
        JSON.stringify(name.slice(0, 40))
      }...: expected at most ${MAX_TOKEN_LENGTH} letters, or ${
        MAX_TOKEN_LENGTH / 5
      } other characters`,
    );
  }
  return token || NO_TEXT;
}

/** The name that became a token. */
export function nameOf(token: string): string {
  if (token === NO_TEXT) return "";
  return token.replace(
    /=([0-9a-f]{4})/g,
    (_, digits: string) => String.fromCharCode(parseInt(digits, 16)),
  );
}
