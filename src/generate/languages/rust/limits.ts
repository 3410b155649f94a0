import { code } from "../../code.ts";
import { number } from "./literals.ts";

/** The limits on frames in the code. */
export interface LimitCode {
  readonly constants: string;
  /** What refuses a frame to encode that is too large. */
  checkEncoded(length?: string): string;
}

/**
 * The limits on frames. That on frames that are read is `MAX_FRAME_LENGTH`.
 *
 * @param read The limit on frames that are read; `undefined` where none is needed.
 * @param written The limit on frames that are written.
 */
export function limitCode(
  read: number | undefined,
  written: number,
): LimitCode {
  const isOne = read === undefined || read === written;
  const name = isOne ? "MAX_FRAME_LENGTH" : "MAX_ENCODED_LENGTH";
  return {
    constants: code`
      /// The largest frame${!isOne && " that is read"}, in bytes.
      const MAX_FRAME_LENGTH: usize = ${number(read ?? written)};
      ${
      !isOne && code`
        /// The largest frame that is written, in bytes.
        const MAX_ENCODED_LENGTH: usize = ${number(written)};
      `
    }
      ${Math.max(read ?? 0, written) > 0x7fff_ffff && wideOnly}
    `,
    checkEncoded(length = "frame.len()") {
      const plain = /^\w+$/.test(length) ? length : "";
      return code`
        if ${length} > ${name} {
            let got = format!("{${plain}} bytes"${
        plain === "" && `, ${length}`
      });
            return Err(too_large(${name}, &got, None));
        }
      `;
    },
  };
}

/** This is said when a program is compiled. */
export const wideOnly: string = code`
  // Such frames are too large for systems of 32 bits.
  const _: () = assert!(usize::BITS >= 64);
`;
