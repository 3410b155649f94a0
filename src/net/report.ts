/**
 * Calls what is to be told of an error. What it throws itself, nobody else can be
 * told, and all that is not its business must live on.
 */
export function report(error: unknown, tell: () => void): void {
  try {
    tell();
  } catch (another) {
    console.error("framewire: onError itself failed:", another, "for", error);
  }
}
