import { FrameError } from "../codec/errors.ts";
import type { FormatError } from "../format/format_error.ts";
import { NetError } from "../net/errors.ts";
import { RecordingError } from "../testing/recorded_frame.ts";
import { ReplayError } from "../testing/replay_error.ts";
import { CaptureError } from "./capture/mod.ts";

/** What the command exits with. */
export const EXIT = {
  /** All went well. */
  good: 0,
  /** A frame was bad, or something differs from what was expected. */
  different: 1,
  /** The command line is wrong, or a file that it names cannot be used. */
  usage: 2,
  /** The network, or the peer. */
  network: 3,
  /** A time limit. */
  timeout: 4,
  /** The TLS handshake. */
  tls: 5,
} as const;

/** One of the exit codes. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** What the user wrote cannot be done as it is written. */
export class UsageError extends Error {
  /** Makes an error; the message says what to write instead. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}

/** An expression that is no format. */
export class ExpressionError extends UsageError {
  readonly expression: string;
  override readonly cause: FormatError;

  /** Makes the error of an expression. */
  constructor(expression: string, cause: FormatError) {
    super(cause.message, { cause });
    this.name = "ExpressionError";
    this.expression = expression;
    this.cause = cause;
  }
}

/** The exit code of an error; `undefined` if it is a defect of the program. */
export function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof UsageError || isMisuse(error)) return EXIT.usage;
  if (
    error instanceof FrameError || error instanceof RecordingError ||
    error instanceof ReplayError || error instanceof CaptureError
  ) {
    return EXIT.different;
  }
  if (!(error instanceof NetError)) return undefined;
  if (error.code === "TIMED_OUT") return EXIT.timeout;
  return error.code.startsWith("TLS_") ? EXIT.tls : EXIT.network;
}

/** Whether the library refuses what the user wrote, rather than that it fails. */
function isMisuse(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof RangeError) &&
    /^Cannot .*: expected /s.test(error.message);
}
