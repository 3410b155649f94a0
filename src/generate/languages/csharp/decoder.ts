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
  const { reset = "", resetUnread = "", methods = "" } = framing;
  const nextSummary = code`
    /// <summary>Takes the next frame that has arrived completely.</summary>
    /// <returns>False if there is none: push more bytes.</returns>
    /// <exception cref="FrameException">
    /// The bytes are not a frame. From then on, every call throws the same exception.
    /// </exception>
  `;
  const isDirect = content.tryNext === "";
  const reports = [framing.read, methods, content.tryNext]
    .some((part) => /\bReport\(/.test(part));
  return code`
    /// <summary>Finds the frames in the bytes of one stream, however these were cut.</summary>
    public sealed class FrameDecoder
    {
        ${framing.state}

        // The bytes that no frame has used are those from _start to _end.
        private byte[] _buffer = Array.Empty<byte>();
        private int _start;
        private int _end;

        // The position in the stream of the first of them.
        private long _offset;

        ${
    keepsOffset && code`
      // The position in the stream at which the current frame began.
      private long _frameOffset;
    `
  }

        private bool _ended;
        private FrameException _failure;

        ${skips && skipping}

        private int Unread => _end - _start;

        /// <summary>Takes the next bytes of the stream. They are copied.</summary>
        public void Push(byte[] bytes) =>
            Push(bytes ?? throw new ArgumentNullException(nameof(bytes)), 0, bytes.Length);

        /// <summary>Takes the next bytes of the stream. They are copied.</summary>
        public void Push(byte[] buffer, int offset, int count)
        {
            if (_ended)
            {
                throw new InvalidOperationException("Cannot push bytes: the decoder has been ended");
            }

            if (_failure != null)
            {
                return;
            }

            if (count > _buffer.Length - _end)
            {
                // Half of the room stays free, so that bytes are moved once on average.
                int room = checked(2 * (Unread + count));
                byte[] target = room > _buffer.Length ? new byte[room] : _buffer;
                Buffer.BlockCopy(_buffer, _start, target, 0, Unread);
                _buffer = target;
                _end -= _start;
                _start = 0;
            }

            Buffer.BlockCopy(buffer, offset, _buffer, _end, count);
            _end += count;
        }

        /// <summary>
        /// Says that the stream has ended. <see cref="TryNext"/> then gives the frames that are
        /// left, and throws if the stream ended inside a frame.
        /// </summary>
        public void End() => _ended = true;

        ${nextSummary}
        ${!isDirect && content.tryNext}
        ${isDirect ? `public bool TryNext(out ${content.type} frame)` : ""}
        ${isDirect && "{\n" + indent(body(framing)) + "\n}"}

        /// <summary>Takes all bytes that no frame has used, for what follows in the stream.</summary>
        ${
    resetUnread === "" ? "public byte[] TakeUnread() => Take(Unread);" : code`
        public byte[] TakeUnread()
        {
            ${resetUnread}
            return Take(Unread);
        }
      `
  }

        ${
    !isDirect && code`
      private bool TryTake(out byte[] frame)
      {
          ${body(framing)}
      }
    `
  }

        ${methods}

        private byte[] Take(int count)
        {
            var bytes = new byte[count];
            Buffer.BlockCopy(_buffer, _start, bytes, 0, count);
            Skip(count);
            return bytes;
        }

        private void Skip(int count)
        {
            _start += count;
            _offset += count;
            ${reset}
        }

        private FrameException Fail(string code, string message) =>
            _failure = new FrameException(code, message, ${
    keepsOffset ? "_frameOffset" : "_offset"
  });

        ${
    reports && code`
      private void Report(string code, string message) =>
          _onSkip?.Invoke(new FrameException(code, message, _frameOffset));
    `
  }
    }
  `;
}

const skipping = code`
  private readonly Action<FrameException> _onSkip;

  /// <param name="onSkip">Called for each frame that is passed over, with its error.</param>
  public FrameDecoder(Action<FrameException> onSkip = null)
  {
      _onSkip = onSkip;
  }
`;

function body({ read }: FramingPart): string {
  return code`
    frame = null;
    if (_failure != null)
    {
        throw _failure;
    }

    ${read}
  `;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}
