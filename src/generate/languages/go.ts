import { code } from "../code.ts";
import type { Language } from "../language.ts";
import type { Plan } from "../plan.ts";
import {
  contentFunctions,
  DEPTH_CONSTANT,
  encodeParameter,
  toBytes,
} from "./go/content.ts";
import { decoderCode } from "./go/decoder.ts";
import { errorCode } from "./go/errors.ts";
import { fileHead, imports } from "./go/file.ts";
import { framingCode } from "./go/framing.ts";
import { framesOf, type FramingCode } from "./go/parts.ts";
import { streamCode } from "./go/stream.ts";
import { goSize, MAX_INT } from "./go/syntax.ts";

/** Go 1.19 and later, with nothing but its standard library. */
export const go: Language = {
  fileName: (name) => `${name.toLowerCase()}.go`,
  write(plan) {
    const frames = framesOf(plan);
    const framing = framingCode(frames);
    const rest = code`
      ${decoderCode(framing, frames)}

      ${encodeCode(framing, plan)}

      ${contentFunctions(plan)}

      ${streamCode(frames)}
    `;
    const declared = code`
      ${limits(plan, rest)}

      ${framing.declarations}

      ${rest.includes("MaxDepth") && DEPTH_CONSTANT}

      ${errorCode(plan, rest)}
    `;
    const body = `${declared}\n\n${rest}`;
    return formatted(code`
      ${fileHead(plan, framing.picture)}

      ${imports(body)}

      ${body}
    `);
  },
};

function encodeCode(framing: FramingCode, plan: Plan): string {
  const [name, type] = encodeParameter(plan);
  return code`
    // Encode returns the bytes of a frame. Its error is a *FrameError.
    func Encode(${name} ${type}) ([]byte, error) {
      ${toBytes(plan)}
      ${framing.encode}
    }
  `;
}

/** The limits that the code uses. */
function limits({ limit, framing }: Plan, rest: string): string {
  const what = framing.kind === "content-length"
    ? "the body of a frame"
    : "a frame";
  const constant = (name: string, comment: string, value: number) =>
    rest.includes(name) && code`
      // ${name} ${comment}
      const ${name}${value > MAX_INT ? " int64" : ""} = ${goSize(value)}
    `;
  return code`
    ${
    constant(
      "MaxFrameLength",
      `is the limit on the length of ${what} in bytes.`,
      limit.maxFrameLength,
    )
  }

    ${
    constant(
      "MaxEncodedLength",
      `is the limit on the length of ${what} to encode in bytes.`,
      limit.maxEncodedLength,
    )
  }
  `;
}

/** The text as `gofmt` has it: tabs, and one empty line at most. */
function formatted(text: string): string {
  return text
    .replaceAll(/^(?: {2})+/gm, (spaces) => "\t".repeat(spaces.length / 2))
    .replaceAll(/\n{3,}/g, "\n\n");
}
