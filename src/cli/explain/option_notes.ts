/** What options mean; one that differs between stages has the name of its stage too. */
const notes: Readonly<Record<string, string>> = {
  between: "what may stand between two frames",
  byteOrder: "the byte order of the length field",
  copy: "whether frames are copies, which keep no larger chunk in memory",
  delimiter: "what ends a frame; the encoder writes the first of a list",
  endFirst: "whether the encoder writes the end byte before each frame, too",
  "marked.end": "the mark that ends a frame",
  "stuffed.end": "the byte that ends a frame",
  endian: "the byte order of numbers",
  "text.encoding": "the text encoding, by its label",
  "varint.encoding":
    "7 bits a byte: the lowest first (leb128), the highest first (vlq), doubled (zigzag)",
  escape: "the byte before each replacement",
  escapeControls: "whether the encoder escapes all bytes below 20",
  fatal: "whether bytes that are not valid text are refused, or become U+FFFD",
  fcs: "the checksum of each frame: 2 bytes, 4 bytes, or none",
  fields: "what the encoder writes into each header",
  frameLength: "the length of each frame in bytes",
  headers: "whether frames are { headers, body }, or only the body",
  initialBytesToStrip: "how many bytes the decoder removes from the start",
  "checksum.kind": "how the checksum is computed",
  "preset:iso8583.length": "2 bytes, 2 bytes of decimal digits, or 4 digits",
  lengthAdjustment: "bytes to add to the length on the wire",
  lengthBytes: "the size of the length field in bytes",
  lengthEncoding:
    "the length as an integer, as digits, or as two digits a byte",
  lengthFieldLength: "the size of the length field in bytes",
  lengthFieldOffset: "how many bytes precede the length field",
  lengthIncludes: "what the length counts: what is behind it, or all bytes",
  lengthKey: "the key of the length in the header",
  lengthOffset: "how many bytes precede the length field",
  lengthUnit: "how many bytes the length counts as one",
  map: "what replaces a byte behind the escape",
  maxDepth: "how many values may be within each other",
  maxEncodedLength: "the most bytes of a frame to encode",
  maxFragmentLength: "the most bytes of a fragment that the encoder writes",
  maxFrameLength: "the most bytes of a frame, without header and delimiter",
  maxHeaderLength: "the most bytes of a header",
  maxLengthBytes: "the most bytes of a length",
  keepDelimiter: "whether frames include their delimiter",
  onInvalid: "a frame that is not valid: it ends the stream, or is passed over",
  onOversize: "a frame over the limit: it ends the stream, or is passed over",
  overlong: "a length with more bytes than it needs",
  packet: "the size of the length in bytes: 1, 2 or 4",
  restart: "whether a start mark inside a frame begins a new one",
  skipEmpty: "whether empty frames are left out",
  start: "the mark that begins a frame",
  startup: "whether the first message has no type, as those of a client",
  stripBytes: "how many bytes the decoder removes from the start",
  trailerLength: "how many bytes behind the end mark belong to the frame",
  truncated: "bytes behind the last delimiter: an error, a frame, or dropped",
  unknownEscapes: "an escape before another byte: an error, or the byte itself",
};

/** Defaults that depend on something else. */
const defaults: Readonly<Record<string, string>> = {
  fields: "none",
  maxEncodedLength: "maxFrameLength",
  maxFrameLength: "its own",
  maxDepth: "128",
  stripBytes: "header",
};

/** What an option of a stage means. */
export function optionNote(stage: string, option: string): string | undefined {
  return notes[`${stage}.${option}`] ?? notes[option];
}

/** What an option without a value means, where it has no default of its own. */
export function defaultNote(option: string): string {
  return defaults[option] ?? "none";
}
