import type { FramedCrc } from "../../../codec/bytes/crc_models.ts";
import { code } from "../../code.ts";
import type { PlannedChecksum } from "../../plan.ts";

/** The functions of checksums, each once, and the modules that they need. */
export function checksumFunctions(
  checksums: readonly PlannedChecksum[],
): { readonly functions: string; readonly imports: readonly string[] } {
  const different = new Map(checksums.map((one) => [one.name, one]));
  const parts = [...different.values()].map(functionOf);
  const needsTable = parts.some(({ text }) => text.includes("_crc_table("));
  return {
    functions: [
      ...needsTable ? [crcTable] : [],
      ...parts.map(({ text }) => text),
    ].join("\n\n\n"),
    imports: parts.flatMap(({ module }) => module ?? []),
  };
}

/** The name of the function of a checksum. */
export function checksumName(name: string): string {
  return `_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

interface ChecksumFunction {
  readonly text: string;
  readonly module?: string;
}

function functionOf({ name, sum }: PlannedChecksum): ChecksumFunction {
  const define = (body: string, before = "") =>
    code`
      ${before}


      def ${checksumName(name)}(data: bytes) -> bytes:
          ${body}
    `.trimStart();
  switch (sum) {
    case "xor":
      return {
        text: define(code`
          value = 0
          for byte in data:
              value ^= byte
          return bytes([value])
        `),
      };
    case "add":
      return { text: define("return bytes([sum(data) & 0xFF])") };
    case "subtract":
      return { text: define("return bytes([-sum(data) & 0xFF])") };
    default:
      return crcFunction(sum, define);
  }
}

function crcFunction(
  crc: FramedCrc,
  define: (body: string, before?: string) => string,
): ChecksumFunction {
  const { width, polynomial, reflected, initial, xorOut, endian } = crc;
  const bytes = `.to_bytes(${width / 8}, "${endian}")`;
  if (reflected && polynomial === 0x04c11db7) {
    return { text: define(`return zlib.crc32(data)${bytes}`), module: "zlib" };
  }
  if (!reflected) {
    // All that are not reflected have the polynomial of `crc_hqx`.
    return {
      text: define(`return binascii.crc_hqx(data, ${hex(initial)})${bytes}`),
      module: "binascii",
    };
  }
  const result = xorOut === 0 ? "crc" : `(crc ^ ${hex(xorOut)})`;
  return {
    text: define(
      code`
        crc = ${hex(initial)}
        for byte in data:
            crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
        return ${result}${bytes}
      `,
      `_CRC_TABLE = _crc_table(${hex(reflect(polynomial, width))})`,
    ),
  };
}

const crcTable = code`
  def _crc_table(polynomial: int) -> list[int]:
      table: list[int] = []
      for byte in range(256):
          value = byte
          for _ in range(8):
              value = value >> 1 ^ (polynomial if value & 1 else 0)
          table.append(value)
      return table
`;

function reflect(value: number, width: number): number {
  let reflected = 0;
  for (let bit = 0; bit < width; bit++) {
    reflected = reflected * 2 + (value >>> bit & 1);
  }
  return reflected;
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
