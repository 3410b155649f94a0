import type { Codec, CodecDescription } from "./types.ts";

/** The names of the options that many codecs have. */
export const limitNames: readonly string[] = [
  "maxFrameLength",
  "maxEncodedLength",
  "onOversize",
  "onSkip",
];
export const recoveryNames: readonly string[] = ["onInvalid", "onSkip"];

/**
 * Refuses options that a codec does not have, and describes the codec.
 *
 * @param kind The function that makes the codec.
 * @param names The names of all its options.
 * @throws {TypeError} If there is no option of a name. It names the nearest one.
 */
export function describeCodec(
  kind: string,
  options: object,
  names: readonly string[],
): CodecDescription {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) throw noSuchOption(kind, name, names);
    if (name !== "onSkip" && value !== undefined) given[name] = value;
  }
  return { kind, options: given };
}

/**
 * The same for a codec that is laid over another one. If that has no description,
 * neither has this one.
 *
 * @param positional What it was given before its options, by the names of its
 * parameters.
 */
export function describeView(
  kind: string,
  over: Pick<Codec<never, unknown>, "description">,
  positional: Readonly<Record<string, unknown>>,
  options: object,
  names: readonly string[],
): CodecDescription | undefined {
  const given = describeCodec(kind, options, names);
  const { description } = over;
  return description && {
    kind,
    options: { ...positional, ...given.options },
    over: description,
  };
}

function noSuchOption(
  kind: string,
  name: string,
  names: readonly string[],
): TypeError {
  const nearest = nearestOf(name, names);
  return new TypeError(
    `Cannot use ${name}: ${kind} has no such option${
      nearest === undefined ? "" : `, did you mean ${nearest}?`
    }`,
  );
}

/** The name that is nearest to another, where one is near. */
export function nearestOf(
  name: string,
  names: Iterable<string>,
): string | undefined {
  const given = name.toLowerCase();
  let nearest: string | undefined;
  // A third of the letters may be others.
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const other = candidate.toLowerCase();
    const isPart = given.length > 2 && other.length > 2 &&
      (given.startsWith(other) || other.startsWith(given));
    const distance = isPart ? 1 : editDistance(given, other);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1);
    }
    row = next;
  }
  return row[b.length]!;
}
