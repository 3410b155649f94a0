/** Stands for a character that GBK does not have: a question mark. */
const UNKNOWN = [0x3f];

let table: ReadonlyMap<string, readonly number[]> | undefined;

/**
 * Writes text in GBK, which no runtime does by itself; what GBK does not have
 * becomes `?`. That is GBK as Python's `gbk` has it, for every character.
 */
export function encodeGbk(text: string): Uint8Array {
  table ??= makeTable();
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...table.get(character) ?? UNKNOWN);
  }
  return Uint8Array.from(bytes);
}

/** The inverse of the runtime's decoder, for all pairs of bytes. */
function makeTable(): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder("gbk");
  const pairs = new Map<string, readonly number[]>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue;
      if (isBeyondGbk(lead << 8 | trail)) continue;
      const character = decoder.decode(Uint8Array.of(lead, trail));
      const whole = [...character].length === 1 && character !== "\ufffd";
      // Implementations differ in the private use area.
      if (whole && !/\p{Co}/u.test(character) && !pairs.has(character)) {
        pairs.set(character, [lead, trail]);
      }
    }
  }
  return pairs;
}

/**
 * The decoders of runtimes for GBK read GB 18030, which has more pairs of bytes.
 * These are the first and the last of each range that GBK does not have.
 */
const BEYOND_GBK = [
  [0xa2e3, 0xa2e3], // the euro sign
  [0xa6d9, 0xa6df], // vertical forms
  [0xa6ec, 0xa6ed],
  [0xa6f3, 0xa6f3],
  [0xa8bc, 0xa8bc],
  [0xa8bf, 0xa8bf],
  [0xa989, 0xa995], // ideographic description
  [0xfe50, 0xfea0], // ideographs and their components
] as const;

function isBeyondGbk(pair: number): boolean {
  return BEYOND_GBK.some(([first, last]) => pair >= first && pair <= last);
}
