/**
 * A cyclic redundancy check by the parameters of the Rocksoft model (R. Williams,
 * “A painless guide to CRC error detection algorithms”, 1993), as catalogues list
 * them.
 */
export interface CrcModel {
  /** The number of bits: 8, 16 or 32. */
  readonly width: 8 | 16 | 32;
  /** The polynomial without its highest bit, the highest power first. */
  readonly polynomial: number;
  /** The value that the register begins with. */
  readonly initial: number;
  /** Whether bytes and the result are reflected: the lowest bit comes first. */
  readonly reflected: boolean;
  /** What is combined with the result by exclusive or. */
  readonly xorOut: number;
}

/** A CRC as frames have it: the model, and the order of its bytes. */
export interface FramedCrc extends CrcModel {
  /** The order of its bytes behind the frame. */
  readonly endian: "big" | "little";
}

// Each is written out: bundlers keep what is spread into another object, used or not.

/** The CRC-32 of Ethernet, gzip and PNG (ITU-T V.42). */
export const crc32Model: FramedCrc = {
  width: 32,
  polynomial: 0x04c11db7,
  initial: 0xffff_ffff,
  reflected: true,
  xorOut: 0xffff_ffff,
  endian: "big",
};

/** The CRC-32C of iSCSI and ext4 (Castagnoli, RFC 3720 appendix B.4). */
export const crc32cModel: FramedCrc = {
  width: 32,
  polynomial: 0x1edc6f41,
  initial: 0xffff_ffff,
  reflected: true,
  xorOut: 0xffff_ffff,
  endian: "big",
};

/** CRC-16/MODBUS. */
export const modbusModel: FramedCrc = {
  width: 16,
  polynomial: 0x8005,
  initial: 0xffff,
  reflected: true,
  xorOut: 0,
  endian: "little",
};

/** CRC-16/IBM-3740, known as CCITT with `ffff`. */
export const ccittModel: FramedCrc = {
  width: 16,
  polynomial: 0x1021,
  initial: 0xffff,
  reflected: false,
  xorOut: 0,
  endian: "big",
};

/** CRC-16/X-25: the FCS-16 of RFC 1662, appendix C.2. */
export const x25Model: FramedCrc = {
  width: 16,
  polynomial: 0x1021,
  initial: 0xffff,
  reflected: true,
  xorOut: 0xffff,
  endian: "little",
};

/** CRC-16/XMODEM. */
export const xmodemModel: FramedCrc = {
  width: 16,
  polynomial: 0x1021,
  initial: 0,
  reflected: false,
  xorOut: 0,
  endian: "big",
};
