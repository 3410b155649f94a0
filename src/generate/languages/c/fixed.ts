import { code } from "../../code.ts";
import { refuses } from "./errors.ts";
import { bytesPointer, setsFrame } from "./hands_out.ts";
import { waitsInline } from "./headed.ts";
import type { FramingCode } from "./framing_code.ts";
import { bodyLength } from "./limits.ts";
import type { Target } from "./target.ts";

/** The code of frames of one length. */
export function fixedCode(target: Target): FramingCode {
  const { P } = target;
  const body = bodyLength(target);
  const name = `${P}_FRAME_LENGTH`;
  return {
    reads: code`
      const size_t unread = d->input.length - d->start;
      const size_t needed = ${name};

      if (unread >= needed) {
          ${bytesPointer(target)}bytes = d->input.bytes + d->start;

          ${setsFrame(target, "bytes", name)}
          d->used = needed;
          return ${P}_FRAME;
      }
      ${waitsInline(target)}
    `,
    encoding: {
      checks: code`
        if (${body} != ${name}) {
            ${
        refuses(target, {
          code: "LENGTH_INVALID",
          text:
            "The frame does not have the fixed length: expected %llu bytes, got %llu bytes",
          values: [name, body],
        })
      }
        }
      `,
      before: "0",
      behind: "0",
    },
  };
}
