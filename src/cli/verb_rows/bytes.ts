import type { VerbRow } from "../verb_row.ts";
import { clientTls, format, inputFile } from "./common.ts";

/** The verbs that read bytes and frames. */
export const bytes: Readonly<
  Record<"decode" | "encode" | "inspect" | "guess", VerbRow>
> = {
  decode: {
    summary: "print the frames of bytes",
    about: [
      "Reads a file, standard input, a capture of packets (pcap, pcapng), whose TCP streams are put together again, or a recording. Prints frames with --out; --out frames has their offsets, times and directions.",
      "A bad frame ends its stream, and the command exits with 1. With --skip-bad, decoding goes on at the next byte that begins a frame.",
    ],
    operands: [inputFile],
    flags: [...format, "out", "skipBad", "limit"],
    examples: [
      [
        "decode capture.pcap --frame 'length(4) | json'",
        "all messages of all connections",
      ],
      [
        "decode stream.bin --frame 'length(4)' --out frames | head -3",
        "offsets and bytes",
      ],
    ],
  },
  encode: {
    summary: "write frames as bytes",
    about: ["Reads frames in the notation of --in and writes their bytes."],
    operands: [{ ...inputFile, help: "a file, or - for standard input" }],
    flags: [...format, "in"],
    examples: [
      [
        "encode --frame 'length(4, little)' words.txt > words.bin",
        "one frame a line",
      ],
      [
        "encode --frame 'length(4)|json' --in json | nc 127.0.0.1 2000",
        "in a pipe",
      ],
    ],
  },
  inspect: {
    summary: "show bytes with their frames, fields and errors",
    about: [
      "Prints bytes in hexadecimal with the name and the value of each field, where each read began and ended, and for a bad frame the offset, what was expected, what came, and the likely cause.",
      "In the bytes, | stands in front of one that began a read. A frame that lies in several reads is marked as cut, and frames that came in one read as glued.",
    ],
    operands: [{
      ...inputFile,
      name: "FILE|ADDRESS",
      help:
        "a file, a capture (pcap, pcapng), a recording, - for standard input, or an address to connect to",
    }],
    flags: [...format, ...clientTls, "limit", "timeout"],
    examples: [
      ["inspect bad.bin --frame 'length(4)'", "why a peer's bytes are refused"],
      [
        "inspect recording.jsonl --frame preset:lsp",
        "messages that were cut or glued",
      ],
    ],
  },
  guess: {
    summary: "tell which framing bytes have",
    about: [
      "Ranks the formats that explain the bytes, each with its evidence and the expression to use. Says “cannot tell” and exits with 1 where none does, and names other protocols such as HTTP and TLS.",
      "An address is connected to, and listened to for --duration (default 5s).",
    ],
    operands: [{
      ...inputFile,
      name: "FILE|ADDRESS",
      help:
        "a file, a capture (pcap, pcapng), a recording, - for standard input, or an address to connect to",
    }],
    flags: ["duration", "json", ...clientTls, "timeout"],
    examples: [
      ["guess unknown.bin", "from a file"],
      ["guess tcp://192.168.1.20:9000 --duration 10s", "from a device"],
    ],
  },
};
