import { code } from "../../code.ts";
import type { Plan, PlannedChecksum } from "../../plan.ts";
import type { FramedCrc } from "../../../codec/bytes/crc_models.ts";

/** What the checksums are called in comments. */
const titles: Readonly<Record<string, string>> = {
  crc32: "CRC-32",
  crc32c: "CRC-32C",
  crc16Modbus: "CRC-16/MODBUS",
  crc16Ccitt: "CRC-16/IBM-3740",
  crc16X25: "CRC-16/X-25",
  crc16Xmodem: "CRC-16/XMODEM",
  xor8: "exclusive or of all bytes",
  sum8: "sum of all bytes",
  lrc8: "negative sum of all bytes",
};

/** The function of a checksum. */
export function sumName({ name }: PlannedChecksum): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The functions of all checksums of a plan. */
export function checksumsCode({ checksums }: Plan): string {
  const byName = new Map(checksums.map((one) => [one.name, one]));
  return [...byName.values()].map((one) => `${check(one)}\n\n${sumCode(one)}`)
    .concat(byName.size > 0 ? [hexCode] : []).join("\n\n");
}

function check(checksum: PlannedChecksum): string {
  const name = sumName(checksum);
  return code`
    /// Removes the checksum behind a frame, which must be right.
    fn check_${name}(offset: u64, mut bytes: Vec<u8>) -> Result<Vec<u8>, FrameError> {
        let end = bytes.len().saturating_sub(${checksum.length});
        let (content, got) = bytes.split_at(end);
        let expected = ${name}(content);
        if got != expected {
            let (expected, got) = (hex(&expected), hex(got));
            let message = format!("The checksum is wrong: expected {expected}, got {got}");
            return Err(ErrorCode::ChecksumMismatch.at(Some(offset), message));
        }
        bytes.truncate(end);
        Ok(bytes)
    }
  `;
}

function sumCode(checksum: PlannedChecksum): string {
  const { name, sum } = checksum;
  if (typeof sum !== "string") return crcCode(sumName(checksum), name, sum);
  const operation = {
    xor: "sum ^ byte",
    add: "sum.wrapping_add(byte)",
    subtract: "sum.wrapping_sub(byte)",
  }[sum];
  return code`
    /// The ${titles[name]!}.
    fn ${sumName(checksum)}(bytes: &[u8]) -> [u8; 1] {
        let sum = bytes.iter().fold(0_u8, |sum, &byte| ${operation});
        [sum]
    }
  `;
}

function crcCode(name: string, id: string, model: FramedCrc): string {
  const { width, reflected, endian } = model;
  const type = `u${width}`;
  const polynomial = literal(
    reflected ? reflect(model.polynomial, width) : model.polynomial,
    width,
  );
  const initial = literal(model.initial, width);
  const top = `0x80${"0".repeat(width / 4 - 2)}`;
  const index = reflected
    ? `(crc as u8) ^ byte`
    : `((crc >> ${width - 8}) as u8) ^ byte`;
  const shifted = reflected ? "(crc >> 8)" : "(crc << 8)";
  const inverted = model.xorOut === 0 ? "" : "(!crc)";
  return code`
    /// The ${titles[id]!}, in the order of the wire.
    fn ${name}(bytes: &[u8]) -> [u8; ${width / 8}] {
        let mut crc: ${type} = ${initial};
        for &byte in bytes {
            crc = ${shifted} ^ CRC_TABLE[usize::from(${index})];
        }
        ${inverted || "crc"}.to_${endian === "big" ? "be" : "le"}_bytes()
    }

    static CRC_TABLE: [${type}; 256] = crc_table();

    const fn crc_table() -> [${type}; 256] {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut crc = ${
    reflected ? `byte as ${type}` : `(byte as ${type}) << ${width - 8}`
  };
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & ${reflected ? "1" : top} == 0 {
                    crc ${reflected ? ">>" : "<<"} 1
                } else {
                    (crc ${reflected ? ">>" : "<<"} 1) ^ ${polynomial}
                };
                bit += 1;
            }
            table[byte] = crc;
            byte += 1;
        }
        table
    }
  `;
}

const hexCode = code`
  fn hex(bytes: &[u8]) -> String {
      if bytes.is_empty() {
          return "none".to_string();
      }
      bytes.iter().map(|byte| format!("{byte:02x}")).collect()
  }
`;

function literal(value: number, width: number): string {
  const digits = value.toString(16).padStart(width / 4, "0");
  return `0x${digits.replace(/^(.{4})(.{4})$/, "$1_$2")}`;
}

function reflect(value: number, width: number): number {
  let reflected = 0;
  for (let bit = 0; bit < width; bit++) {
    if (value & (1 << bit)) reflected |= 1 << (width - 1 - bit);
  }
  return reflected >>> 0;
}
