/**
 * The table of slips: what people write by mistake, and what they are told. Each call
 * is refused at once, before a socket is opened.
 */

import { assert, assertEquals } from "@std/assert";
import { Socket } from "node:net";
import { test } from "node:test";
import {
  bindDatagram,
  checksum,
  choose,
  compressed,
  connect,
  createClient,
  delimited,
  filter,
  framed,
  framedDatagrams,
  FrameDecoderStream,
  FrameEncoderStream,
  joined,
  json,
  lengthPrefixed,
  lines,
  listen,
  mapCodec,
  parseAddress,
  reconnecting,
  serve,
} from "../mod.ts";
import {
  argumentList,
  connectCommands,
  serveCommands,
} from "../src/exec/mod.ts";
import { formatOf, parseFormat } from "../src/format/mod.ts";
import {
  commandMessages,
  connectMessages,
  envelopes,
  Peer,
  reconnectingMessages,
  serveMessages,
  typed,
} from "../src/message/mod.ts";
import { memoryNetwork } from "../src/net/adapters/memory.ts";
import { serveRooms } from "../src/rooms/mod.ts";
import { transportTests } from "../src/testing/mod.ts";

/** A slip, as the type checker sees it. */
type Anything = never;

/** A call, and what it is told: a `TypeError`, unless a `RangeError` is named. */
type Slip = readonly [call: () => unknown, told: string];

/** A network that must not be used. */
const network = {
  connect: () => Promise.reject(new Error("A socket was opened")),
  listen: () => Promise.reject(new Error("A socket was opened")),
};
const target = { address: "memory:slips", codec: lines(), network };
const { codec: _codec, ...withoutCodec } = target;
const controller = new AbortController();
const pair = () => new TransformStream<Uint8Array, Uint8Array>();
const { readable, writable } = pair();

/** Slips with the same message. */
function all(told: string, calls: readonly (() => unknown)[]): Slip[] {
  return calls.map((call) => [call, told]);
}

/** Calls all functions that connect or listen with some options. */
function everywhere(options: object): (() => unknown)[] {
  const framed = { ...target, ...options } as Anything;
  const own = { ...withoutCodec, ...options } as Anything;
  const commands = { ...withoutCodec, commands: {}, ...options } as Anything;
  return [
    () => createClient(framed),
    () => reconnecting(framed),
    () => serve(framed),
    () => connectMessages(own),
    () => reconnectingMessages(own),
    () => serveMessages(own),
    () => serveRooms(own),
    () => connectCommands(own),
    () => serveCommands(commands),
  ];
}

/** What is written for an address, and what is told. */
const addresses: readonly (readonly [given: unknown, got: string])[] = [
  [2000, "got 2000; write { port: 2000 }"],
  [undefined, "got undefined"],
  [null, "got null"],
  ["localhost:2000", 'got "localhost:2000"; write "tcp://localhost:2000"'],
  ["[::1]:2000", 'got "[::1]:2000"; write "tcp://[::1]:2000"'],
  ["tcp://::1:2000", 'got "tcp://::1:2000"; write "tcp://[::1]:2000"'],
  ["2000", 'got "2000"; write { port: 2000 }'],
  [":2000", 'got ":2000"; write "tcp://:2000"'],
  ["localhost", 'got "localhost"; write "tcp://localhost:PORT"'],
  ["tcp://localhost", 'got "tcp://localhost"; write "tcp://localhost:PORT"'],
  ["tcp:localhost:1", 'got "tcp:localhost:1"; write "tcp://localhost:1"'],
  ["TCP://localhost:1", 'got "TCP://localhost:1"; write "tcp://localhost:1"'],
  ["http://x.org:80/", 'got "http://x.org:80/"; write "tcp://x.org:80"'],
  ["https://x.org", 'got "https://x.org"'],
  ["tcp://h:1\n", 'got "tcp://h:1\\n"; write "tcp://h:1"'],
  ["/run/x.sock", 'got "/run/x.sock"; write "unix:/run/x.sock"'],
  ["", 'got ""'],
  ["a b", 'got "a b"'],
  [new URL("tcp://h:1"), "got an object (URL); write its .href"],
  [Promise.resolve(""), "got an object (Promise); await it first"],
  [["localhost", 2000], "got an array"],
  [{ address: { port: 1 } }, "got an object; write its .address"],
  [
    { address: "127.0.0.1", family: "IPv4", port: 1 },
    "got an object; write { hostname, port }",
  ],
];

