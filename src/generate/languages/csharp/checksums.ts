import type { FramedCrc } from "../../../codec/bytes/crc_models.ts";
import { code } from "../../code.ts";
import type { PlannedChecksum } from "../../plan.ts";
import { byte } from "./part.ts";

/** The name of the class of a checksum. */
export function className({ name }: PlannedChecksum): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}

/** The classes of checksums, one for each kind. */
export function checksumClasses(
  checksums: readonly PlannedChecksum[],
): string {
  const byName = new Map(checksums.map((one) => [className(one), one]));
  return [...byName.values()].map(checksumClass).join("\n\n");
}

function checksumClass(checksum: PlannedChecksum): string {
  const { sum, length } = checksum;
  const isCrc = typeof sum === "object";
  return code`
    /// <summary>The checksum <c>${checksum.name}</c> of a content, which stands behind it.</summary>
    internal static class ${className(checksum)}
    {
        private const int Length = ${length};

        ${isCrc && "private static readonly uint[] Table = MakeTable();"}

        /// <summary>Returns a frame of a content and its checksum.</summary>
        public static byte[] Append(byte[] content)
        {
            byte[] frame = content;
            Array.Resize(ref frame, content.Length + Length);
            Write(frame, 0, content.Length);
            return frame;
        }

        /// <summary>Removes the checksum from a frame; false if it is wrong.</summary>
        public static bool TryRemove(ref byte[] frame)
        {
            int count = frame.Length - Length;
            if (count < 0)
            {
                return false;
            }

            var expected = (byte[])frame.Clone();
            Write(expected, 0, count);
            for (int i = count; i < frame.Length; i++)
            {
                if (frame[i] != expected[i])
                {
                    return false;
                }
            }

            Array.Resize(ref frame, count);
            return true;
        }

        /// <summary>Writes the checksum of some bytes behind them.</summary>
        public static void Write(byte[] bytes, int offset, int count)
        {
            ${isCrc ? writeCrc(sum) : writeByte(sum)}
        }

        ${isCrc && makeTable(sum)}
    }
  `;
}

function writeByte(sum: "xor" | "add" | "subtract"): string {
  const operator = { xor: "^", add: "+", subtract: "-" }[sum];
  return code`
    int sum = 0;
    for (int i = offset; i < offset + count; i++)
    {
        sum ${operator}= bytes[i];
    }

    bytes[offset + count] = (byte)sum;
  `;
}

function writeCrc(crc: FramedCrc): string {
  const { width, initial, xorOut, endian } = crc;
  const next = crc.reflected
    ? "(crc >> 8) ^ Table[(crc ^ bytes[i]) & 0xff]"
    : width === 32
    ? "(crc << 8) ^ Table[(crc >> 24) ^ bytes[i]]"
    : `((crc << 8) ^ Table[((crc >> ${width - 8}) ^ bytes[i]) & 0xff]) & ${
      hex(2 ** width - 1)
    }`;
  const shift = endian === "little" ? "8 * i" : "8 * (Length - 1 - i)";
  return code`
    uint crc = ${hex(crc.reflected ? reflect(initial, width) : initial)};
    for (int i = offset; i < offset + count; i++)
    {
        crc = ${next};
    }

    ${xorOut !== 0 && `crc ^= ${hex(xorOut)};`}
    for (int i = 0; i < Length; i++)
    {
        bytes[offset + count + i] = (byte)(crc >> (${shift}));
    }
  `;
}

function makeTable(crc: FramedCrc): string {
  const { width, polynomial } = crc;
  const step = crc.reflected
    ? `(crc & 1) != 0 ? (crc >> 1) ^ ${
      hex(reflect(polynomial, width))
    } : crc >> 1`
    : `(crc & ${hex(2 ** (width - 1))}) != 0 ? (crc << 1) ^ ${
      hex(polynomial)
    } : crc << 1`;
  const mask = crc.reflected || width === 32 ? "" : ` & ${hex(2 ** width - 1)}`;
  return code`
    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value${
    crc.reflected || width === 8 ? "" : ` << ${width - 8}`
  };
            for (int bit = 0; bit < 8; bit++)
            {
                crc = ${step};
            }

            table[value] = crc${mask};
        }

        return table;
    }
  `;
}

function hex(value: number): string {
  return value < 256 ? byte(value) : `0x${value.toString(16).padStart(4, "0")}`;
}

/** A number of `width` bits, the lowest first. */
function reflect(value: number, width: number): number {
  let reflected = 0;
  for (let bit = 0; bit < width; bit++) {
    if (value & (1 << bit)) reflected |= 1 << (width - 1 - bit);
  }
  return reflected >>> 0;
}
