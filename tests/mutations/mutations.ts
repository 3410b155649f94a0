/** A small breakage of the sources that some test must notice. */
export interface Mutation {
  /** What is broken. */
  readonly name: string;
  /** The file that is changed. */
  readonly file: string;
  /** What is replaced, which must be there once, and by what. */
  readonly edits: readonly (readonly [find: string, replacement: string])[];
  /** The test files, or the folders of them, one of which must fail. */
  readonly tests: readonly string[];
}

const link = ["tests/framed", "tests/server", "tests/simulation"];
const network = ["tests/net/connecting_test.ts", "tests/net/network_test.ts"];
const simulation = ["tests/simulation"];

/** All breakages that `deno task mutate` tries. */
export const mutations: readonly Mutation[] = [
  {
    name: "sender: bytes behind a body are not counted",
    file: "src/framed/sender.ts",
    edits: [[
      "return this.#output.length + this.#waitingBytes;",
      "return this.#output.length + this.#waitingBytes - this.#behindBytes;",
    ]],
    tests: link,
  },
  {
    name: "sender: drained at 8 times the high-water mark",
    file: "src/framed/sender.ts",
    edits: [[
      "!this.#lends &&\n      this.bufferedBytes <= this.#highWaterMark",
      "!this.#lends &&\n      this.bufferedBytes <= this.#highWaterMark * 8",
    ]],
    tests: link,
  },
  {
    name: "sender: finish() does not wait for the write",
    file: "src/framed/sender.ts",
    edits: [[
      "return ended === undefined\n      ? this.flushed()\n      : ended.then(() => this.flushed());",
      "this.flush();\n    return Promise.resolve();",
    ]],
    tests: simulation,
  },
  {
    name: "sender: a body is written after the link has failed",
    file: "src/framed/sent_body.ts",
    edits: [[
      "if (this.#failure !== undefined) throw this.#failure;\n        sent +=",
      "sent +=",
    ]],
    tests: simulation,
  },
  {
    name: "receiver: late bytes without bound",
    file: "src/framed/stopping.ts",
    edits: [
      ["const LATE_MS = 500;", "const LATE_MS = Infinity;"],
      ["const LATE_BYTES = 4_194_304;", "const LATE_BYTES = Infinity;"],
    ],
    tests: link,
  },
  {
    name: "time limits: a peer that is written to counts as idle",
    file: "src/framed/time_limits.ts",
    edits: [["!receiver.busy && !this.#sender.writing;", "!receiver.busy;"]],
    tests: link,
  },
  {
    name: "time limits: the clock in place of ticks",
    file: "src/net/ticker.ts",
    edits: [
      [
        "  #tick(): void {",
        "  #at = 0;\n\n  #tick(): void {\n    const ms = performance.now() - this.#at;\n    this.#at += ms;",
      ],
      ["member.tick(this.#tickMs)", "member.tick(ms)"],
      [
        "    this.#timer ??=",
        "    if (this.#timer === undefined) this.#at = performance.now();\n    this.#timer ??=",
      ],
    ],
    tests: link,
  },
  {
    name: "link: a connection that has ended stays in the ticker",
    file: "src/framed/link.ts",
    edits: [[
      "closed({ by, error }: CloseInfo): void {\n    this.#watch?.end();",
      "closed({ by, error }: CloseInfo): void {",
    ]],
    tests: link,
  },
  {
    name: "server: no backpressure of the event queue",
    file: "src/server/event_queue.ts",
    edits: [[
      "if (this.#queue.push({ event, bytes })) return",
      "this.#queue.push({ event, bytes });\n      return",
    ]],
    tests: ["tests/server"],
  },
  {
    name: "channel: the linger timer is kept",
    file: "src/net/channel.ts",
    edits: [["this.#ticker?.delete(this);", ""]],
    tests: simulation,
  },
  {
    name: "channel: the half-close comes before what was sent",
    file: "src/net/channel.ts",
    edits: [[
      "await this.#user?.finish();",
      "this.#user?.finish().catch(() => undefined);",
    ]],
    tests: simulation,
  },
  {
    name: "channel: a reset is taken for a clean end",
    file: "src/net/channel.ts",
    edits: [[
      'this.#finish({ by: isOfPeer ? "remote" : "failure", error });',
      'if (isOfPeer) return this.#end();\n    this.#finish({ by: "failure", error });',
    ]],
    tests: simulation,
  },
  {
    name: "channel: no backpressure",
    file: "src/net/channel.ts",
    edits: [[
      "this.#paused = true;\n    this.#transport.pause();",
      "this.#paused = true;",
    ]],
    tests: simulation,
  },
  {
    name: "channel: a failed half-close is swallowed",
    file: "src/net/channel.ts",
    edits: [[
      "catch (error) {\n        this.#fail(error);\n      }\n    }",
      "catch (error) {\n        void error;\n      }\n    }",
    ]],
    tests: simulation,
  },
  {
    name: "sender: a write error is swallowed",
    file: "src/framed/sender.ts",
    edits: [[
      "this.#writing = false;\n          this.fail(error);",
      "this.#writing = false;\n          void error;\n          this.#onWritten(length);\n          this.flush();",
    ]],
    tests: simulation,
  },
  {
    name: "receiver: an end within a frame is taken for a clean one",
    file: "src/framed/receiver.ts",
    edits: [["this.#decoder.end();", ""]],
    tests: simulation,
  },
  {
    name: "network: the timer of connect() is kept",
    file: "src/net/within_time.ts",
    edits: [["    callOff();\n", ""]],
    tests: network,
  },
  {
    name: "network: the abort listener of connect() is kept",
    file: "src/net/within_time.ts",
    edits: [['signal?.removeEventListener("abort", onAbort);', ""]],
    tests: network,
  },
  {
    name: "listener: waiting connections are not aborted",
    file: "src/net/accepting_listener.ts",
    edits: [[
      "for (const transport of this.#transports.splice(0)) transport.abort();",
      "",
    ]],
    tests: network,
  },
  {
    name: "message: the abort listener of a request is kept",
    file: "src/message/calls.ts",
    edits: [['call.signal?.removeEventListener("abort", call.onAbort);', ""]],
    tests: ["tests/message/context_test.ts"],
  },
  {
    name: "message: replies do not wait for room",
    file: "src/message/responder.ts",
    edits: [["if (later || this.#full !== undefined) {", "if (later) {"]],
    tests: ["tests/message/backpressure_test.ts"],
  },
  {
    name: "message: late replies do not wait for room",
    file: "src/message/responder.ts",
    edits: [[
      "while (this.#full !== undefined) await this.#full;\n        this.#reply(",
      "this.#reply(",
    ]],
    tests: ["tests/message/backpressure_test.ts"],
  },
  {
    name: "message: `peers` never shrinks",
    file: "src/message/serve_messages.ts",
    edits: [["void peer.closed.then(() => this.#peers.delete(peer));", ""]],
    tests: ["tests/message/context_test.ts", "tests/simulation"],
  },
  {
    name: "reconnecting: no jitter",
    file: "src/client/attempts.ts",
    edits: [["Math.random() * most", "most"]],
    tests: ["tests/client"],
  },
  {
    name: "tls: a server that cannot be trusted is taken",
    file: "src/net/adapters/tls/client.ts",
    edits: [["if (!socket.authorized) {", "if (!socket) {"]],
    tests: ["tests/net/tls/tls_test.ts"],
  },
  {
    name: "tls: an end without a close_notify is an end",
    file: "src/net/adapters/tls/transport.ts",
    edits: [["if (this.#delivery.over && !evenAfterEnd) return;", "return;"]],
    tests: ["tests/net/tls/ending_test.ts"],
  },
  {
    name: "startTls: bytes in the clear are taken for TLS",
    file: "src/framed/start_tls.ts",
    edits: [["if (unread.length > 0) {", "if (unread.length < 0) {"]],
    tests: ["tests/framed/start_tls_test.ts"],
  },
  {
    name: "websocket: pages of any origin",
    file: "src/net/websocket/request.ts",
    edits: [["if (origin === undefined) return true;", "return true;"]],
    tests: ["tests/net/websocket/handshake_test.ts"],
  },
  {
    name: "reconnecting: no backoff",
    file: "src/client/attempts.ts",
    edits: [["initialDelayMs * 2 ** this.#doublings++", "initialDelayMs"]],
    tests: ["tests/client"],
  },
  {
    name: "reconnecting: no maximum",
    file: "src/client/attempts.ts",
    edits: [[
      "Math.min(maxDelayMs, initialDelayMs",
      "Math.max(0, initialDelayMs",
    ]],
    tests: ["tests/client"],
  },
  {
    name: "reconnecting: the waits never start anew",
    file: "src/client/attempts.ts",
    edits: [["if (isStable) this.#doublings = 0;", ""]],
    tests: ["tests/client"],
  },
  {
    name: "reconnecting: always the first address",
    file: "src/client/attempts.ts",
    edits: [["this.#attempts++ % this.#addresses.length", "0"]],
    tests: ["tests/client/addresses_test.ts"],
  },
  {
    name: "reconnectingMessages: a connection that is left is closed at once",
    file: "src/message/lines.ts",
    edits: [["if (line.isLeft && line.open === 0)", "if (line.isLeft)"]],
    tests: ["tests/message/reconnecting_messages_test.ts"],
  },
  {
    name: "reconnectingMessages: repetitions are not counted",
    file: "src/message/repeat_budget.ts",
    edits: [["current.repeats++;", ""]],
    tests: ["tests/message/offline_test.ts"],
  },
  {
    name: "connect: the other attempts go on when one has succeeded",
    file: "src/net/adapters/happy_eyeballs.ts",
    edits: [["stop.abort();", ""], ["stop.abort(signal.reason);", ""]],
    tests: ["tests/net/happy_eyeballs_test.ts"],
  },
  {
    name: "createClient: the connection leaks when framed() throws",
    file: "src/client/create_client.ts",
    edits: [["channel.abort(error);", ""]],
    tests: ["tests/client/create_client_test.ts"],
  },
  {
    name: "backplane: a follower does not notice a gap",
    file: "src/backplane/follower.ts",
    edits: [
      [
        "previous === undefined || previous <= this.#position.offset",
        "previous === undefined || previous >= 0n",
      ],
    ],
    tests: [
      "tests/backplane/follower_test.ts",
      "tests/backplane/memory_test.ts",
    ],
  },
  {
    name: "backplane: a follower gives what it has read twice",
    file: "src/backplane/follower.ts",
    edits: [
      [
        "if (message.offset > this.#position.offset) this.#give(message);",
        "this.#give(message);",
      ],
      ["if (offset <= this.#position.offset) return false;", ""],
    ],
    tests: [
      "tests/backplane/follower_test.ts",
      "tests/backplane/memory_test.ts",
    ],
  },
  {
    name: "backplane: a follower is not told of the engine",
    file: "src/backplane/follower.ts",
    edits: [
      ['state === "up" && this.#position !== NOWHERE', 'state === "down"'],
    ],
    tests: [
      "tests/backplane/follower_test.ts",
      "tests/backplane/memory_test.ts",
    ],
  },
  {
    name: "backplane: no node ever dies",
    file: "src/backplane/membership.ts",
    edits: [
      [
        "++known.silent > BACKPLANE_MAX_SILENT_BEATS",
        "++known.silent > Infinity",
      ],
    ],
    tests: ["tests/backplane/nodes_test.ts", "tests/backplane/memory_test.ts"],
  },
  {
    name: "backplane: nodes die while this process stands still",
    file: "src/backplane/membership.ts",
    edits: [
      ["if (stalled) return this.resume();", ""],
    ],
    tests: ["tests/backplane/nodes_test.ts"],
  },
  {
    name: "backplane: the names of the dead are not free",
    file: "src/backplane/claims.ts",
    edits: [
      [
        "this.#left.has(value) || this.#nodes.isDead(nodeOf(value))",
        "this.#left.has(value)",
      ],
      [
        "if (this.#nodes.isDead(nodeOf(value))) dead.push",
        "if (false) dead.push",
      ],
    ],
    tests: ["tests/backplane/nodes_test.ts", "tests/backplane/memory_test.ts"],
  },
  {
    name: "backplane: a lost name is not told",
    file: "src/backplane/claims.ts",
    edits: [
      ["if (this.#forget(claim)) claim.lose();", "this.#forget(claim);"],
    ],
    tests: ["tests/backplane/nodes_test.ts", "tests/backplane/memory_test.ts"],
  },
  {
    name: "backplane: a session does not notice a lost message",
    file: "src/backplane/node_carrier.ts",
    edits: [
      [
        'message !== "reset" && number !== this.#received++ % 2 ** 32',
        'message !== "reset" && number < 0',
      ],
    ],
    tests: [
      "tests/backplane/node_sessions_test.ts",
      "tests/message/service_test.ts",
    ],
  },
  {
    name: "topics: the last reader leaves the subscription behind",
    file: "src/server/topics.ts",
    edits: [
      [
        "if (topic.readers.size > 0) return;",
        "if (topic.readers.size >= 0) return;",
      ],
    ],
    tests: ["tests/server/topics_test.ts"],
  },
  {
    name: "jsonRpc: a request that was cancelled is not answered",
    file: "src/message/dialects/conventions.ts",
    edits: [["answersCancelled: true", "answersCancelled: false"]],
    tests: ["tests/message/json_rpc_test.ts"],
  },
  {
    name: "jsonRpc: a batch is answered before its last request is done",
    file: "src/message/dialects/json_rpc_batch.ts",
    edits: [["if (--this.#open > 0 ||", "if (--this.#open > 1 ||"]],
    tests: ["tests/message/json_rpc_test.ts"],
  },
  {
    name: "correlated: the id of a request that was given up is used at once",
    file: "src/message/dialects/id_table.ts",
    edits: [["|| this.#givenUp.has(id)", ""]],
    tests: ["tests/message/correlated_test.ts"],
  },
  {
    name: "dialects: an end goes before the items that wait",
    file: "src/message/dialects/open_streams.ts",
    edits: [[
      "stream.last === undefined || waiting.length > 0",
      "stream.last === undefined",
    ]],
    tests: ["tests/message/correlated_test.ts"],
  },
  {
    name: "pipelined: what follows an error is taken for the next reply",
    file: "src/message/dialects/pipelined_channel.ts",
    edits: [["asking?.hasFailed ||", ""]],
    tests: ["tests/message/pipelined_frames_test.ts"],
  },
  {
    name: "dap: a request is cancelled that cannot be",
    file: "src/message/dialects/dap.ts",
    edits: [["!this.#canCancel || ", ""]],
    tests: ["tests/message/dap_test.ts"],
  },
  {
    name: "handshake: it has no time limit",
    file: "src/framed/handshake.ts",
    edits: [["after(timeoutMs, () =>", "after(Infinity, () =>"]],
    tests: ["tests/framed/handshake_test.ts"],
  },
  {
    name: "proxyProtocol: everybody is trusted",
    file: "src/net/proxy_protocol/server.ts",
    edits: [["!this.#trusted.has(remoteAddress)", "false"]],
    tests: ["tests/net/proxy_protocol/proxy_protocol_test.ts"],
  },
  {
    name: "replayConversation: bytes of the client are not compared",
    file: "src/testing/recorded_peer.ts",
    edits: [["!got.every((byte, i) => byte === missing[i])", "got.length < 0"]],
    tests: ["tests/testing/replay_conversation_test.ts"],
  },
  {
    name: "contentLength: a usual header ends at any length",
    file: "src/codec/formats/content_length.ts",
    edits: [["input.uint32At(at) !== USUAL_END", "at < 0"]],
    tests: [
      "tests/codec/content_length_test.ts",
      "tests/codec/vectors_test.ts",
    ],
  },
  {
    name: "cli: flags of TLS are ignored where no address has it",
    file: "src/cli/addresses.ts",
    edits: [[
      "if (name === undefined || operands.some(",
      "if (name !== name || operands.length > 0 || operands.some(",
    ]],
    tests: ["tests/cli/main_test.ts"],
  },
  {
    name: "cli: --frame runs a program that was not allowed",
    file: "src/cli/formats.ts",
    edits: [[
      "if (!allowCode) {",
      'if (!allowCode && frame === "") {',
    ]],
    tests: ["tests/cli/main_test.ts"],
  },
  {
    name: "cli: a flag can be given twice",
    file: "src/cli/parse_arguments.ts",
    edits: [[
      "if (flag in given && !repeated) {",
      "if (flag in given && repeated) {",
    ]],
    tests: ["tests/cli/main_test.ts"],
  },
  {
    name: "cli: Ctrl-C while connecting is a defect",
    file: "src/cli/main.ts",
    edits: [["error instanceof Interrupted) return", "readerLeft) return"]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: NO_COLOR is not looked at",
    file: "src/cli/main.ts",
    edits: [[
      'return isTerminal && NO_COLOR === "" && TERM',
      'return isTerminal && NO_COLOR !== "0" && TERM',
    ]],
    tests: ["tests/cli/main_test.ts"],
  },
  {
    name: "cli: a time-out exits as the network does",
    file: "src/cli/errors.ts",
    edits: [[
      'if (error.code === "TIMED_OUT") return EXIT.timeout;',
      "",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: TLS exits as the network does",
    file: "src/cli/errors.ts",
    edits: [[
      'error.code.startsWith("TLS_") ? EXIT.tls : EXIT.network',
      "EXIT.network",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: control characters reach the terminal",
    file: "src/cli/frame_printer.ts",
    edits: [[
      "if (!this.#output.isTerminal) return text;",
      "if (this.#output !== undefined) return text;",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: a command takes the rest of a frame",
    file: "src/cli/answers.ts",
    edits: [[
      "commands.get(name.trim())",
      "commands.get(name.trim().split(/\\W/)[0]!)",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: a bad frame has no likely cause",
    file: "src/cli/report.ts",
    edits: [[
      "const cause = hint === undefined",
      "const cause = hint !== null",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: listen exits with 0 after a bad frame",
    file: "src/cli/verbs/listen.ts",
    edits: [[
      "if (error instanceof FrameError) this.exitCode = EXIT.different;",
      "",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: a search passes over the byte behind a bad one",
    file: "src/cli/frame_stream.ts",
    edits: [[
      ": at + 1;",
      ": at + 2;",
    ]],
    tests: ["tests/cli/notations_test.ts"],
  },
  {
    name: "cli: a place behind skipped bytes has the offset of the decoder",
    file: "src/cli/frame_stream.ts",
    edits: [[
      "if (this.#from === 0) return this.#onBad(error);",
      "if (this.#from >= 0) return this.#onBad(error);",
    ]],
    tests: ["tests/cli/notations_test.ts"],
  },
  {
    name: "cli: a bad frame is told for each byte of it",
    file: "src/cli/frame_stream.ts",
    edits: [[
      "if (this.#searches) return;",
      "",
    ]],
    tests: ["tests/cli/notations_test.ts"],
  },
  {
    name: "cli: a frame has the bytes of what was passed over before it",
    file: "src/cli/wire_codec.ts",
    edits: [[
      "held.skip(offset - this.#heldFrom);",
      "",
    ]],
    tests: ["tests/cli/notations_test.ts", "tests/cli/wire_codec_test.ts"],
  },
  {
    name: "cli: bytes in JSON are no bytes when they are read",
    file: "src/cli/values.ts",
    edits: [[
      'if (name === "base64") return bytesOf(content) ?? value;',
      "",
    ]],
    tests: ["tests/cli/notations_test.ts"],
  },
  {
    name: "cli: Base64 has no padding",
    file: "src/testing/base64.ts",
    edits: [[
      "ALPHABET[group >> 6 & 63]! : PADDING;",
      "ALPHABET[group >> 6 & 63]! : ALPHABET[0]!;",
    ]],
    tests: ["tests/testing", "tests/cli/notations_test.ts"],
  },
  {
    name: "cli: frames of a length are bytes over a WebSocket",
    file: "src/cli/formats.ts",
    edits: [[
      'if (!isOfMessages) return { mode: "bytes" };',
      'if (codec !== null) return { mode: "bytes" };',
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "cli: decode goes on waiting at Ctrl-C",
    file: "src/cli/main.ts",
    edits: [[
      "chunks: () => untilAborted(stdin.chunks(), signal),",
      "chunks: () => stdin.chunks(),",
    ]],
    tests: ["tests/cli/notations_test.ts"],
  },
  {
    name: "cli: connect waits for its input when the server has ended",
    file: "src/cli/verbs/connect.ts",
    edits: [[
      "await Promise.race([printing, sending.then(() => printing)]);",
      "await Promise.all([printing, sending]);",
    ]],
    tests: ["tests/cli/talk_test.ts"],
  },
  {
    name: "generate: a plan loses the smallest length of a header",
    file: "src/generate/plan_of.ts",
    edits: [["least: rest.least,", "least: 0,"]],
    tests: ["tests/generate/plan_of_test.ts"],
  },
  {
    name: "generate: code of C may read what is not there yet",
    file: "src/generate/plan_of.ts",
    edits: [[
      "headerLength,\n    stripBytes,",
      "headerLength: lengthOffset,\n    stripBytes,",
    ]],
    tests: ["tests/languages/languages_deno_test.ts"],
  },
  {
    name: "generate: a dissector begins again where the packet began",
    file: "src/generate/languages/wireshark.ts",
    edits: [["pinfo.desegment_offset = at", "pinfo.desegment_offset = 0"]],
    tests: ["tests/languages/wireshark_deno_test.ts"],
  },
  {
    name: "conform: a frame too many is taken for none",
    file: "src/cli/conform/compare.ts",
    edits: [[
      "if (got.length === expected.length) return;",
      "if (got.length >= expected.length) return;",
    ]],
    tests: ["tests/cli/conform"],
  },
  {
    name: "conform: frames are compared up to the first one only",
    file: "src/cli/conform/compare.ts",
    edits: [[
      "expected.findIndex((frame, i) => !sameFrame(frame, got[i]));",
      "expected.findIndex((frame, i) => i === 0 && !sameFrame(frame, got[i]));",
    ]],
    tests: ["tests/cli/conform"],
  },
  {
    name: "page: a link loses all cuts but the first",
    file: "site/play/logic/link.ts",
    edits: [[
      "(at - (cuts[i - 1] ?? 0)).toString(36)",
      "(at - (cuts[0] ?? 0)).toString(36)",
    ]],
    tests: ["tests/site/play"],
  },
];
