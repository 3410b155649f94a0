/** The reason with which Ctrl-C aborts the signal of a program. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
}

/** Whether Ctrl-C was pressed, rather than that the reader of the output has left. */
export function isInterrupted({ reason }: AbortSignal): boolean {
  return reason instanceof Interrupted;
}
