import { code } from "../../code.ts";
import type { Plan } from "../../plan.ts";
import { aligned } from "./syntax.ts";

/** All codes of errors. */
const codes = [
  "FRAME_TOO_LARGE",
  "FRAME_TRUNCATED",
  "LENGTH_INVALID",
  "DELIMITER_IN_FRAME",
  "TEXT_INVALID",
  "VARINT_OVERLONG",
  "HEADER_INVALID",
  "MARK_INVALID",
  "MESSAGE_INVALID",
  "CHECKSUM_MISMATCH",
];

/** The error of a frame, with the codes that occur in the code. */
export function errorCode({ name }: Plan, rest: string): string {
  const used = codes
    .map((one) => [constantOf(one), `= "${one}"`] as const)
    .filter(([constant]) => new RegExp(`\\b${constant}\\b`).test(rest));
  const packageName = name.toLowerCase();
  return code`
    // What the Code of a FrameError can be.
    const (
      ${aligned(used)}
    )

    // A FrameError says what is wrong with the bytes of a frame, or with a frame to encode.
    type FrameError struct {
      Code   string // one of the constants
      Offset int64  // where the frame begins in the stream; -1 from Encode
      Detail string // what was expected, and what was there
    }

    // Error says what is wrong, and where.
    func (e *FrameError) Error() string {
      if e.Offset < 0 {
        return "${packageName}: " + e.Detail
      }
      return fmt.Sprintf("${packageName}: %s, in the frame at byte offset %d", e.Detail, e.Offset)
    }

    ${
    rest.includes("CodeFrameTruncated") && code`
      // Is makes a stream that ends inside a frame an io.ErrUnexpectedEOF for errors.Is.
      func (e *FrameError) Is(target error) bool {
        return target == io.ErrUnexpectedEOF && e.Code == CodeFrameTruncated
      }
    `
  }

    ${
    rest.includes("refuse(") && code`
      // refuse returns the error of a frame that cannot be encoded.
      func refuse(code, format string, args ...any) error {
        return &FrameError{code, -1, fmt.Sprintf(format, args...)}
      }
    `
  }
  `;
}

/** `FRAME_TOO_LARGE` is `CodeFrameTooLarge`. */
function constantOf(name: string): string {
  const words = name.toLowerCase().split("_");
  return `Code${
    words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("")
  }`;
}
