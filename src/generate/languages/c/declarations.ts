import type { FrameErrorCode } from "../../../codec/errors.ts";
import { code } from "../../code.ts";
import { coversNext, isTerminated } from "./hands_out.ts";
import { encoderParameters } from "./encoder.ts";
import { meanings } from "./errors.ts";
import type { FramingCode } from "./framing_code.ts";
import { constant, skips, sumLength, type Target } from "./target.ts";

/** The types and functions that users see. */
export function declarations(
  target: Target,
  framing: FramingCode,
  codes: readonly FrameErrorCode[],
): string {
  const { p, P } = target;
  return code`
    ${limits(target)}

    /* The offset in errors of the encoder. */
    #define ${P}_NO_OFFSET UINT64_MAX

    enum ${p}_code {
        ${P}_OK,
        ${
    codes.map((code) => `${P}_${code}, /* ${meanings[code]} */`).join("\n")
  }
        ${P}_OUT_OF_MEMORY
    };

    struct ${p}_error {
        enum ${p}_code code;
        uint64_t offset; /* where the frame begins in the stream */
        char message[200];
    };

    ${frame(target)}

    /* Bytes that grow: {0} is empty, and free(buffer.bytes) ends it. */
    struct ${p}_buffer {
        unsigned char *bytes;
        size_t length;
        size_t capacity;
    };

    enum ${p}_result {
        ${P}_ERROR = -1, /* see the error of the decoder: it stays */
        ${P}_NEED_MORE = 0, /* no whole frame is there; after the end: none is left */
        ${P}_FRAME = 1
    };

    struct ${p}_decoder {
        struct ${p}_error error;
        ${
    skips(target) && code`
      /* Called with the error of each frame that is passed over, unless NULL. It
         must not call the decoder. */
      void (*on_skip)(void *user, const struct ${p}_error *error);
      void *user;
    `
  }

        /* Private: */
        struct ${p}_buffer input; /* the bytes that have arrived */
        size_t start; /* where those begin that no frame has used */
        size_t used; /* how many of these the last frame has used */
        uint64_t offset; /* where the next frame begins in the stream */
        bool ended;
        ${framing.fields ?? ""}
        ${
    coversNext(target) && code`
      unsigned char *covered; /* where the NUL behind the last text stands */
      unsigned char covered_byte; /* what stood there, of the next frame */
    `
  }
    };

    void ${p}_init(struct ${p}_decoder *decoder);
    void ${p}_free(struct ${p}_decoder *decoder);

    /* Takes the next bytes of the stream, before its end. Returns false if there is an
       error, as if there is no memory for them. */
    bool ${p}_push(
        struct ${p}_decoder *decoder, const void *bytes, size_t length);

    /* Finds the next frame. It is valid until the next call with the decoder. */
    enum ${p}_result ${p}_next(
        struct ${p}_decoder *decoder, struct ${p}_frame *frame);

    /* Says that the stream has ended: then ${p}_next finds what is left. */
    void ${p}_end(struct ${p}_decoder *decoder);

    /* Takes the bytes behind the last frame, as when the format changes. They are
       valid until the next call with the decoder. */
    const unsigned char *${p}_unread(
        struct ${p}_decoder *decoder, size_t *length);

    /* Appends a frame to out. If that is refused, returns false, leaves the bytes of
       out as they are, and sets *error unless error is NULL. */
    bool ${p}_encode(${encoderParameters(target, framing)});

    /* The name of a code, such as "FRAME_TRUNCATED". */
    const char *${p}_code_name(enum ${p}_code code);
  `;
}

function limits(target: Target): string {
  const { plan: { framing, limit }, P } = target;
  const { maxFrameLength, maxEncodedLength } = limit;
  const included = sumLength(target) > 0 ? ", with its checksum" : "";
  if (framing.kind === "fixed") {
    const { frameLength } = framing;
    return code`
      /* The length of every frame in bytes${included}. */
      #define ${P}_FRAME_LENGTH ${constant(frameLength)}
      ${
      frameLength > 0xffff_ffff && code`

        #if SIZE_MAX < ${frameLength}
        #error "A frame is too long for this machine"
        #endif
      `
    }
    `;
  }
  return code`
    /* The longest frame in bytes${included}. */
    #define ${P}_MAX_FRAME_LENGTH ${constant(maxFrameLength)}
    ${
    maxEncodedLength !== maxFrameLength && code`

      /* The longest frame that is encoded. */
      #define ${P}_MAX_ENCODED_LENGTH ${constant(maxEncodedLength)}
    `
  }
  `;
}

function frame(target: Target): string {
  const { p, plan: { framing, content } } = target;
  if (framing.kind === "content-length" && framing.headers) {
    return code`
      struct ${p}_header {
          const char *name; /* from the decoder in lower case */
          const char *value;
      };

      /* The decoder leaves headers of the same name as they came, each on its own.
         The encoder writes the length itself, and leaves out one that is given. */
      struct ${p}_frame {
          const struct ${p}_header *headers;
          size_t header_count;
          const unsigned char *body;
          size_t length; /* of the body */
      };
    `;
  }
  if (!isTerminated(target)) {
    return code`
      struct ${p}_frame {
          const unsigned char *bytes;
          size_t length;
      };
    `;
  }
  const what = content.kind === "json"
    ? "It is valid JSON, not parsed."
    : content.kind === "text" && content.fatal
    ? "It is valid UTF-8."
    : "It can be other bytes than UTF-8: they are as they came.";
  return code`
    /* A text, with a NUL behind it. ${what} */
    struct ${p}_frame {
        const char *text;
        size_t length;
    };
  `;
}
