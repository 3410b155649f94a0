import { code } from "../../code.ts";
import type { CobsFraming, StuffedFraming } from "../../plan.ts";
import { encodeLimit, tooLarge } from "./limits.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { comparable, goByte, hexByte, MAX_INT } from "./syntax.ts";

/** What differs between the formats in which the end byte occurs nowhere else. */
interface Stuffing {
  readonly end: number;
  /** The longest frame within the limit, as it is on the wire. */
  readonly maxLength: number;
  readonly skipsInvalid: boolean;
  readonly got: string;
}

/** See `cobs`. */
export function cobsCode(
  { skipsInvalid }: CobsFraming,
  frames: Frames,
): FramingCode {
  const { maxFrameLength } = frames.plan.limit;
  return {
    ...stuffedParts({
      end: 0,
      maxLength: maxFrameLength + Math.floor(maxFrameLength / 254) + 1,
      skipsInvalid,
      got: "a block that goes beyond the frame",
    }, frames),
    picture: "frame without zeros (COBS) | 00",
    helpers: UNSTUFF_BLOCKS,
    encode: code`
      ${encodeLimit(frames)}
      out := make([]byte, 1, len(frame)+len(frame)/254+2)
      code := 0 // Where the length of the current block stands.
      for i, b := range frame {
        if b != 0 {
          out = append(out, b)
        }
        if block := len(out) - code; b == 0 || block == 255 && i < len(frame)-1 {
          out[code] = byte(block)
          code = len(out)
          out = append(out, 0)
        }
      }
      out[code] = byte(len(out) - code)
      return append(out, 0), nil
    `,
  };
}

const UNSTUFF_BLOCKS = code`
  // unstuff returns the frame in bytes between two zeros, or false if there is none.
  func unstuff(in []byte) ([]byte, bool) {
    frame := make([]byte, 0, len(in))
    for len(in) > 0 {
      code := int(in[0]) // The length of the block, itself included.
      if code > len(in) {
        return nil, false
      }
      frame = append(frame, in[1:code]...)
      in = in[code:]
      if code < 255 && len(in) > 0 {
        frame = append(frame, 0)
      }
    }
    return frame, true
  }
`;

/** See `stuffed`. `slip` is one of these. */
export function stuffedCode(
  framing: StuffedFraming,
  frames: Frames,
): FramingCode {
  const { end, escape, endFirst } = framing;
  return {
    ...stuffedParts({
      end,
      maxLength: 2 * frames.plan.limit.maxFrameLength,
      skipsInvalid: framing.skipsInvalid,
      got: "an escape followed by another byte",
    }, frames),
    picture: `${endFirst ? `${hexByte(end)} | ` : ""}frame with the escape ${
      hexByte(escape)
    } | ${hexByte(end)}`,
    helpers: unstuffEscapes(framing),
    encode: code`
      ${encodeLimit(frames)}
      if len(frame) == 0 {
        return nil, refuse(CodeLengthInvalid,
          "an empty frame would be passed over: expected at least 1 byte, got 0 bytes")
      }
      out := make([]byte, 0, len(frame)+${endFirst ? 2 : 1})
      ${endFirst && `out = append(out, ${goByte(end)})`}
      for _, b := range frame {
        switch b {
        ${written(framing)}
        default:
          out = append(out, b)
        }
      }
      return append(out, ${goByte(end)}), nil
    `,
  };
}

function written({ escape, written, xor }: StuffedFraming): string {
  if (xor !== undefined) {
    return code`
      case ${written.map(([byte]) => goByte(byte)).join(", ")}:
        out = append(out, ${goByte(escape)}, b^${goByte(xor)})
    `;
  }
  return written.map(([byte, as]) =>
    code`
      case ${goByte(byte)}:
        out = append(out, ${goByte(escape)}, ${goByte(as)})
    `
  ).join("\n");
}

