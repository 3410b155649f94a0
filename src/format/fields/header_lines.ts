import { body, head, type Part, type Splitter } from "./parts.ts";

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/;

/** The lines of the header, one of them the length, an empty line, and the body. */
export const contentLength: Splitter = (bytes, _options, extent) => {
  const decoder = new TextDecoder();
  const parts: Part[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lineFeed = bytes.indexOf(0x0a, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1;
    const text = decoder.decode(bytes.subarray(at, end));
    const line = text.replace(/\r?\n$/, "");
    if (line === "" && lineFeed >= 0) {
      parts.push(head("delimiter", end - at));
      at = end;
      break;
    }
    // The line that is wrong, or what follows it.
    if (extent === "wrong" && !(NAME.test(line) && text.endsWith("\r\n"))) {
      break;
    }
    parts.push(lineOf(line, end - at));
    at = end;
  }
  return [...parts, body(bytes, at)];
};

function lineOf(line: string, length: number): Part {
  const [, digits] = /^Content-Length:[ \t]*(\d+)[ \t]*$/i.exec(line) ?? [];
  return digits === undefined
    ? head("header", length, line)
    : head("length", length, Number(digits));
}
