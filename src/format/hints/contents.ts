import { hexOf } from "../../codec/bytes/hex.ts";
import {
  asLength,
  type Evidence,
  isTextByte,
  quoted,
  type Recogniser,
} from "./evidence.ts";
import { doubleByteText, isLatin1, isUtf8 } from "./encodings.ts";

/**
 * Bytes of another kind than the decoder expected: in a frame whose content is not
 * valid, or at the beginning of a stream that made no sense.
 */
export const contents: readonly Recogniser[] = [
  // The Unicode Standard, section 23.8.
  {
    name: "byteOrderMark",
    recognise(evidence) {
      const mark = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.exec(textOf(evidence));
      if (mark === null) return undefined;
      const { length } = mark[0];
      // In text that is UTF-8, the mark is not what is wrong.
      if (length === 3 && isContentError(evidence)) return undefined;
      const bytes = hexOf(bytesOf(evidence).subarray(0, length));
      const [encoding, how] = length === 3
        ? ["UTF-8", "text as a file begins"]
        : ["UTF-16", "text that is not UTF-8"];
      return `The bytes ${bytes} are the byte order mark of ${encoding}${
        asLength(evidence)
      }: the peer sends ${how}`;
    },
  },
  // UTF-16 without a mark: every other byte of ASCII text is zero.
  {
    name: "utf16",
    recognise(evidence) {
      if (!isContentError(evidence)) return undefined;
      const text = textOf(evidence);
      const order = /^([\t\r\n\x20-\x7e]\0){4}/.test(text)
        ? "little-endian"
        : /^(\0[\t\r\n\x20-\x7e]){4}/.test(text)
        ? "big-endian"
        : undefined;
      if (order === undefined) return undefined;
      return `The bytes ${
        hexOf(bytesOf(evidence).subarray(0, 8))
      } are text in UTF-16, ${order}: UTF-8 was expected`;
    },
  },
  // gzip (RFC 1952), zlib (RFC 1950) and Zstandard (RFC 8878), by their magic numbers.
  {
    name: "compression",
    recognise(evidence) {
      const bytes = bytesOf(evidence);
      const kind = compressionOf(bytes);
      const { code, expected } = evidence.error;
      if (kind === undefined) return undefined;
      // The two bytes of zlib may well be a length.
      if (kind === "zlib" && evidence.field?.size === 2) return undefined;
      // Its own kind is damaged; deflate is mostly wrapped in zlib.
      if (code === "COMPRESSION_INVALID") {
        if (kind === expected || kind === "zlib" && /deflate/.test(expected)) {
          return undefined;
        }
      }
      return `The bytes ${
        hexOf(bytes.subarray(0, 4))
      } are the beginning of ${kind} data${
        asLength(evidence)
      }: the peer compresses what it sends`;
    },
  },
  // JSON and gzip data in base64 (RFC 4648): `{"` is eyJ there, 1f 8b is H4sI.
  {
    name: "base64",
    recognise(evidence) {
      const text = textOf(evidence);
      const [begin] = /^(eyJ|H4sI)[A-Za-z0-9+/_-]+={0,2}/.exec(text) ?? [];
      if (begin === undefined || begin.length < 8) return undefined;
      const what = begin.startsWith("eyJ") ? 'JSON, from {" on,' : "gzip data";
      return `The bytes ${quoted(begin)} are ${what} in base64${
        asLength(evidence)
      }: the peer encodes it once more`;
    },
  },
  // Python's `str` of a dictionary or a list, where `json.dumps` was meant.
  {
    name: "pythonText",
    recognise(evidence) {
      const text = textOf(evidence);
      if (evidence.error.code !== "MESSAGE_INVALID") return undefined;
      if (!/^[[{]+'[^'"]*'[:,\]]/.test(text)) return undefined;
      return `The text ${
        quoted(text)
      } has single quotes, as Python prints a value: the peer must write it with json.dumps`;
    },
  },
  // MessagePack: a map of one to fifteen entries, the first key a short text.
  {
    name: "messagePack",
    recognise(evidence) {
      const bytes = bytesOf(evidence);
      const [map = 0, key = 0] = bytes;
      if (evidence.error.code !== "MESSAGE_INVALID") return undefined;
      const length = key - 0xa0;
      if (map < 0x81 || map > 0x8f || length < 1 || length > 31) {
        return undefined;
      }
      const name = textOf(evidence).slice(2, 2 + length);
      if (name.length < length || !/^[A-Za-z_][\w.-]*$/.test(name)) {
        return undefined;
      }
      return `The bytes ${
        hexOf(bytes.subarray(0, 4))
      } are MessagePack, a map with the key ${quoted(name)}: JSON was expected`;
    },
  },
  // Two values that were written one after the other.
  {
    name: "joinedJson",
    recognise(evidence) {
      const { error } = evidence;
      if (error.code !== "MESSAGE_INVALID") return undefined;
      const text = textOf(evidence);
      const at = /^[[{]/.test(text) ? endOfJson(text) : -1;
      if (at < 0 || !/^\s*[[{]/.test(text.slice(at))) return undefined;
      return `Behind the JSON ${quoted(text.slice(0, at))} follows more, ${
        quoted(text.slice(at).trimStart())
      }: the peer writes no delimiter between values, or another one`;
    },
  },
  // A keep-alive line, where lines end with a line feed.
  {
    name: "emptyLine",
    recognise({ error, content }) {
      if (error.code !== "MESSAGE_INVALID") return undefined;
      if (content?.length !== 1 || content[0] !== 0x0d) return undefined;
      return 'The frame is a carriage return alone (0d): an empty line whose end is 0d 0a. Use the delimiters ["\\n", "\\r\\n"] and skipEmpty';
    },
  },
  // Text in another encoding than UTF-8.
  {
    name: "encoding",
    recognise(evidence) {
      const { error, content } = evidence;
      const { code, expected } = error;
      const isUtf8Error = code === "MESSAGE_INVALID" ||
        code === "TEXT_INVALID" && /^utf-?8$/i.test(expected);
      if (!isUtf8Error || content === undefined || isUtf8(content)) {
        return undefined;
      }
      const found = doubleByteText(content);
      if (found !== undefined) {
        return `The text is not UTF-8, and its bytes come in pairs as in GBK: ${
          hexOf(found.bytes)
        } are ${quoted(found.text)} there`;
      }
      if (!isLatin1(content)) return undefined;
      const at = content.findIndex((byte) => byte >= 0x80);
      const letter = String.fromCharCode(content[at]!);
      return `The text is not UTF-8, and its letters beyond ASCII are single bytes as in Latin-1: ${
        hexOf(content.subarray(at, at + 1))
      } is ${quoted(letter)} there`;
    },
  },
  // A checksum or a digest that is right, and written otherwise.
  {
    name: "checksumForm",
    recognise({ error }) {
      const { code, expected, got } = error;
      if (code !== "CHECKSUM_MISMATCH") return undefined;
      const reversed = expected.match(/../g)?.reverse().join("");
      if (reversed === got && /^[0-9a-f]{4,16}$/.test(got)) {
        return `The checksum ${got} is ${expected} in the other byte order: the peer writes it so`;
      }
      const digest = got.replaceAll('"', "");
      if (digest === expected || digest !== expected.toUpperCase()) {
        return undefined;
      }
      return "The digest is right, and written in upper case: lower case was expected";
    },
  },
];

function isContentError({ error }: Evidence): boolean {
  return error.code === "MESSAGE_INVALID" || error.code === "TEXT_INVALID" ||
    error.code === "COMPRESSION_INVALID";
}

/** The content that is not valid, or the beginning of a stream that makes no sense. */
function bytesOf(evidence: Evidence): Uint8Array {
  const { content, isMisread, start } = evidence;
  if (isContentError(evidence) && content !== undefined) return content;
  return isMisread ? start : start.subarray(0, 0);
}

/** The same, a character for each byte. */
function textOf(evidence: Evidence): string {
  return String.fromCharCode(...bytesOf(evidence));
}

function compressionOf(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0x1f && b === 0x8b && c === 8) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  const isZlib = a === 0x78 && (b === 0x01 || b === 0x9c || b === 0xda);
  return isZlib && !bytes.every(isTextByte) ? "zlib" : undefined;
}

/** The index behind the JSON value that a text begins with, or -1. */
function endOfJson(text: string): number {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      depth--;
      if (depth === 0) return isJson(text.slice(0, i + 1)) ? i + 1 : -1;
    }
  }
  return -1;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
