/**
 * Calls an error callback of the program, such as `onError`. An error that the
 * callback itself throws goes to `console.error`: it must not end the server.
 */
export function report(error: unknown, tell: () => void): void {
  try {
    tell();
  } catch (another) {
    console.error("framewire: onError itself failed:", another, "for", error);
  }
}
