import type { CrcModel, FramedCrc } from "../../../codec/bytes/crc_models.ts";
import { code } from "../../code.ts";
import type { Plan, PlannedChecksum } from "../../plan.ts";
import { hexByte } from "./syntax.ts";

const names: Readonly<Record<string, string>> = {
  crc32: "sumCRC32",
  crc32c: "sumCRC32C",
  crc16Modbus: "sumCRC16Modbus",
  crc16Ccitt: "sumCRC16CCITT",
  crc16X25: "sumCRC16X25",
  crc16Xmodem: "sumCRC16XMODEM",
  xor8: "sumXOR8",
  sum8: "sum8",
  lrc8: "sumLRC8",
};

/** The checksum of bytes, as the bytes that stand behind them. */
export function checksumCall({ name }: PlannedChecksum, bytes: string): string {
  return `${names[name]}(${bytes})`;
}

/** The checksum that covers the length field, which is filled in before: if any. */
export function coveringChecksum(
  { framing, checksums }: Plan,
): PlannedChecksum | undefined {
  const isInFrame = framing.kind === "length" &&
    framing.stripBytes < framing.headerLength;
  return isInFrame ? checksums[0] : undefined;
}

/** The functions of all checksums. */
export function checksumFunctions(
  checksums: readonly PlannedChecksum[],
): string {
  if (checksums.length === 0) return "";
  const byName = new Map(checksums.map((one) => [one.name, one]));
  return code`
    // cut splits a checksum of n bytes off a frame, or what the frame has of it.
    func cut(frame []byte, n int) (content, sum []byte) {
      if n > len(frame) {
        n = len(frame)
      }
      return frame[:len(frame)-n], frame[len(frame)-n:]
    }

    ${[...byName.values()].map(checksumFunction).join("\n\n")}
  `;
}

function checksumFunction({ name, sum }: PlannedChecksum): string {
  const called = `func ${names[name]}(p []byte) []byte`;
  const comment = `// ${
    names[name]
  } returns the checksum of p as it stands behind it`;
  switch (sum) {
    case "xor":
      return bytewise(called, `${comment}: all bytes by exclusive or.`, "^=");
    case "add":
      return bytewise(called, `${comment}: the sum of all bytes.`, "+=");
    case "subtract":
      return bytewise(
        called,
        `${comment}: the negative sum of all bytes.`,
        "-=",
      );
  }
  const append = `binary.${
    sum.endian === "little" ? "Little" : "Big"
  }Endian.AppendUint${sum.width}`;
  if (sum.width === 32) {
    const table = name === "crc32" ? "IEEE" : "Castagnoli";
    return code`
      var crc32Table = crc32.MakeTable(crc32.${table})

      ${comment}.
      ${called} {
        return ${append}(nil, crc32.Checksum(p, crc32Table))
      }
    `.replaceAll("crc32Table", name === "crc32" ? "crc32Table" : "crc32cTable");
  }
  return crc16(
    `${name}Table`,
    sum,
    code`
    ${comment}.
    ${called} {
  `,
    append,
  );
}

function bytewise(called: string, comment: string, operator: string): string {
  return code`
    ${comment}
    ${called} {
      var sum byte
      for _, b := range p {
        sum ${operator} b
      }
      return []byte{sum}
    }
  `;
}

function crc16(
  table: string,
  model: FramedCrc,
  head: string,
  append: string,
): string {
  const { reflected, polynomial, xorOut } = model;
  const hex = (value: number) =>
    `0x${hexByte(value >> 8)}${hexByte(value & 255)}`;
  const result = xorOut === 0 ? "crc" : `crc^${hex(xorOut)}`;
  return code`
    var ${table} = func() (table [256]uint16) {
      for i := range table {
        crc := uint16(i)${reflected ? "" : " << 8"}
        for bit := 0; bit < 8; bit++ {
          if crc&${reflected ? "1" : "0x8000"} != 0 {
            crc = ${
    reflected
      ? `crc>>1 ^ ${hex(reflect(polynomial, model))}`
      : `crc<<1 ^ ${hex(polynomial)}`
  }
          } else {
            crc ${reflected ? ">>=" : "<<="} 1
          }
        }
        table[i] = crc
      }
      return table
    }()

    ${head}
      crc := uint16(${hex(reflect(model.initial, model))})
      for _, b := range p {
        crc = ${
    reflected
      ? `crc>>8 ^ ${table}[byte(crc)^b]`
      : `crc<<8 ^ ${table}[byte(crc>>8)^b]`
  }
      }
      return ${append}(nil, ${result})
    }
  `;
}

/** The register of a reflected CRC has its lowest bit first. */
function reflect(
  value: number,
  { reflected, width }: Pick<CrcModel, "reflected" | "width">,
): number {
  if (!reflected) return value;
  let result = 0;
  for (let bit = 0; bit < width; bit++) {
    if (value & (1 << bit)) result |= 1 << (width - 1 - bit);
  }
  return result;
}
