import { code } from "../../code.ts";
import { literal, MAX_INT, typeOf } from "./part.ts";
import { refuse, tooLarge } from "./refusals.ts";

/** The limits of a format as constants. */
export interface Limits {
  /** The constants. */
  readonly constants: string;
  /** Statements that refuse a frame to encode that is over the limit. */
  checkEncoded(length?: string): string;
}

/**
 * The limits of a format as constants.
 *
 * @param decoded The limit of the decoder; `undefined` where no frame can exceed it.
 * @param encoded The limit of the encoder.
 */
export function limitsOf(
  decoded: number | undefined,
  encoded: number | bigint,
): Limits {
  // No array is longer.
  const isChecked = encoded < MAX_INT;
  const isSame = decoded === undefined || decoded === Number(encoded);
  const name = isSame ? "MAX_FRAME_LENGTH" : "MAX_ENCODED_LENGTH";
  return {
    constants: code`
      ${
      decoded !== undefined && !(isSame && isChecked) &&
      constant("MAX_FRAME_LENGTH", decoded, " to decode")
    }

      ${isChecked && constant(name, encoded, isSame ? "" : " to encode")}
    `,
    checkEncoded: (length = "frame.length") =>
      isChecked && code`
          if (${length} > ${name}) {
              ${refuse("FRAME_TOO_LARGE", tooLarge(length, name))}
          }
        ` || "",
  };
}

function constant(name: string, value: number | bigint, of: string): string {
  const summary = `The maximum length of a frame${of}, in bytes.`;
  const comment = value > 2 ** 30
    ? `/**
 * ${summary} What does not fit in an
 * array ends in an {@link ArithmeticException}.
 */`
    : `/** ${summary} */`;
  return `${comment}
public static final ${typeOf(value)} ${name} = ${literal(value)};`;
}
