import { code } from "../../code.ts";
import type { FixedFraming, NetstringFraming } from "../../plan.ts";
import { headedFields, headedNext } from "./headed.ts";
import { encodeLimit, tooLarge } from "./limits.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { bytesOf, comparable, MAX_INT } from "./syntax.ts";

/** Frames that all have the same length. */
export function fixedCode(
  { frameLength }: FixedFraming,
  frames: Frames,
): FramingCode {
  const isWide = frameLength > MAX_INT;
  return {
    picture: `frame (${bytesOf(frameLength)})`,
    declarations: code`
      // FrameLength is the length of every frame in bytes.
      const FrameLength ${isWide && "int64 "}= ${frameLength}
    `,
    fields: [],
    onDrop: "",
    next: code`
      ${frames.isTracked && "d.frameAt = d.offset"}
      in := d.buf[d.start:]
      if ${comparable("len(in)", frameLength)} < FrameLength {
        ${frames.no(`d.wait("a frame of ${bytesOf(frameLength)}")`)}
      }
      ${isWide && "end := FrameLength"}
      frame := ${frames.from(isWide ? "in[:end]" : "in[:FrameLength]")}
      d.drop(${isWide ? "int(end)" : "FrameLength"})
      return frame, true, nil
    `,
    helpers: "",
    encode: code`
      if ${comparable("len(frame)", frameLength)} != FrameLength {
        return nil, refuse(CodeLengthInvalid,
          "the frame does not have the fixed length: expected ${
      bytesOf(frameLength)
    }, got %d bytes", len(frame))
      }
      return append([]byte{}, frame...), nil
    `,
  };
}

/** See `netstring`. */
export function netstringCode(
  { maxDigits }: NetstringFraming,
  frames: Frames,
): FramingCode {
  const isWide = maxDigits > 9;
  const type = isWide ? "int64" : "int";
  const header = code`
    length, size := ${isWide ? "int64(0)" : "0"}, 0
    for i, b := range in {
      if b == ':' && i > 0 {
        size = i + 1
        break
      }
      if b < '0' || b > '9' || i == 1 && length == 0 {
        ${
    frames.no(code`
      d.fail(CodeLengthInvalid,
        "the length is not written as it must be: expected decimal digits without leading zeros, and a colon, got 0x%02x at byte %d", b, i)
    `)
  }
      }
      if i == ${maxDigits} {
        ${frames.no(`d.fail(${tooLarge("MaxFrameLength")})`)}
      }
      length = 10*length + ${type}(b-'0')
    }
    if size == 0 {
      ${frames.no('d.wait("a length and a colon")')}
    }
  `;
  return {
    picture: "length in decimal digits | ':' | frame | ','",
    declarations: "",
    fields: headedFields(frames),
    onDrop: "",
    next: headedNext(frames, {
      header,
      isWide,
      most: 10n ** BigInt(maxDigits) - 1n,
      start: "size",
      mostStart: maxDigits + 1,
      checkTrailer: (index) =>
        code`
          if in[${index}] != ',' {
            ${
          frames.no(code`
            d.fail(CodeMarkInvalid,
              "the terminator is wrong: expected the byte 0x2c, got 0x%02x", in[${index}])
          `)
        }
          }
        `,
    }),
    helpers: "",
    encode: code`
      ${encodeLimit(frames)}
      out := append(strconv.AppendInt(nil, int64(len(frame)), 10), ':')
      return append(append(out, frame...), ','), nil
    `,
  };
}
