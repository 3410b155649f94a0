import { code } from "../../code.ts";
import type { Plan, VarintFraming } from "../../plan.ts";
import { readHeaded, skipState } from "./headed.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { byteCount, type FramingPart, type Scope } from "./part.ts";
import { fail } from "./refusals.ts";

/** So many bytes of seven bits each are exact in 64 bits, with room above. */
const EXACT_BYTES = 8;

/** Frames that begin with their length as a variable-length integer. */
export function varintPart(
  { limit }: Plan,
  framing: VarintFraming,
  scope: Scope,
): FramingPart {
  const { encoding, maxLengthBytes } = framing;
  const bits = 7 * maxLengthBytes - (encoding === "zigzag" ? 1 : 0);
  const longest = 2n ** BigInt(bits) - 1n;
  const canExceed = longest > BigInt(limit.maxFrameLength);
  const most = longest < BigInt(limit.maxEncodedLength)
    ? longest
    : limit.maxEncodedLength;
  const limits = limitsOf(canExceed ? limit.maxFrameLength : undefined, most);
  const order = encoding === "vlq" ? "the highest" : "the lowest";
  return {
    picture: `length (varint of at most ${
      byteCount(maxLengthBytes)
    }, ${order} bits first${encoding === "zigzag" ? ", zigzag" : ""}), content`,
    constants: code`
      ${limits.constants}

      private static final int MAX_LENGTH_BYTES = ${maxLengthBytes};
    `,
    state: skipState({ limit, canExceed }),
    read: readHeaded({
      scope,
      limit,
      canExceed,
      find: "int headerLength = findLength();",
      header: { isThere: "headerLength > 0", isMissing: "headerLength == 0" },
      parse: "long length = readLength(headerLength);",
      lengthType: "long",
      before: "headerLength",
    }),
    methods: readLength(framing),
    encode: encode(framing, limits),
  };
}

function readLength(framing: VarintFraming): string {
  const { encoding, acceptsOverlong, maxLengthBytes } = framing;
  const isLong = maxLengthBytes > EXACT_BYTES;
  const highest = encoding === "vlq"
    ? "buffer[start]"
    : "buffer[start + headerLength - 1]";
  return code`
    // Returns how many bytes the length has; 0 if it has not arrived completely.
    private int findLength() throws FrameException {
        for (int i = 0; i < unread(); i++) {
            if (buffer[start + i] >= 0) {
                return i + 1;
            }
            if (i + 1 == MAX_LENGTH_BYTES) {
                ${
    fail(
      "VARINT_OVERLONG",
      "The length is too long in bytes: expected at most {MAX_LENGTH_BYTES} bytes, got more",
    )
  }
            }
        }
        return 0;
    }

    private long readLength(int headerLength)${
    acceptsOverlong && encoding !== "zigzag" ? "" : " throws FrameException"
  } {
        ${
    !acceptsOverlong && code`
      if (headerLength > 1 && (${highest} & 0x7f) == 0) {
          ${
      fail(
        "VARINT_OVERLONG",
        "The length is too long in bytes: expected the shortest form of the length, got a longer",
      )
    }
      }
    `
  }
        long length = 0;
        for (int i = 0; i < headerLength; i++) {
            long bits = buffer[start + i] & 0x7f;
            ${encoding === "vlq" ? addHighest(isLong) : addLowest(isLong)}
        }
        ${encoding === "zigzag" ? zigzag : "return length;"}
    }
  `;
}

const zigzag = code`
  if ((length & 1) != 0) {
      ${
  fail(
    "LENGTH_INVALID",
    "The length is negative: expected at least 0, got {(-(length / 2) - 1)}",
  )
}
  }
  return length / 2;
`;

function addLowest(isLong: boolean): string {
  const exact = "length |= bits << (7 * i);";
  return !isLong ? exact : code`
    if (i < ${EXACT_BYTES}) {
        ${exact}
    } else if (bits != 0) {
        // It does not matter by how much a length is over the limit.
        length |= 1L << 62;
    }
  `;
}

function addHighest(isLong: boolean): string {
  const exact = "(length << 7) | bits";
  return !isLong ? `length = ${exact};` : code`
    // It does not matter by how much a length is over the limit.
    length = length < 1L << 55 ? ${exact} : 1L << 62;
  `;
}

function encode({ encoding }: VarintFraming, limits: Limits): string {
  const value = encoding === "zigzag" ? "2L * frame.length" : "frame.length";
  return code`
    ${limits.checkEncoded()}

    long value = ${value};
    int headerLength = 1;
    while (value >> (7 * headerLength) > 0) {
        headerLength++;
    }
    byte[] bytes = new byte[headerLength + frame.length];
    for (int i = 0; i < headerLength; i++) {
        ${
    encoding === "vlq"
      ? "long bits = (value >> (7 * (headerLength - 1 - i))) & 0x7f;"
      : "long bits = (value >> (7 * i)) & 0x7f;"
  }
        bytes[i] = (byte) (i < headerLength - 1 ? bits | 0x80 : bits);
    }
    System.arraycopy(frame, 0, bytes, headerLength, frame.length);
    return bytes;
  `;
}
