import { code } from "../../code.ts";

/**
 * The statement that throws an error of the decoder.
 *
 * @param message The message, with Java in braces.
 */
export function fail(errorCode: string, message: string): string {
  return `throw fail(${args(errorCode, message)});`;
}

/** The statement that reports a frame that is passed over. */
export function report(errorCode: string, message: string): string {
  return `report(${args(errorCode, message)});`;
}

/** The statement that refuses a frame to encode. */
export function refuse(errorCode: string, message: string): string {
  return `throw new FrameException(${args(errorCode, message)});`;
}

function args(errorCode: string, message: string): string {
  return `\n        "${errorCode}",\n        ${
    messageOf(message).replaceAll("\n", "\n        ")
  }`;
}

/** The longest part of a message on a line. */
const LONGEST = 60;

/** A message as Java, on several lines if it is too long for one. */
export function messageOf(message: string): string {
  const whole = joined(message);
  if (whole.length <= LONGEST) return whole;
  const [, reason = message, expected = "", got = ""] =
    /^(.*?: )(expected .*?)(, got .*)?$/.exec(message) ?? [];
  const rest = joined(expected + got);
  return [
    joined(reason),
    ...rest.length <= LONGEST ? [rest] : [joined(expected), joined(got)],
  ].filter((line) => line !== "").join("\n        + ");
}

/** Text with Java in braces, as a sum of strings and that. */
function joined(text: string): string {
  return text.split(/\{([^{}]*)\}/)
    .map((part, i) => i % 2 === 1 ? part : JSON.stringify(part))
    .filter((part) => part !== '""').join(" + ");
}

/** The message of a frame over the limit; `got` is Java that gives a number of bytes. */
export function tooLarge(got?: string, limit = "MAX_FRAME_LENGTH"): string {
  const what = got === undefined ? "more" : `{${got}} bytes`;
  return `The frame is too large: expected at most {${limit}} bytes, got ${what}`;
}

/**
 * What ends `read` where a stream ends inside a frame.
 *
 * @param skips Whether bytes of the frame may have been passed over.
 */
export function checkTruncated(skips: boolean): string {
  const pending = skips ? "pending" : "unread()";
  return code`
    ${skips && "long pending = offset + unread() - frameOffset;"}
    if (ended && ${pending} > 0) {
        ${
    fail(
      "FRAME_TRUNCATED",
      `The stream ended inside a frame: expected a whole frame, got {${pending}} bytes`,
    )
  }
    }
    return null;
  `;
}