/** Objects for an address with something wrong in them. */
const parts: readonly (readonly [given: unknown, told: string])[] = [
  [
    { host: "localhost", port: 2000 },
    "Cannot use host: an address has no such option, did you mean hostname?",
  ],
  [
    { port: "2000" },
    'Cannot read the address: expected a port from 0 to 65535, got "2000"; write port: 2000',
  ],
  [
    { port: 65_536 },
    "Cannot read the address: expected a port from 0 to 65535, got 65536",
  ],
  [
    {},
    "Cannot read the address: expected a port from 0 to 65535, got undefined",
  ],
  [
    { hostname: 127, port: 1 },
    "Cannot use hostname: expected a string, got 127",
  ],
  [
    { transport: "tpc", port: 1 },
    "Cannot use transport: expected one of tcp, tls, udp, got tpc",
  ],
  [
    { transport: "tcp", path: "/run/x.sock" },
    "Cannot use transport: expected one of unix, got tcp",
  ],
  [{ path: 5 }, "Cannot read the address: expected a path, got 5"],
];

/** What is given for a codec, and what is told. */
const codecs: readonly (readonly [given: unknown, got: string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  [lines, "function; call it: lines()"],
  ["lines", "string"],
  [{}, "object"],
  [
    new TextDecoder(),
    "object of another library; wrap it: mapCodec(lengthPrefixed(), { ... })",
  ],
];

/** An object of a class. */
function instance(name: string, parts: object): object {
  const { [name]: Class } = { [name]: class {} };
  return Object.assign(new Class!(), parts);
}
const method = () => {};

/** What is given for a byte stream, and what is told. */
const duplexes: readonly (readonly [given: unknown, got: string])[] = [
  [undefined, "undefined"],
  ["tcp://h:1", '"tcp://h:1"; use createClient({ address, codec })'],
  [Promise.resolve(), "an object (Promise); await it first"],
  [
    new Socket(),
    "an object (Socket); write framed(nodeDuplex(stream), codec), from @framewire/framewire/net/node",
  ],
  [
    instance("Conn", { readable, writable, closeWrite: method, localAddr: {} }),
    "an object (Conn); its streams close both directions at once: use connect() or listen(), or give { readable, writable } of the Deno.Conn",
  ],
  [
    instance("Socket", { write: method, end: method }),
    "an object (Socket); use connect() or listen() in place of those of Bun",
  ],
  [
    instance("WebSocket", { send: method, addEventListener: method }),
    "an object (WebSocket); give { readable, writable } of its messages, see docs/transports.md",
  ],
  [
    instance("WebSocketStream", { opened: Promise.resolve() }),
    "an object (WebSocketStream); give what its .opened resolves to",
  ],
  [
    readable,
    "an object (ReadableStream); use readable.pipeThrough(new FrameDecoderStream(codec))",
  ],
  [{ readable }, "an object"],
  [{ readable: null, writable: null }, "an object; open it first"],
  [
    { readable, writable, switchCodec: method },
    "an object; it has frames already: use switchCodec(codec)",
  ],
];

/** What is given for a command, and what is told. */
const commands: readonly (readonly [given: unknown, told: string])[] = [
  [
    "/bin/date",
    'Cannot use the options of the command go: expected an object, such as { file: ... }, got "/bin/date"',
  ],
  [
    { files: "/bin/date" },
    "Cannot use files: the command go has no such option, did you mean file?",
  ],
  [
    { file: ["/bin/date"] },
    "Cannot use file: expected a string, got an array",
  ],
  [
    { file: "/bin/echo", args: ["-n"] },
    "Cannot use args of the command go: expected a schema, such as argumentList({ max: 3 }), or a function, got an array",
  ],
  [
    { file: "/bin/echo", args: argumentList },
    "Cannot use args of the command go: expected a schema, such as argumentList({ max: 3 }), or a function, got the function argumentList; call it: argumentList()",
  ],
  [
    { file: "/bin/echo", env: { PATH: "/bin" } },
    "Cannot use PATH: env of the command go has no such option; it has inherit, set",
  ],
];

const FORMS =
  'Cannot read the address: expected "tcp://host:port", "tls://host:port", "ws://host:port/path", "udp://host:port" or "unix:/path",';
const CODEC = "Cannot use codec: expected a codec, such as lines(), got";
const BYTES =
  "Cannot use the byte stream: expected a connection, a transport, or { readable, writable } of Web Streams, got";

const memory = memoryNetwork();
const peer = () =>
  new Peer(framed(pair(), envelopes()), { heartbeatMs: Infinity });

const slips: Readonly<Record<string, readonly Slip[]>> = {
  "an address": [
    ...addresses.flatMap(([given, got]) =>
      all(`${FORMS} ${got}`, [
        () => parseAddress(given as Anything),
        () => memory.connect(given as Anything),
      ])
    ),
    ...parts.flatMap(([given, told]) =>
      all(told, [
        () => parseAddress(given as Anything),
        () => bindDatagram(given as Anything),
      ])
    ),
    ...all(`${FORMS} got 2000; write { port: 2000 }`, [
      ...[connect, listen, bindDatagram].map((open) => () =>
        open(2000 as Anything)
      ),
      ...everywhere({ address: 2000, network: undefined }),
    ]),
    [
      () => bindDatagram("localhost:2000"),
      `${FORMS} got "localhost:2000"; write "udp://localhost:2000"`,
    ],
  ],

  "a codec": [
    ...codecs.flatMap(([given, got]) =>
      all(`${CODEC} ${got}`, [
        () => createClient({ ...target, codec: given as Anything }),
        () => reconnecting({ ...target, codec: given as Anything }),
        () => serve({ ...target, codec: given as Anything }),
        () => framed({ readable, writable }, given as Anything),
        () => new FrameDecoderStream(given as Anything),
        () => new FrameEncoderStream(given as Anything),
        () => json(given as Anything),
      ])
    ),
    ...all(`${CODEC} function; call it: lines()`, [
      () => connectMessages({ ...target, codec: lines as Anything }),
      () => serveMessages({ ...target, codec: lines as Anything }),
      () => mapCodec(lines as Anything, {} as Anything),
      () => filter(lines as Anything, () => true),
      () => joined(lines as Anything, {} as Anything),
      () => checksum(lines as Anything, "crc32"),
      () => envelopes(lines as Anything),
      () => commandMessages(lines as Anything, {}),
    ]),
    [
      () => choose({ text: lines as Anything }, {} as Anything),
      "Cannot use text: expected a codec, such as lines(), got function; call it: lines()",
    ],
    [
      () => formatOf(lines as Anything),
      "Cannot use codec: expected an object, got the function lines; call it: lines()",
    ],
    [
      () => parseFormat(5 as Anything),
      "Cannot use the format: expected a string, got 5",
    ],
    [
      () => compressed(lengthPrefixed(), "gzip" as Anything),
      'Cannot use compression: expected an object with compress(), decompress(), got "gzip"',
    ],
    [
      () => delimited("\n" as Anything),
      "Cannot use the options of delimited: expected { truncated: ... }, got string",
    ],
  ],

  "a byte stream": [
    ...duplexes.map(([given, got]): Slip => [
      () => framed(given as Anything, lines()),
      `${BYTES} ${got}`,
    ]),
    [
      () => framedDatagrams(new EventTarget() as Anything, lines()),
      "Cannot use socket: expected a socket of bindDatagram(), got an object (EventTarget)",
    ],
    ...all(
      "Cannot use channel: expected a connection of frames, got an object; put frames on it: framed(connection, envelopes())",
      [() => new Peer({ readable, writable } as Anything)],
    ),
  ],

  "options": [
    ...all(
      "Cannot use the options of createClient: expected an object, such as { address: ... }, got undefined",
      [() => createClient(undefined as Anything)],
    ),
    [
      () => serve("tcp://127.0.0.1:0" as Anything),
      'Cannot use the options of serve: expected an object, such as { address: ... }, got "tcp://127.0.0.1:0"',
    ],
    [
      () => connect("tcp://127.0.0.1:1", 5_000 as Anything),
      "Cannot use the options of connect: expected an object, such as { timeoutMs: ... }, got 5000",
    ],
    [
      () => connect("tcp://127.0.0.1:1", { timeout: 5 } as Anything),
      "Cannot use timeout: connect has no such option, did you mean timeoutMs?",
    ],
    [
      () => listen("tcp://127.0.0.1:0", { nodelay: true } as Anything),
      "Cannot use nodelay: listen has no such option, did you mean noDelay?",
    ],
    [
      () => listen("tcp://127.0.0.1:0", { backlog: 5 } as Anything),
      "Cannot use backlog: listen has no such option; it has signal, onError, tls, webSocket, proxyProtocol, handshakeTimeoutMs, reusePort, noDelay, keepAlive",
    ],
    [
      () => bindDatagram({ port: 0 }, { maxBuffer: 5 } as Anything),
      "Cannot use maxBuffer: bindDatagram has no such option, did you mean maxReceiveBuffer?",
    ],
    [
      () => createClient({ ...target, connectTimeout: 5 } as Anything),
      "Cannot use connectTimeout: createClient has no such option, did you mean timeoutMs?",
    ],
    [
      () => createClient({ ...target, endianess: "little" } as Anything),
      "Cannot use endianess: createClient has no such option, give endian to the codec",
    ],
    [
      () => serve({ ...target, maxFrameSize: 5 } as Anything),
      "Cannot use maxFrameSize: serve has no such option, give maxFrameLength to the codec",
    ],
    [
      () => serve({ ...target, idleTimeout: 5 } as Anything),
      "Cannot use idleTimeout: serve has no such option, did you mean idleTimeoutMs?",
    ],
    [
      () => reconnecting({ ...target, initialDelay: 5 } as Anything),
      "Cannot use initialDelay: reconnecting has no such option, did you mean initialDelayMs?",
    ],
    [
      () => connectMessages({ ...withoutCodec, handler: {} } as Anything),
      "Cannot use handler: connectMessages has no such option, did you mean handlers?",
    ],
    [
      () => reconnectingMessages({ ...withoutCodec, maxQueue: 5 } as Anything),
      "Cannot use maxQueue: reconnectingMessages has no such option, did you mean maxQueued?",
    ],
    [
      () => serveMessages({ ...withoutCodec, heartbeat: 5 } as Anything),
      "Cannot use heartbeat: serveMessages has no such option, did you mean heartbeatMs?",
    ],
    [
      () => serveRooms({ ...withoutCodec, maxMember: 5 } as Anything),
      "Cannot use maxMember: serveRooms has no such option, did you mean maxMembers?",
    ],
    [
      () => serveCommands({ ...withoutCodec, command: {} } as Anything),
      "Cannot use command: serveCommands has no such option, did you mean commands?",
    ],
    [
      () => connectCommands({ ...withoutCodec, secrets: "" } as Anything),
      "Cannot use secrets: connectCommands has no such option, did you mean secret?",
    ],
    [
      () => framed({ readable, writable }, lines(), { timeout: 1 } as Anything),
      "Cannot use timeout: framed has no such option, did you mean idleTimeoutMs?",
    ],
    [
      () => new FrameDecoderStream(lines(), { batch: true } as Anything),
      "Cannot use batch: FrameDecoderStream has no such option, did you mean batches?",
    ],
    [
      () => new FrameEncoderStream(lines(), { batches: 8 as Anything }),
      "Cannot use batches: expected a boolean, got 8",
    ],
    [
      () => lengthPrefixed({ maxFrameSize: 5 } as Anything),
      "Cannot use maxFrameSize: lengthPrefixed has no such option, did you mean maxFrameLength?",
    ],
    [
      () => memoryNetwork({ sed: 1 } as Anything),
      "Cannot use sed: memoryNetwork has no such option, did you mean seed?",
    ],
    [
      () => argumentList({ maximum: 1 } as Anything),
      "Cannot use maximum: argumentList has no such option, did you mean max?",
    ],
    [
      () => parseFormat("lines", { onskip: () => {} } as Anything),
      "Cannot use onskip: a format has no such option, did you mean onSkip?",
    ],
    [
      () => transportTests(() => ({}) as Anything, { reset: true } as Anything),
      "Cannot use reset: transportTests has no such option, did you mean resets?",
    ],
  ],

  "a signal": [
    ...all(
      "Cannot use signal: expected an AbortSignal, got an object (AbortController); write its .signal",
      [
        ...everywhere({ signal: controller }),
        () => connect("tcp://127.0.0.1:1", { signal: controller as Anything }),
        () => listen("tcp://127.0.0.1:0", { signal: controller as Anything }),
        () => bindDatagram({ port: 0 }, { signal: controller as Anything }),
      ],
    ),
    ...all("Cannot use signal: expected an AbortSignal, got null", [
      ...everywhere({ signal: null }),
    ]),
  ],

  "a function": [
    [
      () => serve(target, {} as Anything),
      "Cannot use the handler: expected a function, got an object",
    ],
    [
      () => serve(target, null as Anything),
      "Cannot use the handler: expected a function, got null",
    ],
    [
      () => serveMessages(withoutCodec, {} as Anything),
      "Cannot use the setup: expected a function, got an object",
    ],
    [
      () =>
        connectMessages({ ...withoutCodec, handlers: { add: 5 as Anything } }),
      "Cannot use add: expected a function, got 5",
    ],
    [
      () => serveMessages({ ...withoutCodec, events: { hi: "" as Anything } }),
      'Cannot use hi: expected a function, got ""',
    ],
    [
      () => peer().on("add", undefined as Anything),
      "Cannot use the handler: expected a function, got undefined",
    ],
    [
      () => filter(lines(), "x" as Anything),
      'Cannot use keep: expected a function, got "x"',
    ],
    [
      () => transportTests({} as Anything),
      "Cannot use pair: expected a function, got an object",
    ],
    ...all("Cannot use onError: expected a function, got true", [
      () => serve({ ...target, onError: true as Anything }),
      () => serveMessages({ ...withoutCodec, onError: true as Anything }),
      () => serveRooms({ ...withoutCodec, onError: true as Anything }),
    ]),
    [
      () => reconnecting({ ...target, onRetry: 3 as Anything }),
      "Cannot use onRetry: expected a function, got 3",
    ],
  ],

  "a network": [
    [
      () => createClient({ ...target, network: memoryNetwork as Anything }),
      "Cannot use network: expected an object with connect(), got the function memoryNetwork; call it: memoryNetwork()",
    ],
    [
      () =>
        createClient({
          ...target,
          network: { connect: () => Promise.resolve({}) } as Anything,
        }),
      "Cannot use network: expected a connection from its connect(), got an object",
    ],
    [
      () => serve({ ...target, network: { connect } as Anything }),
      "Cannot use network: expected an object with listen(), got an object",
    ],
  ],

  "commands": [
    [
      () => serveCommands(withoutCodec as Anything),
      "Cannot use commands: expected an object, got undefined",
    ],
    ...commands.map(([given, told]): Slip => [
      () =>
        serveCommands({ ...withoutCodec, commands: { go: given as Anything } }),
      told,
    ]),
    [
      () => connectCommands({ ...withoutCodec, secret: 5 as Anything }),
      "Cannot use secret: expected a string or a Uint8Array, got 5",
    ],
    [
      () =>
        serveMessages({
          ...withoutCodec,
          commands: { add: { input: typed } } as Anything,
        }),
      "Cannot use the input of add: expected a Standard Schema, such as typed<string>(), got the function typed; call it: typed()",
    ],
    [
      () =>
        serveMessages({
          ...withoutCodec,
          commands: { add: { in: typed() } } as Anything,
        }),
      "Cannot use in: the command add has no such option; it has input, output",
    ],
  ],
};

/** What a call throws, or rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

for (const [kind, table] of Object.entries(slips)) {
  test(`a slip with ${kind} is refused at once, with what to write instead`, async () => {
    for (const [call, told] of table) {
      assertEquals(
        String(await errorOf(call)),
        `TypeError: ${told}`,
        `${call}`,
      );
    }
  });
}

test("run() refuses a slip at once, and input that is none by its exit", async () => {
  const address = "memory:commands";
  await using server = await serveCommands({
    address,
    network: memory,
    commands: {},
  });
  await using client = await connectCommands({
    address: server.address,
    network: memory,
  });
  const told = async (call: () => unknown) => String(await errorOf(call));
  assertEquals(
    await told(() => client.run("go", [], { stdin: "" } as Anything)),
    "TypeError: Cannot use stdin: run has no such option; it has signal, input",
  );
  assertEquals(
    await told(() => client.run(["go"] as Anything)),
    "TypeError: Cannot use the name of a command: expected a string, got an array",
  );
  assertEquals(
    await told(() => client.run("go", [], { input: 5 as Anything }).exit),
    "TypeError: Cannot use input: expected a string, a Uint8Array, or pieces of them, got 5",
  );
});

test("what returns a promise rejects at a slip, and does not throw", async () => {
  const functions: readonly ((given: Anything) => Promise<unknown>)[] = [
    connect,
    listen,
    bindDatagram,
    createClient,
    serve,
    connectMessages,
    serveMessages,
    serveRooms,
    connectCommands,
    serveCommands,
    (options) => memory.connect("memory:nobody", options),
    (options) => framed(pair(), lines()).receive(options),
    (options) => peer().request("add", 1, options),
  ];
  for (const call of functions) {
    const returned: unknown = call(5 as Anything);
    assert(returned instanceof Promise, `${call}`);
    assert(await errorOf(() => returned) instanceof TypeError);
  }
});
