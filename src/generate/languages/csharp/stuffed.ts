import { code } from "../../code.ts";
import type { Plan, StuffedFraming } from "../../plan.ts";
import {
  byte,
  type FramingPart,
  MAX_INT,
  maxFrameLength,
  shown,
} from "./part.ts";
import { checkEncoded, refuse } from "./refusals.ts";
import { readStuffed, stuffedState } from "./stuffed_reader.ts";

/** Frames whose bytes are escaped where they must not occur. */
export function stuffedPart(
  { limit }: Plan,
  framing: StuffedFraming,
): FramingPart {
  const { end, escape, endFirst, skipsInvalid } = framing;
  const marks = code`
    private const byte EndByte = ${byte(end)};
    private const byte EscapeByte = ${byte(escape)};
  `;
  const show = (value: number) => shown(Uint8Array.of(value));
  return {
    picture: `${endFirst ? `${show(end)}, ` : ""}content (escaped by ${
      show(escape)
    }), ${show(end)}`,
    state: code`
      ${maxFrameLength(limit.maxFrameLength, "to decode")}

      ${marks}

      ${stuffedState(limit, 2 * limit.maxFrameLength)}
    `,
    read: readStuffed(
      limit,
      skipsInvalid,
      "an escape followed by another byte",
    ),
    methods: unstuff(framing),
    reset: "_searched = 0;",
    encoderState: code`
      ${
      limit.maxEncodedLength < MAX_INT &&
      maxFrameLength(limit.maxEncodedLength, "to encode")
    }

      ${marks}
    `,
    encode: encode(framing, limit.maxEncodedLength),
    usings: ["System.IO"],
  };
}

/** The expression for a byte by its pairs, or another. */
function cases(
  pairs: readonly (readonly [number, number])[],
  otherwise: string,
): string {
  return code`
    switch (value)
    {
        ${
    pairs.map(([from, to]) => `case ${byte(from)}:\n    return ${byte(to)};`)
      .join("\n")
  }
        default:
            return ${otherwise};
    }
  `;
}

function unstuff({ written, xor, keepsUnknown }: StuffedFraming): string {
  const isKnown = xor !== undefined || keepsUnknown;
  return code`
    // Returns what was written with escapes; null if it was not written so.
    private static byte[] Unstuff(byte[] stuffed)
    {
        var content = new byte[stuffed.Length];
        int length = 0;
        for (int i = 0; i < stuffed.Length; i++)
        {
            int value = stuffed[i];
            if (value == EscapeByte)
            {
                if (++i == stuffed.Length)
                {
                    return null;
                }

                value = ${
    xor === undefined ? "Unescape(stuffed[i])" : `stuffed[i] ^ ${byte(xor)}`
  };
                ${
    !isKnown && code`
      if (value < 0)
      {
          return null;
      }

    `
  }
            }

            content[length++] = (byte)value;
        }

        Array.Resize(ref content, length);
        return content;
    }

    ${
    xor === undefined && code`
      // What a byte behind an escape stands for${
      keepsUnknown ? "" : "; -1 for nothing"
    }.
      private static int Unescape(byte value)
      {
          ${
      cases(
        written.map(([from, to]) => [to, from]),
        keepsUnknown ? "value" : "-1",
      )
    }
      }
    `
  }
  `;
}

function encode(
  { written, xor, endFirst }: StuffedFraming,
  maxEncodedLength: number,
): string {
  const isEscaped = written.map(([from]) => `value == ${byte(from)}`)
    .join(" || ");
  return code`
    ${checkEncoded(maxEncodedLength)}

    if (frame.Length == 0)
    {
        ${
    refuse(
      "LENGTH_INVALID",
      '"An empty frame would be passed over: expected at least 1 byte, got 0 bytes"',
    )
  }
    }

    var bytes = new MemoryStream(frame.Length + 2);
    ${endFirst && "bytes.WriteByte(EndByte);"}
    foreach (byte value in frame)
    {
        ${
    xor === undefined ? escapeCases(written) : code`
    if (${isEscaped})
    {
        bytes.WriteByte(EscapeByte);
        bytes.WriteByte((byte)(value ^ ${byte(xor)}));
    }
    else
    {
        bytes.WriteByte(value);
    }
  `
  }
    }

    bytes.WriteByte(EndByte);
    return bytes.ToArray();
  `;
}

function escapeCases(
  written: readonly (readonly [number, number])[],
): string {
  return code`
    switch (value)
    {
        ${
    written.map(([from, to]) =>
      code`
      case ${byte(from)}:
          bytes.WriteByte(EscapeByte);
          bytes.WriteByte(${byte(to)});
          break;
    `
    ).join("\n")
  }
        default:
            bytes.WriteByte(value);
            break;
    }
  `;
}
