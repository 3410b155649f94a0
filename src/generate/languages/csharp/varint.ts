import { code } from "../../code.ts";
import type { Plan, VarintFraming } from "../../plan.ts";
import { readHeaded, skipState } from "./headed.ts";
import {
  byteCount,
  type FramingPart,
  MAX_INT,
  maxFrameLength,
  type Scope,
} from "./part.ts";
import { checkEncoded, fail } from "./refusals.ts";

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
  const order = encoding === "vlq" ? "the highest" : "the lowest";
  return {
    picture: `length (varint of at most ${
      byteCount(maxLengthBytes)
    }, ${order} bits first${encoding === "zigzag" ? ", zigzag" : ""}), content`,
    state: code`
      ${canExceed && maxFrameLength(limit.maxFrameLength, "to decode")}

      private const int MaxLengthBytes = ${maxLengthBytes};

      ${skipState({ limit, canExceed })}
    `,
    read: readHeaded({
      scope,
      limit,
      canExceed,
      header: {
        isThere: "TryReadLength(out int headerLength, out long length)",
        isMissing: "!TryReadLength(out int headerLength, out long length)",
      },
      lengthType: "long",
      before: "headerLength",
    }),
    methods: readLength(framing),
    encoderState: most >= MAX_INT ? "" : maxFrameLength(most, "to encode"),
    encode: encode(framing, most),
  };
}

function readLength(framing: VarintFraming): string {
  const { encoding, acceptsOverlong, maxLengthBytes } = framing;
  const isLong = maxLengthBytes > EXACT_BYTES;
  const highest = encoding === "vlq" ? "_buffer[_start]" : "next";
  return code`
    // Reads the length at the beginning of a frame; false if it has not arrived completely.
    private bool TryReadLength(out int headerLength, out long length)
    {
        length = 0;
        for (headerLength = 1; headerLength <= Unread; headerLength++)
        {
            byte next = _buffer[_start + headerLength - 1];
            ${encoding === "vlq" ? addHighest(isLong) : addLowest(isLong)}
            if (next < 0x80)
            {
                ${
    !acceptsOverlong && code`
      if (headerLength > 1 && (${highest} & 0x7f) == 0)
      {
          ${
      fail(
        "VARINT_OVERLONG",
        '"The length is too long in bytes: expected the shortest form of the length, got a longer"',
      )
    }
      }
    `
  }

                ${encoding === "zigzag" && zigzag}
                return true;
            }

            if (headerLength == MaxLengthBytes)
            {
                ${
    fail(
      "VARINT_OVERLONG",
      '$"The length is too long in bytes: expected at most {MaxLengthBytes} bytes, got more"',
    )
  }
            }
        }

        return false;
    }
  `;
}

const zigzag = code`
  if ((length & 1) != 0)
  {
      ${
  fail(
    "LENGTH_INVALID",
    '$"The length is negative: expected at least 0, got {-(length / 2) - 1}"',
  )
}
  }

  length /= 2;
`;

function addLowest(isLong: boolean): string {
  const exact = "length |= (next & 0x7fL) << (7 * (headerLength - 1));";
  return !isLong ? exact : code`
    if (headerLength <= ${EXACT_BYTES})
    {
        ${exact}
    }
    else if ((next & 0x7f) != 0)
    {
        // It does not matter by how much a length is over the limit.
        length |= 1L << 62;
    }

  `;
}

function addHighest(isLong: boolean): string {
  const exact = "(length << 7) | (next & 0x7fL)";
  return !isLong ? `length = ${exact};` : code`
    // It does not matter by how much a length is over the limit.
    length = length < 1L << 55 ? ${exact} : 1L << 62;
  `;
}

function encode(
  { encoding }: VarintFraming,
  most: number | bigint,
): string {
  const value = encoding === "zigzag" ? "2L * frame.Length" : "frame.Length";
  const size = code`
    long value = ${value};
    int headerLength = 1;
    while (value >> (7 * headerLength) > 0)
    {
        headerLength++;
    }
  `;
  return code`
    ${checkEncoded(most)}

    ${size}

    var bytes = new byte[headerLength + frame.Length];
    for (int i = 0; i < headerLength; i++)
    {
        ${
    encoding === "vlq"
      ? "int bits = (int)(value >> (7 * (headerLength - 1 - i))) & 0x7f;"
      : "int bits = (int)(value >> (7 * i)) & 0x7f;"
  }
        bytes[i] = (byte)(i < headerLength - 1 ? bits | 0x80 : bits);
    }

    Buffer.BlockCopy(frame, 0, bytes, headerLength, frame.Length);
    return bytes;
  `;
}
