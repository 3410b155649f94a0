import { presetNotes } from "./preset_notes.ts";

/** What a stage is, in a sentence; presets without `preset:` are in their own table. */
const notes: Readonly<Record<string, string>> = {
  length: "A length field, and as many bytes as it says",
  fixed: "Frames that all have the same length",
  delimited: "Frames that end with a delimiter",
  lines: "Lines of text in UTF-8, which end with \\n or \\r\\n",
  netstring: "Netstrings: the length in digits, a colon, the bytes, a comma",
  varint: "A length in as many bytes as it needs, and that many bytes",
  "content-length":
    "Lines of a header, a Content-Length among them, an empty line, and the body",
  cobs:
    "Consistent Overhead Byte Stuffing: a zero byte ends a frame, which has none itself",
  slip: "SLIP (RFC 1055): c0 ends a frame; in it, c0 is db dc and db is db dd",
  stuffed: "A byte ends a frame; in it, that byte is written with an escape",
  hdlc:
    "HDLC of PPP (RFC 1662): 7e around a frame, escapes in it, a checksum at its end",
  marked: "A mark begins a frame, and another one ends it",
  command: "Three numbers (length, command, reply wanted), and the body",
  "json-header": "The length of a header, a header in JSON, and the body",
  json: "Each frame is JSON in UTF-8",
  text: "Each frame is text",
  checksum: "The last bytes of each frame are a checksum",
};

/** What a stage is, in a sentence without a full stop. */
export function stageNote(name: string): string | undefined {
  return notes[name] ?? presetNotes[name.replace("preset:", "")]?.summary;
}
