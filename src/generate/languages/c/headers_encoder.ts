import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import { refuses, tooLargeToEncode } from "./errors.ts";
import { encodedLimit } from "./limits.ts";
import type { Target } from "./target.ts";

/** The functions that encode frames with their headers. */
export function headersEncoder(
  target: Target,
  { maxHeaderLength }: ContentLengthFraming,
): string {
  const { p, P } = target;
  const most = encodedLimit(target);
  return code`
    static bool ${p}_put_(struct ${p}_buffer *out, const void *bytes, size_t length)
    {
        if (!${p}_grow_(out, length)) {
            return false;
        }
        if (length > 0) {
            memcpy(out->bytes + out->length, bytes, length);
        }
        out->length += length;
        return true;
    }

    bool ${p}_encode(const struct ${p}_frame *frame, struct ${p}_buffer *out,
        struct ${p}_error *error)
    {
        const size_t start = out->length;
        char first[48];
        bool has_room;

        if (frame->length > ${most}) {
            ${refuses(target, tooLargeToEncode(target, "frame->length"))}
        }
        has_room = ${p}_put_(out, first, (size_t)snprintf(first, sizeof first,
            "Content-Length: %zu\r\n", frame->length));
        for (size_t i = 0; i < frame->header_count; i++) {
            const char *name = frame->headers[i].name;
            const char *value = frame->headers[i].value;
            const size_t name_length = strlen(name);
            const size_t value_length = strlen(value);
            const bool is_name =
                ${p}_is_name_((const unsigned char *)name, name_length);

            if (is_name &&
                ${p}_is_length_((const unsigned char *)name, name_length)) {
                continue; /* it has been written */
            }
            if (!is_name ||
                !${p}_is_visible_((const unsigned char *)value, value_length)) {
                out->length = start;
                ${
    refuses(target, {
      code: "HEADER_INVALID",
      text:
        "The header cannot be written: expected a name and a value in ASCII, without line ends, got others",
    })
  }
            }
            has_room = has_room && ${p}_put_(out, name, name_length) &&
                ${p}_put_(out, ": ", 2) &&
                ${p}_put_(out, value, value_length) && ${p}_put_(out, "\r\n", 2);
        }
        has_room = has_room && ${p}_put_(out, "\r\n", 2);
        if (has_room && out->length - start > ${maxHeaderLength}) {
            const size_t length = out->length - start;

            out->length = start;
            ${
    refuses(target, {
      code: "FRAME_TOO_LARGE",
      text:
        `The header is too large: expected at most ${maxHeaderLength} bytes, got %llu bytes`,
      values: ["length"],
    })
  }
        }
        if (!has_room || !${p}_put_(out, frame->body, frame->length)) {
            out->length = start;
            ${p}_fail_(error, ${P}_OUT_OF_MEMORY, ${P}_NO_OFFSET,
                "There is no memory for the frame");
            return false;
        }
        return true;
    }
  `;
}
