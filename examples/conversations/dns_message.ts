/** The messages of DNS, as far as a resolver needs them: RFC 1035, section 4. */

/** The types of records that can be asked for. */
export const types = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 } as const;

/** A query with the id 0, which asks the server to find the answer out. */
export function queryOf(name: string, type: number): Uint8Array {
  const labels = name.split(".").filter((label) => label !== "")
    .map((label) => new TextEncoder().encode(label));
  if (labels.some(({ length }) => length > 63)) throw new RangeError(name);
  const question = labels.flatMap((label) => [label.length, ...label]);
  const head = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.of(...head, ...question, 0, type >> 8, type & 0xff, 0, 1);
}

/** The data of the answers of a type. Throws a `RangeError` if bytes are missing. */
export function answersOf(message: Uint8Array, wanted: number): string[] {
  const answers: string[] = [];
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  let at = nameAt(view, 12)[1] + 4; // behind the head and the question
  for (let left = view.getUint16(6); left > 0; left--) {
    const [, end] = nameAt(view, at);
    const [type, length] = [view.getUint16(end), view.getUint16(end + 8)];
    at = end + 10 + length;
    if (type === wanted) answers.push(dataAt(view, type, end + 10, length));
  }
  return answers;
}

/** A name, and where it ends. The rest of a name may stand elsewhere (a pointer). */
function nameAt(view: DataView, place: number): [name: string, end: number] {
  const labels: string[] = [];
  let [at, end] = [place, 0];
  for (let steps = 0; steps < 255; steps++) {
    const length = view.getUint8(at);
    if (length === 0) return [labels.join("."), end || at + 1];
    if (length > 63) end ||= at + 2;
    else labels.push(textAt(view, at + 1, length));
    at = length > 63 ? view.getUint16(at) & 0x3fff : at + 1 + length;
  }
  throw new RangeError("The name has no end");
}

function dataAt(view: DataView, type: number, at: number, length: number) {
  const byte = (i: number) => view.getUint8(at + i);
  const group = (i: number) => view.getUint16(at + 2 * i).toString(16);
  if (type === types.CNAME) return nameAt(view, at)[0];
  if (type === types.A) return [0, 1, 2, 3].map(byte).join(".");
  if (type === types.AAAA) return [0, 1, 2, 3, 4, 5, 6, 7].map(group).join(":");
  let text = ""; // TXT: strings behind their lengths
  for (let i = 0; i < length; i += 1 + byte(i)) {
    text += textAt(view, at + i + 1, byte(i));
  }
  return text;
}

function textAt(view: DataView, at: number, length: number): string {
  const bytes = Array.from({ length }, (_, i) => view.getUint8(at + i));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
