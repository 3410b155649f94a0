import type { Palette, Role } from "../terminal/palette.ts";
import { wrap } from "../terminal/wrap.ts";
import type { Confidence, GuessResult } from "./types.ts";

const roles: Readonly<Record<Confidence, Role>> = {
  certain: "good",
  likely: "warning",
  possible: "dim",
};

/** Writes guesses for people: a table, with the evidence under each row. */
export function guessText(
  result: GuessResult,
  palette: Palette,
  columns: number = Infinity,
): string {
  const { guesses, protocol, looked } = result;
  const lines: string[] = [];
  if (protocol !== undefined) {
    lines.push(palette.strong(protocol.name), `  ${protocol.evidence}`);
  }
  const [best] = guesses;
  if (best === undefined) {
    lines.push(cannotTell(looked, protocol !== undefined));
    return lines.join("\n") + "\n";
  }
  if (lines.length > 0) lines.push("");
  lines.push(palette.dim("#  confidence  frames  explained     left  format"));
  guesses.forEach((guess, i) => {
    const { expression, confidence, frames, explained, left, evidence } = guess;
    const share = `${(100 * explained).toFixed(1)} %`;
    lines.push(
      `${`${i + 1}`.padEnd(3)}${
        palette[roles[confidence]](confidence.padEnd(10))
      }  ${`${frames}`.padStart(6)}  ${share.padStart(9)}  ${
        `${left}`.padStart(7)
      }  ${palette.strong(expression)}`,
      ...evidence.flatMap((sentence) =>
        wrap(sentence, columns - 3).map((line) => `   ${line}`)
      ),
    );
  });
  lines.push("", `--frame ${quoted(best.expression)}`);
  return lines.join("\n") + "\n";
}

function cannotTell(looked: number, isNamed: boolean): string {
  if (looked === 0) return "Cannot tell: there are no bytes";
  return isNamed
    ? "Its messages have no expression, or another layer is over them"
    : `Cannot tell: no format explains the ${looked} bytes that were looked at better than chance`;
}

/** An expression as a shell takes it. */
function quoted(expression: string): string {
  return `'${expression.replaceAll("'", "'\\''")}'`;
}
