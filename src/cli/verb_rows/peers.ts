import type { VerbRow } from "../verb_row.ts";
import { address, clientTls, format, listenAddress } from "./common.ts";

/** The verbs that watch and test peers. */
export const peers: Readonly<
  Record<"proxy" | "record" | "replay" | "bench" | "conform", VerbRow>
> = {
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
};
