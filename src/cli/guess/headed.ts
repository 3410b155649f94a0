import { parseFormat } from "../../format/parse_format.ts";
import type { Candidate } from "./candidate.ts";
import { type Cut, cutAll } from "./cut.ts";
import { uintAt } from "../../format/hints/evidence.ts";
import { costOf, type Observed } from "./observed.ts";

/**
 * The candidates whose headers are text that only they have: what the codec reads
 * cannot be by chance.
 */
export function headedCandidates(observed: Observed): Candidate[] {
  const start = textOf(observed.streams[0]?.bytes ?? new Uint8Array(0));
  const found: Candidate[] = [];
  if (/^content-(length|type) *:/i.test(start)) {
    const one = headed(
      observed,
      "content-length",
      16,
      (frames) =>
        `Each of ${frames} frames has a header with Content-Length, and the next header stands where it says`,
    );
    if (one !== undefined) found.push(one);
  }
  if (/^(0|[1-9]\d*):/.test(start)) {
    const one = headed(
      observed,
      "netstring",
      1,
      (frames) =>
        `Each of ${frames} frames has its length in digits before a colon, and a comma stands where it says`,
    );
    if (one !== undefined) found.push(one);
  }
  return [...found, ...jsonHeaders(observed)];
}

/** A format whose frames have more bytes than their content, of which each is known. */
function headed(
  observed: Observed,
  expression: string,
  least: number,
  sentence: (frames: number) => string,
): Candidate | undefined {
  const cut = cutAll(parseFormat(expression), observed.streams);
  if (cut === undefined || cut.frames === 0) return undefined;
  const bits = overheadBits(observed, cut, least) + endBits(observed, cut);
  return {
    expression,
    bits,
    evidence: [sentence(cut.frames)],
    isSure: bits >= 48,
  };
}

/** What the bytes around the contents are worth, without the lengths in them. */
function overheadBits(observed: Observed, cut: Cut, least: number): number {
  let bits = 0;
  cut.places.forEach(({ stream, start, end }, i) => {
    const { bytes } = observed.streams[stream]!;
    const content = cut.values[i];
    if (!(content instanceof Uint8Array)) return;
    const header = end - start - content.length;
    const cost = costOf(observed, bytes, start, start + header);
    bits += Math.max(least, cost - Math.log2(content.length + 2) - 2);
  });
  return bits;
}

/** Whether the bytes end with a frame. */
function endBits({ total }: Observed, { frames, left }: Cut): number {
  return left === 0 ? Math.log2(total / frames + 1) : 0;
}

/** A length, JSON of that length, and a body of the length that it says. */
function jsonHeaders(observed: Observed): Candidate[] {
  const { bytes = new Uint8Array(0) } = observed.streams[0] ?? {};
  if (bytes.length < 8 || bytes[4] !== 0x7b) return [];
  return [false, true].flatMap((littleEndian) => {
    const length = uintAt(bytes, 0, 4, littleEndian);
    if (length > 8_192) return [];
    const header = bytes.subarray(4, 4 + length);
    return keysOf(textOf(header)).flatMap((key) => {
      const options = [];
      if (littleEndian) options.push("little");
      if (key !== "length") options.push(`lengthKey=${JSON.stringify(key)}`);
      const list = options.length === 0 ? "" : `(${options.join(", ")})`;
      const expression = `json-header${list}`;
      const cut = cutAll(parseFormat(expression), observed.streams);
      if (cut === undefined || cut.frames === 0) return [];
      return [{
        expression,
        // Each header is JSON, and each body has the length that it says.
        bits: cut.frames * 40 + endBits(observed, cut) +
          (key === "length" ? 1 : 0),
        evidence: [
          `Each of ${cut.frames} frames has a header in JSON behind its length, and its ${
            JSON.stringify(key)
          } leads to the next one`,
        ],
        isSure: true,
      }];
    });
  });
}

/** The keys of whole numbers in an object of JSON. */
function keysOf(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value)
      .filter(([, one]) => Number.isSafeInteger(one) && Number(one) >= 0)
      .map(([key]) => key)
      .filter((key) => /^[\w-]{1,40}$/.test(key))
      .slice(0, 8);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** The first bytes, a character for each. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 8_192));
}
