/**
 * Source code from a template, whose text is taken as it stands, without escapes.
 *
 * The indentation that all lines have is removed. A value of several lines is indented
 * as its placeholder is. A line with nothing but placeholders is left out where their
 * values are empty, and so is one empty line of two that meet there.
 */
export function code(
  { raw }: TemplateStringsArray,
  ...values: readonly (string | number | false)[]
): string {
  const parts = dedented(raw);
  const lines: string[] = [];
  let line = "";
  // Whether nothing but white space and empty values stand in the line.
  let isEmpty = true;
  let hasValue = false;
  let isBehindLeftOut = false;
  const endLine = () => {
    const isLeftOut = hasValue && isEmpty;
    const meetsEmpty = isBehindLeftOut && line.trim() === "" &&
      lines.at(-1) === "";
    if (!isLeftOut && !meetsEmpty) lines.push(line.trimEnd());
    isBehindLeftOut = isLeftOut;
    line = "";
    isEmpty = true;
    hasValue = false;
  };
  parts.forEach((part, i) => {
    part.split("\n").forEach((text, j) => {
      if (j > 0) endLine();
      line += text;
      if (text.trim() !== "") isEmpty = false;
    });
    if (i === values.length) return;
    const value = values[i] === false ? "" : `${values[i]}`;
    const indent = /^\s*/.exec(line)![0];
    hasValue = true;
    if (value !== "") isEmpty = false;
    line += value.replaceAll(/\n(?!\n|$)/g, `\n${indent}`);
  });
  endLine();
  return lines.join("\n").replace(/^\n+|\s+$/g, "").replaceAll(
    /\n{4,}/g,
    "\n\n\n",
  );
}

/** The parts of a template without the indentation that all its lines have. */
function dedented(parts: readonly string[]): string[] {
  const indents = parts.flatMap((part, i) =>
    // A line goes on behind a placeholder: it begins in the part before.
    part.split("\n").slice(1).flatMap((line, j, lines) => {
      const isLast = j === lines.length - 1;
      const isBlank = line.trim() === "" &&
        !(isLast && i < parts.length - 1);
      return isBlank ? [] : [/^ */.exec(line)![0].length];
    })
  );
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return parts.map((part) =>
    part.replaceAll(
      /\n( *)/g,
      (_, spaces: string) => `\n${spaces.slice(indent)}`,
    )
  );
}
