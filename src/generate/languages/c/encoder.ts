import { code } from "../../code.ts";
import { sumFunction } from "./checksums.ts";
import { checksContent } from "./content.ts";
import { isTerminated } from "./hands_out.ts";
import type { Encoding, FramingCode, WholeEncoding } from "./framing_code.ts";
import { bodyLength } from "./limits.ts";
import { sumLength, sumOf, type Target } from "./target.ts";

/** The parameters of the function that encodes a frame. */
export function encoderParameters(
  target: Target,
  framing: FramingCode,
): string {
  const { p } = target;
  const frame = "function" in framing.encoding
    ? `const struct ${p}_frame *frame`
    : isTerminated(target)
    ? "const char *text, size_t length"
    : "const void *bytes, size_t length";
  return code`
    ${frame},
        struct ${p}_buffer *out, struct ${p}_error *error
  `;
}

/** The function that encodes a frame. */
export function encoder(target: Target, framing: FramingCode): string {
  const { encoding } = framing;
  if ("function" in encoding) return encoding.function;
  const given = isTerminated(target) ? "text" : "bytes";
  const content = checksContent(target);
  const more = sumLength(target);
  return code`
    bool ${target.p}_encode(${encoderParameters(target, framing)})
    {
        ${
    (content !== "" || "most" in encoding) &&
    `const unsigned char *source = (const unsigned char *)${given};`
  }
        ${more > 0 && `const size_t body = length + ${more};`}

        ${content}
        ${encoding.checks}
        ${
    "most" in encoding
      ? whole(target, encoding)
      : inPlace(target, encoding, given)
  }
        return true;
    }
  `;
}

/** Statements that make room for a frame, or refuse it. */
function makesRoom(target: Target, most: string, factor: number): string {
  const { p, P, plan: { limit } } = target;
  const body = bodyLength(target);
  // With a size_t of 32 bits, the sum must not be too large for it.
  const mayOverflow = limit.maxEncodedLength * factor > 0xffff_0000;
  return code`
    if (${
    mayOverflow && `${body} > SIZE_MAX / ${2 * factor} || `
  }!${p}_grow_(out, ${most})) {
        ${p}_fail_(error, ${P}_OUT_OF_MEMORY, ${P}_NO_OFFSET,
            "There is no memory for the frame");
        return false;
    }
  `;
}

/** Statements that write some of the checksums behind the content, the innermost first. */
function writesSums(
  target: Target,
  content: string,
  from: number,
  to: number,
): string {
  const { checksums } = target.plan;
  const lines: string[] = [];
  let end = checksums.slice(to).reduce((sum, { length }) => sum + length, 0);
  for (let i = to - 1; i >= from; i--) {
    const checksum = checksums[i]!;
    const length = end === 0 ? "length" : `length + ${end}`;
    lines.push(
      `${
        sumFunction(target, checksum)
      }(${content}, ${length}, ${content} + ${length});`,
    );
    end += checksum.length;
  }
  return lines.join("\n");
}

function inPlace(target: Target, encoding: Encoding, given: string): string {
  const { before, behind, head, tail } = encoding;
  const { checksums } = target.plan;
  const body = bodyLength(target);
  const total = sumOf(before, body, behind);
  const content = before === "0" ? "at" : `at + ${before}`;
  return code`
    ${makesRoom(target, total, 1)}

    unsigned char *at = out->bytes + out->length;

    if (length > 0) {
        memcpy(${content}, ${given}, length);
    }
    ${writesSums(target, content, 1, checksums.length)}
    ${head ?? ""}
    ${checksums.length > 0 && writesSums(target, content, 0, 1)}
    ${tail ?? ""}
    out->length += ${total};
  `;
}

function whole(target: Target, { most, writes }: WholeEncoding): string {
  const { checksums } = target.plan;
  const content = `at + (${most} - body)`;
  return code`
    ${makesRoom(target, most, 2)}

    unsigned char *at = out->bytes + out->length;
    unsigned char *end = at;

    ${
    checksums.length > 0 && code`
      /* The content and its checksum stand at the end of the room at first. */
      unsigned char *plain = ${content};

      if (length > 0) {
          memcpy(plain, source, length);
      }
      ${writesSums(target, "plain", 0, checksums.length)}
      source = plain;
    `
  }
    ${writes}
    out->length += (size_t)(end - at);
  `;
}
