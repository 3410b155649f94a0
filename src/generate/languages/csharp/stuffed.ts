import { code } from "../../code.ts";
import type { Limit, Plan, StuffedFraming } from "../../plan.ts";
import {
  byte,
  type FramingPart,
  MAX_INT,
  maxFrameLength,
  shown,
  typeOf,
} from "./part.ts";
import {
  checkEncoded,
  checkTruncated,
  fail,
  refuse,
  report,
  tooLarge,
} from "./refusals.ts";

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

/** The state of the decoder of frames that end with a byte. */
export function stuffedState(limit: Limit, maxStuffedLength: number): string {
  return code`
    // The maximum length on the wire.
    private const ${
    typeOf(maxStuffedLength)
  } MaxStuffedLength = ${maxStuffedLength};

    // How many of the unread bytes have no end byte.
    private int _searched;
    ${
    limit.skips && code`

      // Whether the bytes up to the next end byte are passed over.
      private bool _skipping;
    `
  }
  `;
}

/** The statements that read a frame which ends with a byte. */
export function readStuffed(
  { skips }: Limit,
  skipsInvalid: boolean,
  invalid: string,
): string {
  const message =
    `"The frame is not stuffed as its format says: expected what its encoder would write, got ${invalid}"`;
  return code`
    while (true)
    {
        ${
    skips
      ? code`
        if (!_skipping)
        {
            _frameOffset = _offset;
        }

      `
      : "_frameOffset = _offset;"
  }
        int end = Array.IndexOf(_buffer, EndByte, _start + _searched, Unread - _searched);
        _searched = (end < 0 ? _end : end) - _start;
        if (${skips ? "!_skipping && " : ""}_searched > MaxStuffedLength)
        {
            ${
    skips
      ? `_skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }

        if (end < 0)
        {
            ${
    skips && code`
      if (_skipping)
      {
          Skip(_searched);
      }

    `
  }
            break;
        }

        ${
    skips && code`
      if (_skipping)
      {
          _skipping = false;
          Skip(_searched + 1);
          continue;
      }

    `
  }
        byte[] stuffed = Take(_searched);
        Skip(1);
        if (stuffed.Length == 0)
        {
            continue; // It ends no frame.
        }

        byte[] unstuffed = Unstuff(stuffed);
        if (unstuffed == null)
        {
            ${
    skipsInvalid
      ? `${report("MARK_INVALID", message)}\ncontinue;`
      : fail("MARK_INVALID", message)
  }
        }

        if (unstuffed.Length > MaxFrameLength)
        {
            ${
    skips
      ? `${report("FRAME_TOO_LARGE", tooLarge("unstuffed.Length"))}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge("unstuffed.Length"))
  }
        }

        frame = unstuffed;
        return true;
    }

    ${checkTruncated(skips)}
  `;
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
