/**
 * Java's “modified UTF-8”. It encodes every UTF-16 unit by itself in one to
 * three bytes, so supplementary characters take six bytes and lone surrogates
 * can be encoded. U+0000 takes two bytes, so no byte is zero.
 */

/** Encodes any text to modified UTF-8. */
export function encodeModifiedUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 * text.length);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0 && unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    if (unit < 0x800) {
      bytes[at++] = 0xc0 | unit >> 6;
    } else {
      bytes[at++] = 0xe0 | unit >> 12;
      bytes[at++] = 0x80 | unit >> 6 & 0x3f;
    }
    bytes[at++] = 0x80 | unit & 0x3f;
  }
  return bytes.subarray(0, at);
}

/**
 * Decodes modified UTF-8. Like `DataInput.readUTF`, it accepts overlong forms
 * and a zero byte.
 *
 * @throws {TypeError} If the bytes are not modified UTF-8.
 */
export function decodeModifiedUtf8(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const length = first < 0x80
      ? 1
      : first >> 5 === 0b110
      ? 2
      : first >> 4 === 0b1110
      ? 3
      : 0;
    // The payload bits of the first byte.
    let unit = length === 1 ? first : first & (0x7f >> length);
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i];
      if (next === undefined || next >> 6 !== 0b10) throw invalid(at);
      unit = unit << 6 | next & 0x3f;
    }
    if (length === 0) throw invalid(at);
    units[count++] = unit;
    at += length;
  }
  return textOf(units.subarray(0, count));
}

// In pieces, because the number of arguments of a call is limited.
function textOf(units: Uint16Array): string {
  let text = "";
  for (let at = 0; at < units.length; at += 4096) {
    text += String.fromCharCode(...units.subarray(at, at + 4096));
  }
  return text;
}

function invalid(at: number): TypeError {
  return new TypeError(`Cannot read modified UTF-8: wrong at byte ${at}`);
}
