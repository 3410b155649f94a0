import { languageNames } from "../generate/language_name.ts";
import type { Operand, VerbName, VerbRow } from "./verb_row.ts";

const address: Operand = {
  name: "ADDRESS",
  help: "tcp://HOST:PORT, tls://, ws://, wss://, unix:PATH, exec:PROGRAM or -",
};
const listenAddress: Operand = {
  name: "LISTEN",
  help: "where to listen, such as tcp://:2000, which is loopback only",
};
const inputFile: Operand = {
  name: "FILE",
  help:
    "a file, a capture (pcap, pcapng), a recording, or - for standard input",
  optional: true,
  offers: "files",
};
const format = ["frame", "max", "allowCode"] as const;
const clientTls = ["ca", "cert", "key", "serverName", "pin"] as const;
const serverTls = ["cert", "key", "clientCa"] as const;

/** All verbs, in the order of the help. */
export const verbs: Readonly<Record<VerbName, VerbRow>> = {
  connect: {
    summary: "talk to a server in frames",
    about: [
      "Sends the frames of standard input and prints those of the server. At the end of the input it closes its side, and waits for the server to close its own.",
      "Without --frame, a frame is a line, and over a WebSocket a message. Over a WebSocket, the frames of 'length', 'length | json' and the like are its messages; those of other formats are in a stream of bytes.",
      "On a terminal it asks for frames line by line, with a history. A line that ends with a backslash goes on in the next one. /hex 01 02 sends bytes, /half closes this side, /close closes, /reset resets, /help tells more.",
    ],
    operands: [address],
    flags: [...format, "in", "out", ...clientTls, "timeout", "limit"],
    examples: [
      [
        "connect tcp://127.0.0.1:2000 --frame 'length(4) | json'",
        "type JSON, see JSON",
      ],
      [
        "connect tls://example.org:443 --frame lines < requests.txt",
        "a filter in a pipe",
      ],
      [
        "connect exec:typescript-language-server\\ --stdio --frame preset:lsp",
        "the standard input and output of a program",
      ],
    ],
  },
  listen: {
    summary: "serve clients: print, echo, answer or broadcast their frames",
    about: [
      "Prints the frames of all clients. With --echo, --reply, --broadcast or --exec it answers them. Ctrl-C ends it when everything is sent.",
      "--exec NAME=PROGRAM registers a command: a frame that says NAME runs PROGRAM, without a shell and without arguments of the client, and is answered with what it prints. Frames that name no registered command run nothing.",
    ],
    operands: [listenAddress],
    flags: [
      ...format,
      "out",
      "echo",
      "reply",
      "broadcast",
      "exec",
      "once",
      "limit",
      "quiet",
      ...serverTls,
      "timeout",
    ],
    examples: [
      ["listen tcp://:2000 --frame 'length(4)' --echo", "an echo server"],
      ["listen udp://:2000 --frame lines", "datagrams"],
      [
        "listen tcp://:2000 --exec 'time=date -u'",
        "a client that sends “time” gets the time",
      ],
    ],
  },
  send: {
    summary: "send frames and exit",
    about: [
      "Sends each FRAME, or the frames of standard input where there is none, closes its side and waits until the peer has everything.",
    ],
    operands: [address, {
      name: "FRAME",
      help: "a frame, in the notation of --in",
      optional: true,
      repeated: true,
    }],
    flags: [...format, "in", ...clientTls, "timeout"],
    examples: [
      [
        "send tcp://127.0.0.1:2000 --frame 'length(2)' hello world",
        "two frames",
      ],
      [
        "send udp://127.0.0.1:514 --frame lines '<13>hello'",
        "a datagram",
      ],
    ],
  },
  request: {
    summary: "send one frame, print the reply",
    about: [
      "Exits with 0 when a reply has come, with 1 when it is not the one of --expect, and with 4 when there is none in time.",
    ],
    operands: [address, {
      name: "FRAME",
      help: "the request, in the notation of --in",
    }],
    flags: [
      ...format,
      "in",
      "out",
      "expect",
      ...clientTls,
      "timeout",
    ],
    examples: [
      [
        "request tcp://127.0.0.1:6379 --frame preset:resp 'GET key'",
        "ask Redis",
      ],
      [
        "request tcp://127.0.0.1:2000 --frame 'length(4)|json' '{\"id\":1}' --expect '{\"ok\":true}'",
        "a check that a script can use",
      ],
    ],
  },
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
  proxy: {
    summary: "stand between two peers, show frames, make faults",
    about: [
      "Passes on everything between the clients of LISTEN and TARGET, byte for byte, and prints the frames. TLS can be on either side.",
      "--fault makes faults, for each frame, or each chunk where there is no --frame: drop=1%, dup=1%, corrupt=0.1% (one byte is changed), delay=50ms..200ms, reorder=3 (overtaken by up to so many, within 200 ms), cut=1..3 (written in pieces of so many bytes), reset@1MiB, and pause@frame:10, behind which nothing is passed on. A mark is a number of bytes, or frame: and a number of frames. toServer:drop=1% is for one direction. The line of a frame tells what was done to it.",
      "The same --seed makes the same faults for the same frames, whenever they come and however they are cut.",
    ],
    operands: [listenAddress, { ...address, name: "TARGET" }],
    flags: [
      ...format,
      "out",
      "quiet",
      "fault",
      "seed",
      "bandwidth",
      "record",
      ...clientTls,
      "clientCa",
      "timeout",
    ],
    examples: [
      [
        "proxy tcp://:6380 tcp://127.0.0.1:6379 --frame preset:resp",
        "watch Redis",
      ],
      [
        "proxy tcp://:2001 tcp://127.0.0.1:2000 --fault cut=1..1",
        "a peer that reads single bytes",
      ],
      [
        "proxy tls://:2443 tcp://127.0.0.1:2000 --cert cert.pem --key key.pem",
        "TLS in front of a plain server",
      ],
    ],
  },
  record: {
    summary: "write a conversation to a file",
    about: [
      "A proxy that writes all frames as JSON Lines, for replay, decode, inspect and tests.",
    ],
    operands: [listenAddress, { ...address, name: "TARGET" }, {
      name: "FILE",
      help: "where to write; - for standard output",
      optional: true,
      offers: "files",
    }],
    flags: [...format, ...clientTls, "clientCa", "timeout"],
    examples: [
      [
        "record tcp://:2001 tcp://127.0.0.1:2000 bug.jsonl --frame 'length(4)'",
        "record a bug",
      ],
    ],
  },
  replay: {
    summary: "play one side of a recording",
    about: [
      "As the client (the default) it connects to ADDRESS and sends what the recorded clients sent, each frame when the answers before it have come. As the server it listens on ADDRESS and answers as recorded.",
      "With --expect, what the peer sends is compared with the recording: differences are printed, and the exit code is 1.",
    ],
    operands: [{
      name: "RECORDING",
      help: "a file that record has written, or - for standard input",
      offers: "files",
    }, { ...address, help: "the server, or where to listen with --as server" }],
    flags: [
      ...format,
      "as",
      "timing",
      "speed",
      "compare",
      "connection",
      ...clientTls,
      "clientCa",
      "timeout",
    ],
    examples: [
      [
        "replay bug.jsonl tcp://127.0.0.1:2000 --expect",
        "a bug report that CI can run",
      ],
      [
        "replay bug.jsonl tcp://:2000 --as server",
        "test a client without its server",
      ],
    ],
  },
  bench: {
    summary: "measure a server that answers each frame",
    about: [
      "Sends requests on many connections and counts the replies. With --rate, requests are due at fixed times, and the corrected latency counts from when they were due: a server that stands still cannot hide it. Due times are kept to some microseconds, for which one processor can be busy.",
      "Without --rate, each request follows a reply: a server that stands still is asked less meanwhile, and its latencies are shown uncorrected. Replies belong to requests in their order. A request without a reply counts with the time that it has waited.",
      "--json, --csv and --hdr print data instead of the report; --hdr that of the corrected latencies, for the plotter of HdrHistogram. Ctrl-C ends it with the report. Exits with 1 if a request has failed.",
    ],
    operands: [address, {
      name: "FRAME",
      help: "the request, in the notation of --in (default --size bytes)",
      optional: true,
    }],
    flags: [
      ...format,
      "in",
      "connections",
      "size",
      "inFlight",
      "rate",
      "duration",
      "warmUp",
      "json",
      "csv",
      "hdr",
      "svg",
      ...clientTls,
      "timeout",
    ],
    examples: [
      [
        "bench tcp://127.0.0.1:2000 --frame 'length(4)' --rate 1000",
        "latency at a load",
      ],
      [
        "bench tcp://127.0.0.1:2000 --frame lines --in-flight 64 ping",
        "throughput",
      ],
    ],
  },
  conform: {
    summary: "test an echo server, or a decoder, against the test vectors",
    about: [
      "Sends the test vectors of the format, and cases that are generated for it, to a server that sends each frame back. Each stream is sent in one piece, frame by frame, in single bytes, in random pieces, and so that each piece has parts of two frames. The same frames have to come back in their order; at a bad frame those before it, and then the end of the connection.",
      "With --decoder, the program of exec:PROGRAM decodes and encodes: it reads lines such as “decode 0002 4849” and answers with lines such as “frame 4849” and “done”. The page docs/vectors.md has the whole protocol.",
      "Prints a line for each case. Exits with 1 if one has failed.",
    ],
    operands: [{
      ...address,
      help:
        "the server: tcp://HOST:PORT, tls://, ws://, wss://, unix:PATH or exec:PROGRAM",
    }],
    flags: [
      ...format,
      "decoder",
      "vectors",
      "seed",
      "json",
      ...clientTls,
      "timeout",
    ],
    examples: [
      [
        "conform tcp://127.0.0.1:2000 --frame 'length(4)'",
        "an echo server in any language",
      ],
      [
        "conform 'exec:python3 decoder.py' --decoder --frame 'length(2)'",
        "a decoder in any language",
      ],
    ],
  },
  presets: {
    summary: "list the formats of known peers",
    about: [],
    operands: [{
      name: "NAME",
      help: "a preset, for all that is known of it",
      optional: true,
      offers: "presets",
    }],
    flags: ["json"],
    examples: [["presets", "all of them"], ["presets kafka", "one of them"]],
  },
  format: {
    summary: "explain a format expression",
    about: [
      "Prints the expression in its normal form, what it means in words, and a drawing of the bytes.",
    ],
    operands: [{ name: "EXPRESSION", help: "the format" }],
    flags: ["json", "max"],
    examples: [["format 'length(4, little, includes=frame) | json'", ""]],
  },
  generate: {
    summary: "write the other side of a format in another language",
    about: [
      "Prints a decoder, an encoder and what reads frames from a stream, as one file without dependencies. Limits, errors and results are those of framewire.",
      "Knows length, fixed, varint, netstring, content-length, delimited, lines, marked, cobs, slip, stuffed, presets that are made of them, and checksum, text in UTF-8 and json over them. Of a format for Wireshark, the file is a dissector in Lua.",
    ],
    operands: [{
      name: "LANGUAGE",
      help: "python, csharp, go, java, rust, c or wireshark",
      offers: languageNames,
    }, { name: "EXPRESSION", help: "the format" }],
    flags: ["name", "max"],
    examples: [
      ["generate python 'length(4) | json' > frames.py", "a client in Python"],
      [
        "generate c 'cobs | checksum(crc16Ccitt) | max 256' --name Sensor > sensor.h",
        "for a device",
      ],
    ],
  },
  completions: {
    summary: "print completions for a shell",
    about: [],
    operands: [{
      name: "SHELL",
      help: "bash, zsh or fish",
      offers: ["bash", "zsh", "fish"],
    }],
    flags: [],
    examples: [
      [
        "completions bash > ~/.local/share/bash-completion/completions/framewire",
        "bash",
      ],
      ["completions zsh > ~/.zfunc/_framewire", "zsh, with ~/.zfunc in fpath"],
      ["completions fish > ~/.config/fish/completions/framewire.fish", "fish"],
    ],
  },
  man: {
    summary: "print the manual page",
    about: [],
    operands: [],
    flags: [],
    examples: [["man | man -l -", "read it"]],
  },
  help: {
    summary: "print help",
    about: [],
    operands: [{
      name: "VERB",
      help: "one of the verbs",
      optional: true,
      offers: "verbs",
    }],
    flags: [],
    examples: [["help connect", ""]],
  },
};

/** The row of a verb; `undefined` if there is no such verb. */
export function verbNamed(name: string): VerbRow | undefined {
  return Object.hasOwn(verbs, name) ? verbs[name as VerbName] : undefined;
}
