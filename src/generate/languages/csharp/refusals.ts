import { code } from "../../code.ts";
import { MAX_INT } from "./part.ts";

/** The statement that throws an error of the decoder. `message` is C#. */
export function fail(errorCode: string, message: string): string {
  return `throw Fail(\n    "${errorCode}",\n    ${wrapped(message)});`;
}

/** The statement that reports a frame that is passed over. */
export function report(errorCode: string, message: string): string {
  return `Report(\n    "${errorCode}",\n    ${wrapped(message)});`;
}

/** The statement that refuses a frame to encode. */
export function refuse(errorCode: string, message: string): string {
  return `throw new FrameException(\n    "${errorCode}",\n    ${
    wrapped(message)
  });`;
}

/** The longest message on a line. */
const LONGEST = 100;

/** A message on two lines if it is too long for one. */
function wrapped(message: string): string {
  const [, start = "", rest = ""] = /^\$?("[^"{]*: )(expected [^"]*")$/.exec(
    message,
  ) ?? [];
  if (message.length <= LONGEST || rest === "") return message;
  return `${start}" +\n    ${rest.includes("{") ? "$" : ""}"${rest}`;
}

/** The message of a frame over the limit; `got` is C# that gives a number of bytes. */
export function tooLarge(got?: string): string {
  const what = got === undefined ? "more" : `{${got}} bytes`;
  return `$"The frame is too large: expected at most {MaxFrameLength} bytes, got ${what}"`;
}

/** Refuses a frame to encode that is over the limit, where an array can be so long. */
export function checkEncoded(limit: number | bigint): string {
  return limit >= MAX_INT ? "" : code`
    if (frame.Length > MaxFrameLength)
    {
        ${refuse("FRAME_TOO_LARGE", tooLarge("frame.Length"))}
    }
  `;
}

/**
 * What ends `read` where a stream ends inside a frame.
 *
 * @param skips Whether bytes of the frame may have been passed over.
 */
export function checkTruncated(skips: boolean): string {
  const pending = skips ? "pending" : "Unread";
  return code`
    ${skips && "long pending = _offset + Unread - _frameOffset;"}
    if (_ended && ${pending} > 0)
    {
        ${
    fail(
      "FRAME_TRUNCATED",
      `$"The stream ended inside a frame: expected a whole frame, got {${pending}} bytes"`,
    )
  }
    }

    return false;
  `;
}
