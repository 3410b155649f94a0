import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import { fails } from "./errors.ts";
import type { Target } from "./target.ts";

/** The functions that read and check the lines of a header. */
export function headerFunctions(
  target: Target,
  framing: ContentLengthFraming,
): string {
  const { p } = target;
  const { headers, maxHeaderLength } = framing;
  const returns = (
    wrong: "FRAME_TOO_LARGE" | "HEADER_INVALID" | "LENGTH_INVALID",
    text: string,
  ) => fails(target, { code: wrong, text }, "false");
  return code`
    /* Whether bytes can be the name of a header (RFC 9110, 5.6.2). */
    static bool ${p}_is_name_(const unsigned char *bytes, size_t length)
    {
        for (size_t i = 0; i < length; i++) {
            const unsigned char byte = bytes[i];

            if (!(byte >= '0' && byte <= '9') && !(byte >= 'A' && byte <= 'Z') &&
                !(byte >= 'a' && byte <= 'z') &&
                (byte == '\0' || strchr("!#$%&'*+-.^_\x60|~", byte) == NULL)) {
                return false;
            }
        }
        return length > 0;
    }

    ${
    headers && code`
      /* Whether bytes can stand in a line of a header. */
      static bool ${p}_is_visible_(const unsigned char *bytes, size_t length)
      {
          for (size_t i = 0; i < length; i++) {
              if (bytes[i] != '\t' && (bytes[i] < 0x20 || bytes[i] > 0x7e)) {
                  return false;
              }
          }
          return true;
      }
    `
  }

    /* Whether a name is that of the length. */
    static bool ${p}_is_length_(const unsigned char *name, size_t length)
    {
        static const char expected[] = "content-length";

        for (size_t i = 0; i < length; i++) {
            if (i >= sizeof expected - 1 || (name[i] | 0x20) != (expected[i] | 0x20)) {
                return false;
            }
        }
        return length == sizeof expected - 1;
    }

    /* Reads a line of a header, without its end. Returns false if it is wrong. */
    static bool ${p}_read_line_(
        struct ${p}_decoder *d, const unsigned char *line, size_t length)
    {
        const unsigned char *colon =
            (const unsigned char *)memchr(line, ':', length);
        const unsigned char *end = line + length;

        ${
    headers
      ? code`
        if (colon == NULL || !${p}_is_name_(line, (size_t)(colon - line)) ||
            !${p}_is_visible_(line, length)) {
            ${
        returns(
          "HEADER_INVALID",
          "A line of the header is not what it must be: expected a name, a colon and a value in ASCII, got another line",
        )
      }
        }
        d->header.count++;
      `
      : code`
        bool is_valid =
            colon != NULL && ${p}_is_name_(line, (size_t)(colon - line));

        for (size_t i = 0; i < length; i++) {
            is_valid = is_valid &&
                (line[i] == '\t' || (line[i] >= 0x20 && line[i] <= 0x7e));
        }
        if (!is_valid) {
            ${
        returns(
          "HEADER_INVALID",
          "A line of the header is not what it must be: expected a name, a colon and a value in ASCII, got another line",
        )
      }
        }
      `
  }
        if (!${p}_is_length_(line, (size_t)(colon - line))) {
            return true;
        }
        if (d->header.has_length) {
            ${
    returns(
      "HEADER_INVALID",
      "The header has more than one length: expected one Content-Length, got another",
    )
  }
        }

        const unsigned char *at = colon + 1;

        while (at < end && (*at == ' ' || *at == '\t')) {
            at++;
        }
        while (end > at && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }
        d->header.has_length = at < end;
        d->header.length = 0;
        for (; at < end && d->header.has_length; at++) {
            if (*at < '0' || *at > '9') {
                d->header.has_length = false;
            } else if (d->header.length > UINT64_MAX / 100) {
                d->header.length = UINT64_MAX / 2; /* more than any limit */
            } else {
                d->header.length = 10 * d->header.length + *at - '0';
            }
        }
        if (!d->header.has_length) {
            ${
    returns(
      "LENGTH_INVALID",
      "The length is not a number: expected decimal digits, got other bytes",
    )
  }
        }
        return true;
    }

    /* Reads what has arrived of a header. Returns false if it is wrong. */
    static bool ${p}_read_header_(
        struct ${p}_decoder *d, const unsigned char *bytes, size_t length)
    {
        while (!d->header.is_complete) {
            const unsigned char *found = (const unsigned char *)memchr(
                bytes + d->header.scanned, '\n', length - d->header.scanned);
            const size_t end = found == NULL ? length : (size_t)(found - bytes);
            const size_t line = d->header.line;

            if (end >= ${maxHeaderLength}) {
                ${
    returns(
      "FRAME_TOO_LARGE",
      `The header is too large: expected at most ${maxHeaderLength} bytes, got more`,
    )
  }
            }
            if (found == NULL) {
                d->header.scanned = end;
                return true;
            }
            if (end == line || bytes[end - 1] != '\r') {
                ${
    returns(
      "HEADER_INVALID",
      "A line of the header has the wrong end: expected a carriage return and a line feed, got a line feed alone",
    )
  }
            }
            d->header.line = d->header.scanned = end + 1;
            if (end - 1 > line) {
                if (!${p}_read_line_(d, bytes + line, end - 1 - line)) {
                    return false;
                }
            } else if (d->header.has_length) {
                d->header.is_complete = true;
            } else {
                ${
    returns(
      "LENGTH_INVALID",
      "The header does not say how long the body is: expected Content-Length, got none",
    )
  }
            }
        }
        return true;
    }

    ${headers && splitFunction(target)}
  `;
}

/** The function that makes strings of the lines of a header. */
function splitFunction({ p, P }: Target): string {
  return code`
    /* Makes strings of the lines of a whole header, in their place. */
    static bool ${p}_split_header_(struct ${p}_decoder *d, unsigned char *bytes)
    {
        unsigned char *at = bytes;

        if (d->header.count > d->header_capacity) {
            struct ${p}_header *headers =
                d->header.count > SIZE_MAX / sizeof *headers
                ? NULL
                : (struct ${p}_header *)realloc(
                      d->headers, d->header.count * sizeof *headers);

            if (headers == NULL) {
                ${p}_fail_(&d->error, ${P}_OUT_OF_MEMORY, d->offset,
                    "There is no memory for the headers");
                return false;
            }
            d->headers = headers;
            d->header_capacity = d->header.count;
        }
        for (size_t i = 0; i < d->header.count; i++) {
            unsigned char *next;
            unsigned char *end;

            d->headers[i].name = (const char *)at;
            for (; *at != ':'; at++) {
                if (*at >= 'A' && *at <= 'Z') {
                    *at |= 0x20;
                }
            }
            *at++ = '\0';
            for (end = at; *end != '\r'; end++) {
            }
            next = end + 2;
            while (at < end && (*at == ' ' || *at == '\t')) {
                at++;
            }
            while (end > at && (end[-1] == ' ' || end[-1] == '\t')) {
                end--;
            }
            *end = '\0';
            d->headers[i].value = (const char *)at;
            at = next;
        }
        return true;
    }
  `;
}
