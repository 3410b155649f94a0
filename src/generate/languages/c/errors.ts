import type { FrameErrorCode } from "../../../codec/errors.ts";
import { code } from "../../code.ts";
import { literal, type Target } from "./target.ts";

/** What is wrong: a text with a `%llu` for each of the values. */
export interface Wrong {
  readonly code: FrameErrorCode;
  readonly text: string;
  /** Expressions of whole numbers. */
  readonly values?: readonly string[];
}

/** The codes of the errors that generated code can have, with what they mean. */
export const meanings: Readonly<Partial<Record<FrameErrorCode, string>>> = {
  FRAME_TOO_LARGE: "longer than the limit",
  FRAME_TRUNCATED: "the stream ended inside a frame",
  LENGTH_INVALID: "no frame of the format has this length",
  DELIMITER_IN_FRAME: "a frame to encode contains what ends frames",
  TEXT_INVALID: "not UTF-8",
  VARINT_OVERLONG: "the length is not in its shortest form, or has no end",
  HEADER_INVALID: "the header is not what it must be",
  MARK_INVALID: "a mark, a terminator or an escape is wrong",
  MESSAGE_INVALID: "not JSON, or nested too deeply",
  CHECKSUM_MISMATCH: "the content does not have this checksum",
};

function failure(
  { p, P }: Target,
  wrong: Wrong,
  error: string,
  offset: string,
): string {
  const values = (wrong.values ?? []).map((value) => {
    const isPlain = /^[\w.[\]>-]+$/.test(value);
    return `(unsigned long long)${isPlain ? value : `(${value})`}`;
  });
  const text = literal(wrong.text).split("\n");
  const last = text.length - 1;
  const lines = text.map((line, i) =>
    i < last ? line : `${line}${values.length === 0 ? ");" : ","}`
  );
  values.forEach((value, i) =>
    lines.push(`${value}${i < values.length - 1 ? "," : ");"}`)
  );
  return code`
    ${p}_fail_(${error}, ${P}_${wrong.code}, ${offset},
        ${lines.join("\n")}
  `;
}

/**
 * Statements of a decoder that end the stream with an error.
 *
 * @param result What is returned then.
 */
export function fails(
  target: Target,
  wrong: Wrong,
  result = `${target.P}_ERROR`,
): string {
  return code`
    ${failure(target, wrong, "&d->error", "d->offset")}
    return ${result};
  `;
}

/** Statements of a decoder that report a frame that is passed over. */
export function reports(target: Target, wrong: Wrong): string {
  return code`
    if (d->on_skip != NULL) {
        struct ${target.p}_error error;

        ${failure(target, wrong, "&error", "d->offset")}
        d->on_skip(d->user, &error);
    }
  `;
}

/** Statements of an encoder that refuse a frame. */
export function refuses(target: Target, wrong: Wrong): string {
  return code`
    ${failure(target, wrong, "error", `${target.P}_NO_OFFSET`)}
    return false;
  `;
}

/** A frame over the limit of the decoder. */
export function tooLarge({ plan }: Target, length?: string): Wrong {
  return overLimit(plan.limit.maxFrameLength, length);
}

/** A frame to encode over the limit. */
export function tooLargeToEncode({ plan }: Target, length: string): Wrong {
  return overLimit(plan.limit.maxEncodedLength, length);
}

function overLimit(most: number, length?: string): Wrong {
  return {
    code: "FRAME_TOO_LARGE",
    text: `The frame is too large: expected at most ${most} bytes, got ${
      length === undefined ? "more" : "%llu bytes"
    }`,
    ...length !== undefined && { values: [length] },
  };
}
