import { code } from "../../code.ts";
import type { VarintFraming } from "../../plan.ts";
import { headedFields, headedNext } from "./headed.ts";
import { encodeLimit } from "./limits.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { bytesOf, comparable } from "./syntax.ts";

/** From how many bytes on a length may be too large for 63 bits. */
const LONG = 9;
/** How large a length is taken for then. */
const HUGE = 2n ** 62n;

/** A length of seven bits a byte. */
export function varintCode(
  framing: VarintFraming,
  frames: Frames,
): FramingCode {
  const { encoding, maxLengthBytes } = framing;
  const most = maxLengthBytes < LONG
    ? 2n ** BigInt(7 * maxLengthBytes)
    : 2n * HUGE;
  return {
    picture: `length (${
      encoding === "zigzag" ? "zigzag LEB128" : encoding.toUpperCase()
    }, ${
      maxLengthBytes === 1 ? "1 byte" : `1 to ${bytesOf(maxLengthBytes)}`
    }) | frame`,
    declarations: "",
    fields: headedFields(frames),
    onDrop: "",
    next: headedNext(frames, {
      header: readHeader(framing, frames),
      isWide: maxLengthBytes > 4,
      most: encoding === "zigzag" ? most / 2n : most,
      start: "size",
      mostStart: maxLengthBytes,
    }),
    helpers: "",
    encode: encode(framing, frames),
  };
}

function readHeader(
  { encoding, acceptsOverlong, maxLengthBytes }: VarintFraming,
  frames: Frames,
): string {
  const isVlq = encoding === "vlq";
  const overlong = (expected: string, got: string) =>
    frames.no(code`
      d.fail(CodeVarintOverlong,
        "the length is too long in bytes: expected ${expected}, got ${got}")
    `);
  return code`
    length, size := ${maxLengthBytes > 4 ? "int64(0)" : "0"}, 0
    for i, b := range in {
      ${isVlq ? addHighest(maxLengthBytes) : addLowest(maxLengthBytes)}
      if b < 0x80 {
        size = i + 1
        break
      }
      if i == ${maxLengthBytes - 1} {
        ${overlong(`at most ${bytesOf(maxLengthBytes)}`, "more")}
      }
    }
    if size == 0 {
      ${frames.no('d.wait("a whole length")')}
    }
    ${
    !acceptsOverlong && maxLengthBytes > 1 && code`
      if size > 1 && ${isVlq ? "in[0] == 0x80" : "in[size-1] == 0"} {
        ${overlong("the shortest form of the length", "a longer")}
      }
    `
  }
    ${
    encoding === "zigzag" && code`
      if length&1 != 0 {
        ${
      frames.no(code`
        d.fail(CodeLengthInvalid,
          "the length is negative: expected at least 0, got %d", -(length+1)/2)
      `)
    }
      }
      length /= 2
    `
  }
  `;
}

/** Adds the bits of a byte to a length that began with its lowest bits. */
function addLowest(maxLengthBytes: number): string {
  const type = maxLengthBytes > 4 ? "int64" : "int";
  const add = `length |= ${type}(b&0x7f) << (7 * i)`;
  return maxLengthBytes < LONG ? add : code`
    if i < 8 {
      ${add}
    } else if b&0x7f != 0 {
      length |= 1 << 62 // More than any limit, and than any stream has.
    }
  `;
}

/** Adds the bits of a byte to a length that began with its highest bits. */
function addHighest(maxLengthBytes: number): string {
  const type = maxLengthBytes > 4 ? "int64" : "int";
  const add = `length = length<<7 | ${type}(b&0x7f)`;
  return maxLengthBytes < LONG ? add : code`
    if length > 1<<55 {
      length = 1 << 55 // It stays more than any limit, and than any stream has.
    }
    ${add}
  `;
}

function encode(
  { encoding, maxLengthBytes }: VarintFraming,
  frames: Frames,
): string {
  const bits = 7 * maxLengthBytes - (encoding === "zigzag" ? 1 : 0);
  const most = 2n ** BigInt(bits) - 1n;
  const isFieldLess = most < BigInt(frames.plan.limit.maxEncodedLength);
  return code`
    ${
    isFieldLess
      ? code`
        if ${comparable("len(frame)", most)} > ${`${most}`} {
          return nil, refuse(CodeFrameTooLarge,
            "the frame is too large for its length field: expected at most ${
        bytesOf(most)
      }, got %d bytes", len(frame))
        }
      `
      : encodeLimit(frames)
  }
    ${
    encoding === "leb128" &&
    "out := binary.AppendUvarint(nil, uint64(len(frame)))"
  }
    ${
    encoding === "zigzag" &&
    "out := binary.AppendVarint(nil, int64(len(frame)))"
  }
    ${
    encoding === "vlq" && code`
      out := []byte{byte(len(frame) & 0x7f)}
      for rest := len(frame) >> 7; rest > 0; rest >>= 7 {
        out = append([]byte{byte(rest) | 0x80}, out...)
      }
    `
  }
    return append(out, frame...), nil
  `;
}
