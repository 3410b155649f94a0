import { isAddress } from "../addresses.ts";
import { EXIT } from "../errors.ts";
import { guessFormats } from "../guess/guess_formats.ts";
import { guessText } from "../guess/guess_text.ts";
import type { GuessResult } from "../guess/types.ts";
import type { Program, Verb } from "../program.ts";
import { type DirectedSample, heardFrom, samplesOf } from "../samples.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { paint } from "../terminal/palette.ts";

/** How long a peer is listened to. */
const LISTENED_MS = 5_000;

/** What the bytes of one direction, or of both, can be. */
interface DirectedResult extends GuessResult {
  readonly direction: "both" | "toServer" | "toClient";
}

/** Tells which format bytes have. */
export const guess: Verb = async (program) => {
  const { flags, operands: [source], stdout, stderr } = program;
  let samples: DirectedSample[];
  if (source !== undefined && isAddress(source)) {
    const { duration = LISTENED_MS } = flags;
    stderr.tell(`listening to ${escapeControls(source)}`);
    samples = await heardFrom(source, program, duration);
  } else samples = await samplesOf(source, program);
  const results = resultsOf(samples);
  for (const result of results) print(result, program, results.length > 1);
  await stdout.flush();
  return results.some(({ guesses }) => guesses.length > 0)
    ? EXIT.good
    : EXIT.different;
};

/** What explains all streams, or what explains those of each direction. */
function resultsOf(samples: readonly DirectedSample[]): DirectedResult[] {
  const all = guessFormats(samples);
  const inOne = (direction: "toServer" | "toClient") =>
    samples.filter((sample) => sample.direction === direction);
  const parts = (["toServer", "toClient"] as const)
    .map((direction) => ({ direction, samples: inOne(direction) }))
    .filter(({ samples }) => samples.length > 0);
  const [best] = all.guesses;
  const both = [{ direction: "both" as const, ...all }];
  const isSure = all.protocol !== undefined || best?.confidence === "certain";
  if (isSure || parts.length < 2) return both;
  const apart = parts.map(({ direction, samples }) => ({
    direction,
    ...guessFormats(samples),
  }));
  // Each direction can have a format of its own that explains it better.
  return best === undefined || apart.every(isTold) ? apart : both;
}

function isTold({ guesses: [best], protocol }: GuessResult): boolean {
  return protocol !== undefined ||
    best !== undefined && best.confidence !== "possible";
}

function print(
  result: DirectedResult,
  { flags, stdout }: Program,
  isPart: boolean,
): void {
  if (flags.json) {
    stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const palette = paint(stdout.color);
  if (isPart) stdout.write(`${palette.strong(result.direction)}\n`);
  stdout.write(guessText(
    result,
    palette,
    stdout.isTerminal ? stdout.columns : Infinity,
  ));
}
