import { code } from "../../code.ts";
import type { ContentPart } from "./contents.ts";
import type { FramingPart, Scope } from "./part.ts";

/** The class of the decoder. */
export function decoderClass(
  framing: FramingPart,
  content: ContentPart,
  scope: Scope,
): string {
  const { skips, keepsOffset } = scope;
  const { state = "", reset = "", resetUnread = "", methods = "" } = framing;
  const isDirect = content.next === "";
  const body = framing.read + methods + content.next;
  const reports = /\breport\(/.test(body);
  const fails = /\bfail\(/.test(body);
  return code`
    /** Finds the frames in the bytes of one stream, however these were cut. */
    public static final class Decoder {
        ${skips && "private final Consumer<? super FrameException> onSkip;"}

        ${state}

        // The bytes that no frame has used are those from start to end.
        private byte[] buffer = new byte[0];
        private int start;
        private int end;

        // The position in the stream of the first of them.
        private long offset;

        ${
    keepsOffset && code`
      // The position in the stream at which the current frame began.
      private long frameOffset;
    `
  }

        private boolean ended;
        ${fails && "private FrameException failure;"}

        ${skips ? skippingConstructors : constructor}

        /**
         * Takes the next bytes of the stream.
         *
         * @param bytes the bytes, which are copied
         */
        public void push(byte[] bytes) {
            push(bytes, 0, bytes.length);
        }

        /**
         * Takes the next bytes of the stream.
         *
         * @param bytes an array that has the bytes, which are copied
         * @param from the index of the first
         * @param count how many
         */
        public void push(byte[] bytes, int from, int count) {
            if (ended) {
                throw new IllegalStateException("Cannot push bytes: the decoder has been ended");
            }
            ${
    fails && code`
      if (failure != null) {
          return;
      }
    `
  }
            if (count > buffer.length - end) {
                // Half of the room stays free, so that bytes are moved once on average.
                int room = Math.multiplyExact(2, Math.addExact(unread(), count));
                byte[] target = room > buffer.length ? new byte[room] : buffer;
                System.arraycopy(buffer, start, target, 0, unread());
                buffer = target;
                end -= start;
                start = 0;
            }
            System.arraycopy(bytes, from, buffer, end, count);
            end += count;
        }

        /**
         * Says that the stream has ended. {@link #next} then gives the frames that are left, and
         * throws if the stream ended inside a frame.
         */
        public void end() {
            ended = true;
        }

        /**
         * Takes the next frame that has arrived completely.
         *
         * @return the frame; null if there is none, until more bytes are pushed
         * @throws FrameException if the bytes are not a frame; from then on, every call throws the
         *     same exception
         */
        ${isDirect && method(`public ${content.type} next()`, framing, fails)}
        ${!isDirect && content.next}

        /**
         * Takes all bytes that no frame has used, for what follows in the stream.
         *
         * @return the bytes
         */
        public byte[] takeUnread() {
            ${resetUnread}
            return take(unread());
        }

        ${!isDirect && method("private byte[] nextFrame()", framing, fails)}

        ${methods}

        private int unread() {
            return end - start;
        }

        private byte[] take(int count) {
            byte[] bytes = Arrays.copyOfRange(buffer, start, start + count);
            skip(count);
            return bytes;
        }

        private void skip(int count) {
            start += count;
            offset += count;
            ${reset}
        }

        ${
    fails && code`
      private FrameException fail(String code, String message) {
          failure = new FrameException(code, message, ${
      keepsOffset ? "frameOffset" : "offset"
    });
          return failure;
      }
    `
  }

        ${
    reports && code`
      private void report(String code, String message) {
          onSkip.accept(new FrameException(code, message, frameOffset));
      }
    `
  }
    }
  `;
}

const constructor = code`
  /** Creates a decoder for a stream. */
  public Decoder() {}
`;

const skippingConstructors = code`
  /** Creates a decoder for a stream. */
  public Decoder() {
      this(error -> {});
  }

  /**
   * Creates a decoder that reports what it passes over.
   *
   * @param onSkip called for each frame that is passed over, with its error
   */
  public Decoder(Consumer<? super FrameException> onSkip) {
      this.onSkip = Objects.requireNonNull(onSkip);
  }
`;

/** The method that finds the next frame. */
function method(
  head: string,
  { read }: FramingPart,
  fails: boolean,
): string {
  return code`
    ${head} throws FrameException {
        ${
    fails && code`
      if (failure != null) {
          throw failure;
      }

    `
  }

        ${read}
    }
  `;
}
