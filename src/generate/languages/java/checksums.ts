import type { FramedCrc } from "../../../codec/bytes/crc_models.ts";
import { code } from "../../code.ts";
import type { PlannedChecksum } from "../../plan.ts";
import { octet } from "./part.ts";

/** The classes of the standard library by the names of checksums. */
const STANDARD: Readonly<Record<string, string>> = {
  crc32: "CRC32",
  crc32c: "CRC32C",
};

/** What the classes of checksums import. */
export function checksumImports(
  checksums: readonly PlannedChecksum[],
): string[] {
  return checksums.flatMap(({ name }) => {
    const standard = STANDARD[name];
    return standard === undefined ? [] : [`java.util.zip.${standard}`];
  });
}

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
  const { name, sum, length } = checksum;
  const standard = STANDARD[name];
  const hasTable = typeof sum === "object" && standard === undefined;
  return code`
    /** The checksum {@code ${name}} of a content, which stands behind it. */
    private static final class ${className(checksum)} {
        private static final int LENGTH = ${length};

        ${hasTable && "private static final int[] TABLE = makeTable();"}

        private ${className(checksum)}() {}

        /** Returns a frame of a content and its checksum. */
        static byte[] append(byte[] content) {
            byte[] frame = Arrays.copyOf(content, content.length + LENGTH);
            write(frame, 0, content.length);
            return frame;
        }

        /** Returns a frame without its checksum; null if that is wrong. */
        static byte[] remove(byte[] frame) {
            int count = frame.length - LENGTH;
            if (count < 0) {
                return null;
            }
            byte[] content = Arrays.copyOf(frame, count);
            return Arrays.equals(append(content), frame) ? content : null;
        }

        /** Writes the checksum of some bytes behind them. */
        static void write(byte[] bytes, int offset, int count) {
            ${
    typeof sum === "string" ? writeByte(sum) : writeCrc(sum, standard)
  }
        }

        ${hasTable && makeTable(sum)}
    }
  `;
}

function writeByte(sum: "xor" | "add" | "subtract"): string {
  const operator = { xor: "^", add: "+", subtract: "-" }[sum];
  return code`
    int sum = 0;
    for (int i = offset; i < offset + count; i++) {
        sum ${operator}= bytes[i];
    }
    bytes[offset + count] = (byte) sum;
  `;
}

function writeCrc(crc: FramedCrc, standard: string | undefined): string {
  const shift = crc.endian === "little" ? "8 * i" : "8 * (LENGTH - 1 - i)";
  return code`
    ${
    standard === undefined ? computeCrc(crc) : code`
      ${standard} sum = new ${standard}();
      sum.update(bytes, offset, count);
      int crc = (int) sum.getValue();
    `
  }
    for (int i = 0; i < LENGTH; i++) {
        bytes[offset + count + i] = (byte) (crc >> (${shift}));
    }
  `;
}

function computeCrc(crc: FramedCrc): string {
  const { width, initial, xorOut } = crc;
  const next = crc.reflected
    ? "(crc >>> 8) ^ TABLE[(crc ^ bytes[i]) & 0xff]"
    : `((crc << 8) ^ TABLE[((crc >>> ${width - 8}) ^ bytes[i]) & 0xff])${
      width === 32 ? "" : ` & ${hex(2 ** width - 1)}`
    }`;
  return code`
    int crc = ${hex(crc.reflected ? reflect(initial, width) : initial)};
    for (int i = offset; i < offset + count; i++) {
        crc = ${next};
    }
    ${xorOut !== 0 && `crc ^= ${hex(xorOut)};`}
  `;
}

function makeTable(crc: FramedCrc): string {
  const { width, polynomial } = crc;
  const step = crc.reflected
    ? `(crc & 1) != 0 ? (crc >>> 1) ^ ${
      hex(reflect(polynomial, width))
    } : crc >>> 1`
    : `(crc & ${hex(2 ** (width - 1))}) != 0 ? (crc << 1) ^ ${
      hex(polynomial)
    } : crc << 1`;
  const mask = crc.reflected || width === 32 ? "" : ` & ${hex(2 ** width - 1)}`;
  return code`
    private static int[] makeTable() {
        int[] table = new int[256];
        for (int value = 0; value < 256; value++) {
            int crc = value${
    crc.reflected || width === 8 ? "" : ` << ${width - 8}`
  };
            for (int bit = 0; bit < 8; bit++) {
                crc = ${step};
            }
            table[value] = crc${mask};
        }
        return table;
    }
  `;
}

function hex(value: number): string {
  return value < 256
    ? octet(value)
    : `0x${value.toString(16).padStart(4, "0")}`;
}

/** A number of `width` bits, the lowest first. */
function reflect(value: number, width: number): number {
  let reflected = 0;
  for (let bit = 0; bit < width; bit++) {
    if (value & (1 << bit)) reflected |= 1 << (width - 1 - bit);
  }
  return reflected >>> 0;
}
