/** The bytes of what GBK does not have: a question mark. */
const UNKNOWN = [0x3f];

let table: ReadonlyMap<string, readonly number[]> | undefined;

/**
 * Writes text in GBK, which no runtime does by itself; what GBK does not have
 * becomes `?`.
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

/** What the runtime's decoder makes of each pair of bytes, the other way round. */
function makeTable(): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder("gbk");
  const pairs = new Map<string, readonly number[]>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue;
      const character = decoder.decode(Uint8Array.of(lead, trail));
      const whole = [...character].length === 1 && character !== "\ufffd";
      if (whole && !pairs.has(character)) pairs.set(character, [lead, trail]);
    }
  }
  return pairs;
}
