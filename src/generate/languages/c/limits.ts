import { code } from "../../code.ts";
import { refuses, tooLargeToEncode } from "./errors.ts";
import type { BodyLength } from "./framing_code.ts";
import { sumLength, type Target } from "./target.ts";

/** Which name the length of the bytes has in an encoder. */
export function bodyLength(target: Target): BodyLength {
  return sumLength(target) > 0 ? "body" : "length";
}

/** The name of the constant of the encoder's limit. */
export function encodedLimit({ plan: { limit }, P }: Target): string {
  return limit.maxEncodedLength === limit.maxFrameLength
    ? `${P}_MAX_FRAME_LENGTH`
    : `${P}_MAX_ENCODED_LENGTH`;
}

/** Statements that refuse a frame over the limit of the encoder. */
export function checksLimit(target: Target): string {
  const body = bodyLength(target);
  const most = encodedLimit(target);
  return code`
    if (${body === "body" ? `length > ${most} || ` : ""}${body} > ${most}) {
        ${refuses(target, tooLargeToEncode(target, body))}
    }
  `;
}
