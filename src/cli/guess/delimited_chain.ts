import { type Chain, followAll } from "./candidate.ts";
import type { Observed } from "./observed.ts";
import type { Sample } from "./types.ts";

/** The pieces between delimiters. What is behind the last one is cut off. */
export function followDelimited(
  observed: Observed,
  delimiter: readonly number[],
): Chain[] | undefined {
  return followAll(observed, (stream) => follow(stream, delimiter));
}

function follow(
  { bytes }: Sample,
  delimiter: readonly number[],
): Chain {
  const starts: number[] = [];
  const lengths: number[] = [];
  const [first = 0, ...others] = delimiter;
  let at = 0;
  for (let found = bytes.indexOf(first); found >= 0;) {
    const begins = found;
    if (others.every((byte, i) => bytes[begins + 1 + i] === byte)) {
      starts.push(at);
      lengths.push(found - at);
      at = found + delimiter.length;
      found = bytes.indexOf(first, at);
    } else found = bytes.indexOf(first, found + 1);
  }
  const whole = starts.length;
  const isCut = at < bytes.length;
  if (isCut) starts.push(at);
  return { bytes, starts, lengths, end: bytes.length, whole, isCut };
}

/** Whether the bytes end with a delimiter, as a sentence. */
export function endsEvidence(chains: readonly Chain[]): string[] {
  return chains.every(({ isCut }) => !isCut)
    ? ["The bytes end with the end of a frame"]
    : [];
}
