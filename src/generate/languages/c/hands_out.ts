import { code } from "../../code.ts";
import { checksFrames, sumLength, type Target } from "./target.ts";

/** Whether a text is handed out with a NUL behind it. */
export function isTerminated({ plan: { content } }: Target): boolean {
  return content.kind !== "bytes";
}

/** Whether that NUL stands where the next frame begins. */
export function coversNext(target: Target): boolean {
  if (!isTerminated(target) || sumLength(target) > 0) return false;
  const { framing } = target.plan;
  switch (framing.kind) {
    case "length":
    case "fixed":
    case "varint":
    case "content-length":
      return true;
    case "delimited":
      return framing.keepDelimiter;
    default:
      return false;
  }
}

/** The type of a pointer to the bytes of a frame of the framing. */
export function bytesPointer(target: Target): string {
  return checksFrames(target) || isTerminated(target)
    ? "unsigned char *"
    : "const unsigned char *";
}

/** Statements of a framing that set the frame to bytes that it has found. */
export function setsFrame(
  target: Target,
  bytes: string,
  length: string,
): string {
  return checksFrames(target)
    ? code`
      frame->bytes = ${bytes};
      frame->length = ${length};
    `
    : handsOut(target, bytes, length);
}

/** Statements that set the frame of the user. */
export function handsOut(
  target: Target,
  bytes: string,
  length: string,
): string {
  if (!isTerminated(target)) {
    return code`
      frame->bytes = ${bytes};
      frame->length = ${length};
    `;
  }
  const end = /^[\w.]+$/.test(bytes)
    ? `${bytes}[${length}]`
    : `(${bytes})[${length}]`;
  return code`
    ${
    coversNext(target) && code`
      d->covered = &${end};
      d->covered_byte = *d->covered;
    `
  }
    ${end} = '\0';
    frame->text = (const char *)${
    /^[\w.]+$/.test(bytes) ? bytes : `(${bytes})`
  };
    frame->length = ${length};
  `;
}
