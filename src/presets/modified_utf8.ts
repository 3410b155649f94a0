/**
 * Java's “modified UTF-8”: every UTF-16 unit by itself in one to three bytes, so
 * that supplementary characters are six bytes and lone surrogates can be said,
 * and U+0000 in two, so that no byte is zero.
 */

/** Makes modified UTF-8 of any text. */
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
 * Makes text of modified UTF-8. Takes what `DataInput.readUTF` takes: forms
 * longer than need be, and a zero byte, too.
 *
 * @throws {TypeError} Where a byte cannot stand where it does.
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
    // The bits of the first byte that are not its mark.
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

// By pieces: there is a limit on the number of arguments of a call.
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
