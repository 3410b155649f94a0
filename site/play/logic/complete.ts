import type { Vocabulary } from "../protocol.ts";

/** What can stand at a place of an expression. */
export interface Completion {
  /** What is replaced: from here to the caret. */
  readonly from: number;
  readonly words: readonly string[];
}

/** The limit is no stage, and stands where one does. */
const LIMIT = "max ";

/** What can be written at the caret: stages, options, and their words. */
export function complete(
  text: string,
  caret: number,
  vocabulary: readonly Vocabulary[],
): Completion {
  const before = text.slice(0, caret);
  const word = /[A-Za-z][\w:-]*$/.exec(before)?.[0] ?? "";
  const from = caret - word.length;
  const place = placeOf(before.slice(0, from));
  const found = place === undefined ? [] : wordsAt(place, vocabulary);
  const typed = word.toLowerCase();
  const rank = (name: string) => {
    const at = name.toLowerCase().indexOf(typed);
    // What begins with it comes first, and a preset by its own name.
    return at < 0 ? -1 : at === 0 || name[at - 1] === ":" ? 0 : 1;
  };
  const words = found
    .filter((name) => rank(name) >= 0 && name !== word)
    .sort((a, b) => rank(a) - rank(b));
  return { from, words };
}

/** Where in an expression something can stand. */
interface Place {
  /** How many stages stand before. */
  readonly index: number;
  /** Within the brackets of which stage. */
  readonly stage?: string;
  /** Behind the `=` of which option. */
  readonly option?: string;
}

/** The place behind a text; `undefined` within strings, lists and objects. */
function placeOf(before: string): Place | undefined {
  const bare = before.replace(/"(?:[^"\\]|\\.)*"/g, "0");
  // A string that has no end yet.
  if (bare.includes('"')) return undefined;
  const stages = bare.split("|");
  const last = stages.at(-1)!;
  const index = stages.length - 1;
  const open = /^\s*([\w:-]+)\s*\(([^)]*)$/.exec(last);
  if (open === null) return /^\s*$/.test(last) ? { index } : undefined;
  const [, stage = "", inner = ""] = open;
  if (/[[{][^\]}]*$/.test(inner)) return undefined;
  const option = /([\w-]+)\s*=\s*$/.exec(inner)?.[1];
  if (option !== undefined) return { index, stage, option };
  return /(^|,)\s*$/.test(inner) ? { index, stage } : undefined;
}

function wordsAt(
  { index, stage, option }: Place,
  vocabulary: readonly Vocabulary[],
): string[] {
  if (stage === undefined) {
    const names = vocabulary.filter(({ isView }) => isView === index > 0)
      .map(({ name }) => name);
    return index > 0 ? [...names, LIMIT] : names;
  }
  const known = vocabulary.find(({ name }) => name === stage);
  if (known === undefined) return [];
  if (option !== undefined) {
    return [...known.options.find(([name]) => name === option)?.[1] ?? []];
  }
  return [
    ...known.words,
    ...known.options.map(([name, words]) =>
      words[0] === "true" ? name : `${name}=`
    ),
  ];
}
