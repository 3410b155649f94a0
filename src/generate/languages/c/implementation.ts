import type { FrameErrorCode } from "../../../codec/errors.ts";
import { code } from "../../code.ts";
import { contentFunctions, readsContent } from "./content.ts";
import { coversNext, isTerminated } from "./hands_out.ts";
import { encoder } from "./encoder.ts";
import type { FramingCode } from "./framing_code.ts";
import { checksFrames, type Target } from "./target.ts";

/** The functions that find the frames and write them. */
export function frameFunctions(target: Target, framing: FramingCode): string {
  const { p, P } = target;
  const isInner = checksFrames(target);
  return code`
    ${contentFunctions(target)}

    ${framing.functions ?? ""}

    ${
    isInner && code`
      struct ${p}_bytes_ {
          unsigned char *bytes;
          size_t length;
      };

      /* Finds the next frame, whatever its content. */
    `
  }
    ${isInner && "static "}enum ${p}_result ${
    isInner ? `${p}_read_` : `${p}_next`
  }(
        struct ${p}_decoder *d, struct ${
    isInner ? `${p}_bytes_` : `${p}_frame`
  } *frame)
    {
        ${p}_release_(d);
        if (d->error.code != ${P}_OK) {
            return ${P}_ERROR;
        }

        ${framing.reads}
    }

    ${
    isInner && code`
      enum ${p}_result ${p}_next(
          struct ${p}_decoder *d, struct ${p}_frame *frame)
      {
          ${readsContent(target)}
      }
    `
  }

    ${encoder(target, framing)}
  `;
}

/** The functions that are nearly the same for all formats. */
export function commonFunctions(
  target: Target,
  framing: FramingCode,
  codes: readonly FrameErrorCode[],
): string {
  const { p, P } = target;
  const room = isTerminated(target) ? "length + 1" : "length";
  return code`
    static void ${p}_fail_(struct ${p}_error *error, enum ${p}_code code,
        uint64_t offset, const char *format, ...)
    {
        va_list values;
        int length;

        if (error == NULL) {
            return;
        }
        error->code = code;
        error->offset = offset;
        va_start(values, format);
        length = vsnprintf(error->message, sizeof error->message, format, values);
        va_end(values);
        if (offset != ${P}_NO_OFFSET && length >= 0 &&
            (size_t)length < sizeof error->message) {
            snprintf(error->message + length,
                sizeof error->message - (size_t)length,
                ", in the frame at byte offset %llu", (unsigned long long)offset);
        }
    }

    /* Makes room for more bytes: for twice as many at least, or for these. */
    static bool ${p}_grow_(struct ${p}_buffer *buffer, size_t more)
    {
        const size_t needed = buffer->length + more;
        size_t capacity = 2 * buffer->capacity;
        unsigned char *bytes;

        if (needed < more) {
            return false; /* more than a size_t can say */
        }
        if (needed <= buffer->capacity) {
            return true;
        }
        if (capacity < needed) {
            capacity = needed;
        }
        bytes = (unsigned char *)realloc(buffer->bytes, capacity);
        if (bytes == NULL) {
            return false;
        }
        buffer->bytes = bytes;
        buffer->capacity = capacity;
        return true;
    }

    /* Lets go of the bytes of the last frame. */
    static void ${p}_release_(struct ${p}_decoder *d)
    {
        ${
    coversNext(target) && code`
      if (d->covered != NULL) {
          *d->covered = d->covered_byte;
          d->covered = NULL;
      }
    `
  }
        d->start += d->used;
        d->offset += d->used;
        d->used = 0;
    }

    ${waitFunction(target, framing)}

    void ${p}_init(struct ${p}_decoder *d)
    {
        memset(d, 0, sizeof *d);
    }

    void ${p}_free(struct ${p}_decoder *d)
    {
        free(d->input.bytes);
        ${framing.frees ?? ""}
        ${p}_init(d);
    }

    bool ${p}_push(struct ${p}_decoder *d, const void *bytes, size_t length)
    {
        size_t unread;

        ${p}_release_(d);
        if (d->error.code != ${P}_OK) {
            return false;
        }
        if (length == 0) {
            return true;
        }
        unread = d->input.length - d->start;
        if (d->start >= unread) {
            /* No more bytes move than have been used since the last time. */
            if (unread > 0) {
                memmove(d->input.bytes, d->input.bytes + d->start, unread);
            }
            d->start = 0;
            d->input.length = unread;
        }
        if (!${p}_grow_(&d->input, ${room})) {
            ${p}_fail_(&d->error, ${P}_OUT_OF_MEMORY, d->offset,
                "There is no memory for the bytes that have arrived");
            return false;
        }
        memcpy(d->input.bytes + d->input.length, bytes, length);
        d->input.length += length;
        return true;
    }

    void ${p}_end(struct ${p}_decoder *d)
    {
        d->ended = true;
    }

    const unsigned char *${p}_unread(struct ${p}_decoder *d, size_t *length)
    {
        ${p}_release_(d);
        ${framing.forgets ?? ""}
        *length = d->input.length - d->start;
        d->used = *length;
        return *length == 0 ? NULL : d->input.bytes + d->start;
    }

    const char *${p}_code_name(enum ${p}_code code)
    {
        static const char *const names[] = {
            "OK",
            ${codes.map((code) => `"${code}",`).join("\n")}
            "OUT_OF_MEMORY",
        };

        return names[code];
    }
  `;
}

/** The function for what is no whole frame yet. */
function waitFunction(target: Target, { waits, fields }: FramingCode): string {
  const { p, P } = target;
  if (waits === undefined) return "";
  const [type, format, value] = waits === "bytes"
    ? ["uint64_t ", "at least %llu bytes", "(unsigned long long)needed,"]
    : ["const char *", "%s", "needed,"];
  const skipped = fields?.includes(" skipped;") ? "d->skipped + " : "";
  return code`
    /* What comes of a frame that has not arrived as a whole. */
    static enum ${p}_result ${p}_wait_(struct ${p}_decoder *d, ${type}needed)
    {
        const uint64_t there = ${skipped}d->input.length - d->start;

        if (!d->ended || there == 0) {
            return ${P}_NEED_MORE;
        }
        ${p}_fail_(&d->error, ${P}_FRAME_TRUNCATED, d->offset,
            "The stream ended inside a frame: expected ${format}, got %llu bytes",
            ${value} (unsigned long long)there);
        return ${P}_ERROR;
    }
  `;
}
