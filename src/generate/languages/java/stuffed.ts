import { code } from "../../code.ts";
import type { Plan, StuffedFraming } from "../../plan.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { byte, type FramingPart, octet, shown } from "./part.ts";
import { refuse } from "./refusals.ts";
import {
  findEnd,
  readStuffed,
  stuffedLimit,
  stuffedState,
} from "./stuffed_reader.ts";

/** Frames whose bytes are escaped where they must not occur. */
export function stuffedPart(
  { limit }: Plan,
  framing: StuffedFraming,
): FramingPart {
  const { end, escape, endFirst, skipsInvalid } = framing;
  const limits = limitsOf(limit.maxFrameLength, limit.maxEncodedLength);
  const show = (value: number) => shown(Uint8Array.of(value));
  return {
    picture: `${endFirst ? `${show(end)}, ` : ""}content (escaped by ${
      show(escape)
    }), ${show(end)}`,
    constants: code`
      ${limits.constants}

      private static final byte END_BYTE = ${byte(end)};
      private static final byte ESCAPE_BYTE = ${byte(escape)};

      ${stuffedLimit(2 * limit.maxFrameLength)}
    `,
    state: stuffedState(limit),
    read: readStuffed(
      limit,
      skipsInvalid,
      "an escape followed by another byte",
    ),
    methods: `${findEnd}\n\n${unstuff(framing)}`,
    reset: "searched = 0;",
    encode: encode(framing, limits),
    imports: ["java.io.ByteArrayOutputStream"],
  };
}

function unstuff({ written, xor, keepsUnknown }: StuffedFraming): string {
  const isKnown = xor !== undefined || keepsUnknown;
  return code`
    // Returns what was written with escapes; null if it was not written so.
    private static byte[] unstuff(byte[] stuffed) {
        byte[] content = new byte[stuffed.length];
        int length = 0;
        for (int i = 0; i < stuffed.length; i++) {
            int value = stuffed[i];
            if (value == ESCAPE_BYTE) {
                i++;
                if (i == stuffed.length) {
                    return null;
                }
                value = ${
    xor === undefined ? "unescape(stuffed[i])" : `stuffed[i] ^ ${octet(xor)}`
  };
                ${
    !isKnown && code`
      if (value < 0) {
          return null;
      }
    `
  }
            }
            content[length] = (byte) value;
            length++;
        }
        return Arrays.copyOf(content, length);
    }

    ${
    xor === undefined && code`
      // Returns what a byte behind an escape stands for${
      keepsUnknown ? "" : "; -1 for nothing"
    }.
      private static int unescape(byte value) {
          switch (value & 0xff) {
              ${
      written.map(([from, to]) =>
        `case ${octet(to)}:\n    return ${octet(from)};`
      ).join("\n")
    }
              default:
                  return ${keepsUnknown ? "value" : "-1"};
          }
      }
    `
  }
  `;
}

function encode(
  { written, xor, endFirst }: StuffedFraming,
  limits: Limits,
): string {
  return code`
    ${limits.checkEncoded()}
    if (frame.length == 0) {
        ${
    refuse(
      "LENGTH_INVALID",
      "An empty frame would be passed over: expected at least 1 byte, got 0 bytes",
    )
  }
    }

    ByteArrayOutputStream bytes = new ByteArrayOutputStream(frame.length + 2);
    ${endFirst && "bytes.write(END_BYTE);"}
    for (byte value : frame) {
        switch (value & 0xff) {
            ${xor === undefined ? escapeEach(written) : escapeAll(written, xor)}
            default:
                bytes.write(value);
                break;
        }
    }
    bytes.write(END_BYTE);
    return bytes.toByteArray();
  `;
}

function escapeEach(written: StuffedFraming["written"]): string {
  return written.map(([from, to]) =>
    code`
    case ${octet(from)}:
        bytes.write(ESCAPE_BYTE);
        bytes.write(${octet(to)});
        break;
  `
  ).join("\n");
}

function escapeAll(written: StuffedFraming["written"], xor: number): string {
  return code`
    ${written.map(([from]) => `case ${octet(from)}:`).join("\n")}
        bytes.write(ESCAPE_BYTE);
        bytes.write(value ^ ${octet(xor)});
        break;
  `;
}
