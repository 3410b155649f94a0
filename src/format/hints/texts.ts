import {
  asLength,
  type Evidence,
  isTextByte,
  quoted,
  type Recogniser,
} from "./evidence.ts";

/** Text where a length or a mark was expected, and text with other line ends. */
export const texts: readonly Recogniser[] = [
  // The base protocol of LSP.
  {
    name: "contentLength",
    recognise(evidence) {
      // The decoder of such headers has errors of its own.
      const isOwn = evidence.error.code === "HEADER_INVALID";
      if (isOwn || !isUnread(evidence)) return undefined;
      if (!/^Content-(Length|Type): [^]/i.test(evidence.startText)) {
        return undefined;
      }
      return `The bytes ${
        quoted(evidence.startText)
      } are the header of a frame with Content-Length, as LSP has it${
        asLength(evidence)
      }`;
    },
  },
  // JSON, a value a line or one alone.
  {
    name: "jsonText",
    recognise(evidence) {
      const { startText } = evidence;
      if (!isUnread(evidence)) return undefined;
      // A length of two bytes that are text is not rare: the name must be there.
      const isJson = evidence.field?.size === 2
        ? /^\{\s*"[^"]*"\s*:/.test(startText)
        : /^[{[]\s*(["{}[\]]|-?\d)/.test(startText);
      if (!isJson || !isText(evidence)) return undefined;
      const isLines = /[}\]]\r?\n([{[]|$)/.test(startText);
      return `The bytes ${quoted(startText)} are JSON text${
        asLength(evidence)
      }: ${
        isLines
          ? "the peer sends a value a line (NDJSON)"
          : "the peer sends it without a length"
      }`;
    },
  },
  // Any text in place of a length of four bytes or more.
  {
    name: "text",
    recognise(evidence) {
      const { startText, field } = evidence;
      if (!isUnread(evidence) || field === undefined || field.size < 4) {
        return undefined;
      }
      if (evidence.start.length < 8 || !isText(evidence)) return undefined;
      return `The bytes ${quoted(startText)} are text${
        asLength(evidence)
      }: the peer sends ${
        /\n./s.test(startText) || startText.endsWith("\n") ? "lines" : "text"
      }`;
    },
  },
  // No delimiter came, and line feeds did.
  {
    name: "lineFeeds",
    recognise(evidence) {
      const { error, offset, startText } = evidence;
      if (error.code !== "FRAME_TRUNCATED" || offset !== 0) return undefined;
      const isMissing = /^(a delimiter|the byte that ends the frame)$/;
      if (!isMissing.test(error.expected) || !isText(evidence)) {
        return undefined;
      }
      const isAll =
        error.got === `the end of the stream after ${startText.length} bytes`;
      if (!isAll || !startText.endsWith("\n")) return undefined;
      const end = startText.endsWith("\r\n") ? "0d 0a" : "0a";
      return `The stream has no delimiter, and its text ends with ${end}: the peer sends lines`;
    },
  },
  // A header whose lines must end with CR LF.
  {
    name: "headerLineFeeds",
    recognise({ error, startText }) {
      if (
        error.code !== "HEADER_INVALID" || error.got !== "a line feed alone"
      ) {
        return undefined;
      }
      if (!/^[\w-]+: [^\r\n]*\n/.test(startText) || startText.includes("\r")) {
        return undefined;
      }
      return "The lines of the header end with 0a, and 0d 0a was expected: the peer opened its output as text, or writes \\n";
    },
  },
  // The stream began behind the start of a frame: its next one is there.
  {
    name: "insideFrame",
    recognise(evidence) {
      const { error, offset, startText } = evidence;
      if (offset !== 0) return undefined;
      if (error.code === "MARK_INVALID" && evidence.isMisread) {
        const at = firstMark(error.expected, startText);
        return at < 0 ? undefined : insideFrame("start mark", at);
      }
      if (error.code !== "HEADER_INVALID" && error.code !== "LENGTH_INVALID") {
        return undefined;
      }
      // A header that follows a body, and no other line of its own.
      const found = /[^\n]Content-Length: *\d+\r\n/i.exec(startText);
      const hasHeader = found === null || /^Content-/i.test(startText) ||
        startText.slice(0, found.index).includes("\r\n\r\n");
      return hasHeader ? undefined : insideFrame("header", found.index + 1);
    },
  },
];

function insideFrame(what: string, at: number): string {
  return `The first ${what} stands at byte ${at}: the stream begins inside a frame`;
}

/** The index of the first of several marks in hexadecimal, or -1. */
function firstMark(marks: string, text: string): number {
  const indices = marks.split(" or ")
    .map((mark) => mark.split(" ").map((pair) => Number.parseInt(pair, 16)))
    // A single byte can be anything, and a mark can be there with a wrong byte.
    .filter((mark) =>
      mark.length >= 2 && mark.every((byte, i) => byte !== text.charCodeAt(i))
    )
    .map((bytes) => text.indexOf(String.fromCharCode(...bytes)))
    .filter((at) => at >= 0);
  return indices.length === 0 ? -1 : Math.min(...indices);
}

/** Whether the decoder expected a length, a mark or a header of its own. */
function isUnread({ error, isMisread, announced }: Evidence): boolean {
  switch (error.code) {
    case "FRAME_TOO_LARGE":
    case "FRAME_TRUNCATED":
      return isMisread && announced !== undefined;
    case "LENGTH_INVALID":
    case "MARK_INVALID":
    case "HEADER_INVALID":
    case "VARINT_OVERLONG":
      return isMisread;
    default:
      return false;
  }
}

function isText({ start }: Evidence): boolean {
  return start.length >= 4 && start.every(isTextByte);
}
