/** Bytes and the text that they are in an encoding. */
export interface ByteText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Whether bytes are UTF-8, except for a character that may be cut off at the end. */
export function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/**
 * The first characters beyond ASCII of a text in GBK, if all of them are among the
 * 3,755 most used ones of GB 2312 (rows b0 to d7) or its punctuation (a1 and a3).
 */
export function doubleByteText(bytes: Uint8Array): ByteText | undefined {
  let count = 0;
  for (const run of highRuns(bytes)) {
    for (let i = run.from; i < run.to; i += 2) {
      const lead = bytes[i]!;
      // The last character may be cut off.
      if (i + 1 === bytes.length) break;
      const trail = bytes[i + 1]!;
      const isUsed = lead >= 0xb0 && lead <= 0xd7 || lead === 0xa1 ||
        lead === 0xa3;
      if (i + 1 >= run.to || !isUsed || trail < 0xa1 || trail > 0xfe) {
        return undefined;
      }
      if (lead >= 0xb0) count++;
    }
  }
  if (count < 2) return undefined;
  const [{ from, to } = { from: 0, to: 0 }] = highRuns(bytes);
  const first = bytes.subarray(from, Math.min(to, from + 8));
  return { bytes: first, text: new TextDecoder("gbk").decode(first) };
}

/**
 * Whether all bytes beyond ASCII are letters of Latin-1 that stand alone beside a
 * letter of ASCII, and the rest is text.
 */
export function isLatin1(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 0x20 && (byte < 0x09 || byte > 0x0d))) {
    return false;
  }
  return highRuns(bytes).every(({ from, to }) => {
    const byte = bytes[from]!;
    const isLetter = byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7;
    return to - from === 1 && isLetter &&
      (isAsciiLetter(bytes[from - 1]) || isAsciiLetter(bytes[to]));
  });
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/** The runs of bytes beyond ASCII. */
function highRuns(bytes: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < bytes.length; from++) {
    if (bytes[from]! < 0x80) continue;
    let to = from;
    while (to < bytes.length && bytes[to]! >= 0x80) to++;
    runs.push({ from, to });
    from = to;
  }
  return runs;
}

function isAsciiLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte < 0x80 &&
    /[A-Za-z]/.test(String.fromCharCode(byte));
}
