import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import { refuses } from "./errors.ts";
import type { FramingCode } from "./framing_code.ts";
import { headedFields, headedForgets, headedReads } from "./headed.ts";
import { headersEncoder } from "./headers_encoder.ts";
import { headerFunctions } from "./header_lines.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import type { Target } from "./target.ts";

/** The code of frames with headers like those of HTTP. */
export function contentLengthCode(
  target: Target,
  framing: ContentLengthFraming,
): FramingCode {
  const { p } = target;
  const { headers } = framing;
  return {
    fields: code`
      struct {
          size_t scanned; /* before which index there is no line feed to come */
          size_t line; /* where the line begins that is read next */
          bool has_length;
          bool is_complete;
          uint64_t length; /* of the body */
          ${headers && "size_t count; /* of the lines before the empty one */"}
      } header; /* what is known of the header */
      ${
      headers && code`
        struct ${p}_header *headers; /* those of the last frame */
        size_t header_capacity;
      `
    }
      ${headedFields(target)}
    `,
    forgets: code`
      memset(&d->header, 0, sizeof d->header);
      ${headedForgets(target)}
    `,
    frees: headers ? "free(d->headers);" : "",
    functions: headerFunctions(target, framing),
    ...target.plan.limit.skips && { waits: "bytes" as const },
    reads: headedReads(target, {
      least: 1,
      varies: true,
      header: code`
        if (!${p}_read_header_(d, bytes, unread)) {
            return ${target.P}_ERROR;
        }

        const size_t header = d->header.is_complete ? d->header.line : 0;
        const uint64_t length = d->header.length;
      `,
      before: "header",
      type: "uint64_t",
      ...headers && {
        sets: code`
          if (!${p}_split_header_(d, bytes)) {
              return ${target.P}_ERROR;
          }
          frame->headers = d->headers;
          frame->header_count = d->header.count;
          frame->body = bytes + header;
          frame->length = (size_t)length;
        `,
      },
      forgets: "memset(&d->header, 0, sizeof d->header);",
    }),
    encoding: headers ? { function: headersEncoder(target, framing) } : {
      checks: code`
        ${checksLimit(target)}
        char header[48];
        const size_t header_length = (size_t)snprintf(header, sizeof header,
            "Content-Length: %zu\r\n\r\n", ${bodyLength(target)});

        ${checksHeaderLength(target, framing)}
      `,
      before: "header_length",
      behind: "0",
      head: "memcpy(at, header, header_length);",
    },
  };
}

function checksHeaderLength(
  target: Target,
  { maxHeaderLength }: ContentLengthFraming,
): string {
  const { maxEncodedLength } = target.plan.limit;
  const longest = `Content-Length: ${maxEncodedLength}\r\n\r\n`.length;
  if (longest <= maxHeaderLength) return "";
  return code`
    if (header_length > ${maxHeaderLength}) {
        ${
    refuses(target, {
      code: "FRAME_TOO_LARGE",
      text:
        `The header is too large: expected at most ${maxHeaderLength} bytes, got %llu bytes`,
      values: ["header_length"],
    })
  }
    }
  `;
}