function unstuffEscapes(framing: StuffedFraming): string {
  const { escape, written, xor, keepsUnknown } = framing;
  const read = xor !== undefined ? `b = in[i] ^ ${goByte(xor)}` : code`
    switch in[i] {
    ${
    written.map(([byte, as]) =>
      code`
        case ${goByte(as)}:
          b = ${goByte(byte)}
      `
    ).join("\n")
  }
    default:
      ${keepsUnknown ? "b = in[i]" : "return nil, false"}
    }
  `;
  return code`
    // unstuff returns the frame in bytes between two end bytes, or false if there is none.
    func unstuff(in []byte) ([]byte, bool) {
      frame := make([]byte, 0, len(in))
      for i := 0; i < len(in); i++ {
        b := in[i]
        if b == ${goByte(escape)} {
          if i++; i == len(in) {
            return nil, false
          }
          ${read}
        }
        frame = append(frame, b)
      }
      return frame, true
    }
  `;
}

function stuffedParts(
  { end, maxLength, skipsInvalid, got }: Stuffing,
  frames: Frames,
): Pick<FramingCode, "declarations" | "fields" | "onDrop" | "next"> {
  const { plan, isTracked } = frames;
  const { skips, maxFrameLength } = plan.limit;
  const length = comparable("len(frame)", maxFrameLength);
  const fail = (error: string) => frames.no(`d.fail(${error})`);
  const invalid = code`
    CodeMarkInvalid,
      "the frame is not stuffed as its format says: expected what its encoder would write, got ${got}"
  `;
  const oversized = tooLarge("MaxFrameLength");
  const refuse = (isPassedOver: boolean, error: string) =>
    isPassedOver ? `d.report(${error})\ncontinue` : fail(error);
  return {
    declarations: code`
      // maxStuffedLength is how long a frame within the limit is at most on the wire.
      const maxStuffedLength${
      maxLength > MAX_INT ? " int64" : ""
    } = ${maxLength}
    `,
    fields: [
      ["searched", "int", "how many unread bytes have no end byte"],
      ...(skips
        ? [["skipping", "bool", "whether the frame is oversized"] as const]
        : []),
    ],
    onDrop: "d.searched = 0",
    next: code`
      for {
        ${
      isTracked && (skips
        ? code`
          if !d.skipping {
            d.frameAt = d.offset
          }
        `
        : "d.frameAt = d.offset")
    }
        in := d.buf[d.start:]
        end := len(in)
        found := bytes.IndexByte(in[d.searched:], ${goByte(end)})
        if found >= 0 {
          end = d.searched + found
        }
        d.searched = end
        if ${skips && "!d.skipping && "}${
      comparable("end", maxLength)
    } > maxStuffedLength {
          ${
      skips ? `d.skipping = true\nd.report(${oversized})` : fail(oversized)
    }
        }
        if found < 0 {
          ${
      skips && code`
        if d.skipping {
          d.drop(end)
        }
      `
    }
          ${frames.no('d.wait("the byte that ends the frame")')}
        }
        ${isTracked ? takeTracked() : takeNext()}
      }
    `,
  };

  /** Without reports, an error comes before the bytes are dropped. */
  function takeNext(): string {
    return code`
      frame, ok := unstuff(in[:end])
      if !ok {
        ${fail(invalid)}
      }
      if ${length} > MaxFrameLength {
        ${fail(oversized)}
      }
      d.drop(end + 1)
      if end > 0 {
        return ${frames.own("frame")}, true, nil
      }
    `;
  }

  function takeTracked(): string {
    return code`
      d.drop(end + 1)
      ${
      skips && code`
        if d.skipping {
          d.skipping = false
          continue
        }
      `
    }
      if end == 0 {
        continue
      }
      frame, ok := unstuff(in[:end])
      if !ok {
        ${refuse(skipsInvalid, invalid)}
      }
      if ${length} > MaxFrameLength {
        ${refuse(skips, oversized)}
      }
      return ${frames.own("frame")}, true, nil
    `;
  }
}
