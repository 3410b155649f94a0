/** What a request can be for: a path with a query, in visible ASCII without a `#`. */
const PATH = /^\/[!-"$-~]*$/;

/**
 * Refuses what a WebSocket cannot be asked for.
 *
 * @param cannot The beginning of the error: what is impossible with it.
 * @throws {TypeError} If it is no path.
 */
export function checkWebSocketPath(path: string, cannot: string): void {
  if (typeof path === "string" && PATH.test(path)) return;
  throw new TypeError(
    `${cannot}: expected a path such as "/chat", in ASCII and percent-encoded, got ${path}`,
  );
}
