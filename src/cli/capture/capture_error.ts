/** The error of a file that is no capture, or a broken one. */
export class CaptureError extends Error {
  /** The place in the file, in bytes from its start. */
  readonly offset: number;
  /** What should have stood there. */
  readonly expected: string;
  /** What stood there instead. */
  readonly got: string;

  /** Makes an error and composes its message. */
  constructor(offset: number, expected: string, got: string) {
    super(
      `Cannot read the capture at byte ${offset}: expected ${expected}, got ${got}`,
    );
    this.name = "CaptureError";
    this.offset = offset;
    this.expected = expected;
    this.got = got;
  }
}
