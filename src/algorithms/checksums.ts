/** Checksums for `checksum`. They need no module of a runtime. */

import { crcChecksum, crcOf } from "../codec/bytes/crc.ts";
import {
  ccittModel,
  type FramedCrc,
  modbusModel,
  xmodemModel,
} from "../codec/bytes/crc_models.ts";
import { fcs16 } from "../codec/formats/hdlc.ts";
import type { Checksum } from "../codec/types.ts";

/**
 * CRC-16/MODBUS, low byte first: the checksum of Modbus RTU.
 *
 * Parameters: <https://reveng.sourceforge.io/crc-catalogue/16.htm>. Byte order:
 * MODBUS over Serial Line V1.02, section 2.5.1.2.
 *
 * @example The check value of the catalogue, 4B37
 * ```ts
 * import { crc16Modbus } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc16Modbus.compute(bytes), Uint8Array.of(0x37, 0x4b));
 * ```
 */
export const crc16Modbus: Checksum = checksumOf(modbusModel);

/**
 * CRC-16/IBM-3740, high byte first, which is mostly called CCITT-FALSE, and CCITT by
 * many: polynomial 1021, initial value FFFF, not reflected.
 *
 * Parameters: <https://reveng.sourceforge.io/crc-catalogue/16.htm>.
 *
 * @example The check value of the catalogue, 29B1
 * ```ts
 * import { crc16Ccitt } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc16Ccitt.compute(bytes), Uint8Array.of(0x29, 0xb1));
 * ```
 */
export const crc16Ccitt: Checksum = checksumOf(ccittModel);

/**
 * CRC-16/IBM-SDLC, low byte first: the frame check sequence of X.25, HDLC and PPP.
 *
 * Parameters: <https://reveng.sourceforge.io/crc-catalogue/16.htm>. Byte order: RFC
 * 1662, appendix C.2.
 *
 * @example The check value of the catalogue, 906E
 * ```ts
 * import { crc16X25 } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc16X25.compute(bytes), Uint8Array.of(0x6e, 0x90));
 * ```
 */
export const crc16X25: Checksum = fcs16;

/**
 * CRC-16/XMODEM, high byte first: the one of XMODEM, YMODEM and ZMODEM.
 *
 * Parameters: <https://reveng.sourceforge.io/crc-catalogue/16.htm>.
 *
 * @example The check value of the catalogue, 31C3
 * ```ts
 * import { crc16Xmodem } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc16Xmodem.compute(bytes), Uint8Array.of(0x31, 0xc3));
 * ```
 */
export const crc16Xmodem: Checksum = checksumOf(xmodemModel);

/**
 * All bytes combined by exclusive or, one byte long: the longitudinal redundancy
 * check of NMEA 0183, which writes it in two hexadecimal digits, and of many serial
 * devices.
 *
 * @example
 * ```ts
 * import { xor8 } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(xor8.compute(bytes), Uint8Array.of(0x31));
 * ```
 */
export const xor8: Checksum = bytewise((value, byte) => value ^ byte);

/**
 * The two's complement of the sum of all bytes, one byte long, so that the sum of all
 * with the checksum is 0: the longitudinal redundancy check of Modbus ASCII, which
 * writes it in two hexadecimal digits, and the checksum of Intel HEX.
 *
 * Source: MODBUS over Serial Line V1.02, section 2.5.2.2.
 *
 * @example
 * ```ts
 * import { lrc8 } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(lrc8.compute(bytes), Uint8Array.of(0x23));
 * ```
 */
export const lrc8: Checksum = bytewise((value, byte) => value - byte);

/**
 * The sum of all bytes modulo 256, one byte long.
 *
 * @example
 * ```ts
 * import { sum8 } from "@framewire/framewire/algorithms";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(sum8.compute(bytes), Uint8Array.of(0xdd));
 * ```
 */
export const sum8: Checksum = bytewise((value, byte) => value + byte);

function checksumOf(model: FramedCrc): Checksum {
  return crcChecksum(crcOf(model), model.width / 8, model.endian);
}

/** A checksum of one byte; `step` is taken modulo 256. */
function bytewise(step: (value: number, byte: number) => number): Checksum {
  return {
    length: 1,
    compute(bytes) {
      let value = 0;
      for (let i = 0; i < bytes.length; i++) {
        value = step(value, bytes[i]!) & 255;
      }
      return Uint8Array.of(value);
    },
  };
}
