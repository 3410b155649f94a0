import { code } from "../../code.ts";
import type { Field, Frames, FramingCode } from "./parts.ts";
import { checkedNext } from "./content.ts";
import { aligned } from "./syntax.ts";

/** The decoder. */
export function decoderCode(framing: FramingCode, frames: Frames): string {
  const { skips, isTracked } = frames;
  const at = isTracked ? "d.frameAt" : "d.offset";
  const fields: Field[] = [
    ["buf", "[]byte", "what has arrived"],
    ["start", "int", "how much of it has been used: the rest is unread"],
    ["offset", "int64", "where the unread bytes begin in the stream"],
  ];
  if (isTracked) {
    fields.push(["frameAt", "int64", "where the frame begins in the stream"]);
  }
  fields.push(
    ...framing.fields,
    ["ended", "bool", "whether the stream has ended"],
    ["err", "error", "what ended it before"],
  );
  return code`
    // A Decoder takes the bytes of one stream, however they were cut, and hands out its
    // frames. The zero value is ready to use. It is not safe for concurrent use.
    type Decoder struct {
      ${skips ? `${ON_SKIP}\n\n${aligned(fields)}` : aligned(fields)}
    }

    // Push takes the next bytes of the stream. It copies them.
    func (d *Decoder) Push(p []byte) {
      if d.ended {
        panic("${frames.plan.name.toLowerCase()}: Push after End")
      }
      if d.err != nil {
        return
      }
      if d.start > len(d.buf)/2 {
        d.buf = d.buf[:copy(d.buf, d.buf[d.start:])]
        d.start = 0
      }
      d.buf = append(d.buf, p...)
    }

    // End says that the stream has ended. Next then returns what is left.
    func (d *Decoder) End() {
      d.ended = true
    }

    ${nextCode(framing, frames)}

    // Unread takes the bytes that no frame has used, to read on in another way.
    func (d *Decoder) Unread() []byte {
      rest := append([]byte{}, d.buf[d.start:]...)
      d.drop(len(rest))
      return rest
    }

    ${framing.helpers}

    // drop removes n unread bytes.
    func (d *Decoder) drop(n int) {
      d.start += n
      d.offset += int64(n)
      ${framing.onDrop}
      if d.start == len(d.buf) {
        d.start, d.buf = 0, d.buf[:0]
        if cap(d.buf) > 1<<16 {
          d.buf = nil // An idle stream holds no large buffer.
        }
      }
    }

    ${waitCode(framing, isTracked)}

    // fail ends the stream with the error of a frame.
    func (d *Decoder) fail(code, format string, args ...any) error {
      d.err = &FrameError{code, ${at}, fmt.Sprintf(format, args...)}
      return d.err
    }

    ${
    skips && code`
      // report says that a frame is passed over.
      func (d *Decoder) report(code, format string, args ...any) {
        if d.OnSkip != nil {
          d.OnSkip(&FrameError{code, ${at}, fmt.Sprintf(format, args...)})
        }
      }
    `
  }
  `;
}

const ON_SKIP = code`
  // OnSkip is called with the error of each frame that is passed over, unless it is
  // nil. It must not call the decoder.
  OnSkip func(*FrameError)
`;

function waitCode({ next, helpers }: FramingCode, isTracked: boolean): string {
  const formats = /d\.wait\("[^"]*%d/.test(next + helpers);
  const isUsed = /d\.wait\(/.test(next + helpers);
  if (!isUsed) return "";
  const expected = formats ? "fmt.Sprintf(format, args...)" : "expected";
  return code`
    // wait returns the error of a frame that will never be whole, if the stream has ended.
    func (d *Decoder) wait(${
    formats ? "format string, args ...any" : "expected string"
  }) error {
      pending := ${
    isTracked
      ? "d.offset - d.frameAt + int64(len(d.buf)-d.start)"
      : "len(d.buf) - d.start"
  }
      if !d.ended || pending == 0 {
        return nil
      }
      return d.fail(CodeFrameTruncated,
        "the stream ended inside a frame: expected %s, got %d bytes", ${expected}, pending)
    }
  `;
}

function nextCode(framing: FramingCode, frames: Frames): string {
  const { type, isChecked, plan } = frames;
  const sticky = code`
    if d.err != nil {
      ${frames.no("d.err")}
    }
  `;
  const comment = code`
    // Next returns the next frame, or false if it has not arrived completely. Its error is
    // a *FrameError; from then on, every call returns the same one.
  `;
  if (!isChecked) {
    return code`
      ${comment}
      func (d *Decoder) Next() (${type}, bool, error) {
        ${sticky}
        ${framing.next}
      }
    `;
  }
  const kind = plan.framing.kind;
  const isOwn = kind === "cobs" || kind === "stuffed" ||
    plan.framing.kind === "marked" && plan.framing.trailerLength > 0;
  return code`
    ${comment}
    func (d *Decoder) Next() (${type}, bool, error) {
      ${checkedNext(frames, isOwn)}
    }

    // next returns the bytes of the next frame, which are valid until the next Push.
    func (d *Decoder) next() ([]byte, bool, error) {
      ${sticky}
      ${framing.next}
    }
  `;
}
