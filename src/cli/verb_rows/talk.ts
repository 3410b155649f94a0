import type { VerbRow } from "../verb_row.ts";
import {
  address,
  clientTls,
  format,
  listenAddress,
  serverTls,
} from "./common.ts";

/** The verbs that talk to a peer. */
export const talk: Readonly<
  Record<"connect" | "listen" | "send" | "request", VerbRow>
> = {
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
      "origin",
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
};
