const DECLARATION =
  /^ *(?:(?:const|static|unsigned|char|int|bool|size_t|ssize_t|va_list|u?int\d+_t|struct \w+|enum \w+) )+[\w *]*(?:\[.*\])?(?: =|;)/;

/**
 * Sets empty lines as is usual: around the declarations of a block, and none at its
 * beginning and end.
 */
export function tidy(text: string): string {
  const lines: string[] = [];
  /** Whether the last line belongs to a declaration, and whether that goes on. */
  let isDeclared = false;
  let goesOn = false;
  for (const line of text.split("\n")) {
    const before = lines.at(-1) ?? "";
    const isDeclaration: boolean = goesOn || DECLARATION.test(line);
    const begins = /[{:]$/.test(before) || /^ *(?:\/\*| \*|#)/.test(before);
    const isSeparate = isDeclaration !== isDeclared && !goesOn &&
      (isDeclaration ? !begins : !/^ *(?:\}|#|\/\*)/.test(line));
    if (isSeparate && before !== "" && line !== "") lines.push("");
    lines.push(line);
    isDeclared = isDeclaration;
    goesOn = isDeclaration && !line.includes(";");
  }
  return lines.join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replaceAll(/\{\n\n/g, "{\n")
    .replaceAll(/\n\n( *)\}/g, "\n$1}");
}
