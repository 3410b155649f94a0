/** Options that are out of their range are refused at once, by their names. */

import { assert, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import {
  bindDatagram,
  connect,
  createClient,
  handshake,
  lines,
  reconnecting,
  serve,
} from "../mod.ts";
import { connectCommands, serveCommands } from "../src/exec/mod.ts";
import {
  connectMessages,
  reconnectingMessages,
  serveMessages,
} from "../src/message/mod.ts";
import { memoryNetwork } from "../src/net/adapters/memory.ts";

/** A function, an option of it, and a call with a value of the option. */
type Case = readonly [
  name: string,
  option: string,
  call: (value: number) => unknown,
];

const network = memoryNetwork();
const address = "memory:options";
const codec = lines();
const secret = "long enough for a test";

const times: readonly Case[] = [
  [
    "connect()",
    "timeoutMs",
    (timeoutMs) => connect("tcp://127.0.0.1:1", { timeoutMs }),
  ],
  [
    "network.connect()",
    "timeoutMs",
    (timeoutMs) => network.connect(address, { timeoutMs }),
  ],
  [
    "createClient()",
    "timeoutMs",
    (timeoutMs) => createClient({ address, codec, network, timeoutMs }),
  ],
  [
    "connectMessages()",
    "timeoutMs",
    (timeoutMs) => connectMessages({ address, network, timeoutMs }),
  ],
  [
    "connectCommands()",
    "timeoutMs",
    (timeoutMs) => connectCommands({ address, secret, network, timeoutMs }),
  ],
  [
    "handshake()",
    "timeoutMs",
    (timeoutMs) =>
      handshake({ abort() {} }, () => Promise.resolve(), { timeoutMs }),
  ],
  [
    "serve()",
    "handshakeTimeoutMs",
    (handshakeTimeoutMs) =>
      serve({ address, codec, network, handshakeTimeoutMs }),
  ],
  [
    "serveCommands()",
    "handshakeTimeoutMs",
    (handshakeTimeoutMs) =>
      serveCommands({
        address,
        secret,
        network,
        commands: {},
        handshakeTimeoutMs,
      }),
  ],
  [
    "serveCommands()",
    "idleTimeoutMs",
    (idleTimeoutMs) =>
      serveCommands({ address, secret, network, commands: {}, idleTimeoutMs }),
  ],
  [
    "serveMessages()",
    "heartbeatMs",
    (heartbeatMs) => serveMessages({ address, network, heartbeatMs }),
  ],
  [
    "connectMessages()",
    "handlerTimeoutMs",
    (handlerTimeoutMs) =>
      connectMessages({ address, network, handlerTimeoutMs }),
  ],
  [
    "reconnecting()",
    "maxDelayMs",
    (maxDelayMs) =>
      reconnecting({ address, codec, network, maxDelayMs }).next(),
  ],
];

const counts: readonly Case[] = [
  [
    "serve()",
    "maxConnections",
    (maxConnections) => serve({ address, codec, network, maxConnections }),
  ],
  [
    "serve()",
    "maxConnectionsPerAddress",
    (maxConnectionsPerAddress) =>
      serve({ address, codec, network, maxConnectionsPerAddress }),
  ],
  [
    "serveMessages()",
    "maxUnready",
    (maxUnready) => serveMessages({ address, network, maxUnready }),
  ],
  [
    "serveMessages()",
    "maxRequests",
    (maxRequests) => serveMessages({ address, network, maxRequests }),
  ],
  [
    "reconnecting()",
    "maxAttempts",
    (maxAttempts) =>
      reconnecting({ address, codec, network, maxAttempts }).next(),
  ],
  [
    "reconnectingMessages()",
    "maxQueued",
    (maxQueued) => reconnectingMessages({ address, network, maxQueued }),
  ],
];

const countsFrom0: readonly Case[] = [
  [
    "reconnectingMessages()",
    "maxRepeats",
    (maxRepeats) => reconnectingMessages({ address, network, maxRepeats }),
  ],
  [
    "reconnectingMessages()",
    "maxRepeatsPercent",
    (maxRepeatsPercent) =>
      reconnectingMessages({ address, network, maxRepeatsPercent }),
  ],
];

const perSecond: Case = [
  "serveMessages()",
  "requestsPerSecond",
  (requestsPerSecond) => serveMessages({ address, network, requestsPerSecond }),
];

const rates: readonly Case[] = (["bytes", "frames", "burstMs"] as const)
  .flatMap((part) =>
    (["rate", "addressRate"] as const).map((name): Case => [
      "serve()",
      `${name}.${part}`,
      (value) => serve({ address, codec, network, [name]: { [part]: value } }),
    ])
  );

const bytes: readonly Case[] = [
  [
    "bindDatagram()",
    "maxReceiveBuffer",
    (maxReceiveBuffer) =>
      bindDatagram("udp://127.0.0.1:0", { maxReceiveBuffer }),
  ],
  [
    "serve()",
    "highWaterMark",
    (highWaterMark) => serve({ address, codec, network, highWaterMark }),
  ],
  [
    "serve()",
    "maxTotalBuffer",
    (maxTotalBuffer) => serve({ address, codec, network, maxTotalBuffer }),
  ],
  [
    "createClient()",
    "maxSendBuffer",
    (maxSendBuffer) => createClient({ address, codec, network, maxSendBuffer }),
  ],
];

/** What a call throws, or rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

function refuses(
  cases: readonly Case[],
  wrong: readonly unknown[],
): void {
  for (const [name, option, call] of cases) {
    test(`${name} refuses ${option} out of its range`, async () => {
      await using listener = await network.listen(address);
      void listener;
      for (const value of wrong) {
        const error = await errorOf(() => call(value as number));
        assert(error instanceof RangeError, `${value}: ${error}`);
        assertStringIncludes(error.message, `Cannot use ${option}: expected`);
      }
    });
  }
}

refuses(times, [0, -1, NaN, "5"]);
refuses(counts, [0, -1, 1.5, NaN, "5"]);
refuses(countsFrom0, [-1, 1.5, NaN, "5", Infinity]);
refuses(bytes, [-1, NaN, "5"]);
refuses([perSecond], [0, -1, NaN, "5"]);
refuses(rates, [0, -1, NaN, Infinity, "5"]);

test("Clients refuse an option before they connect", async () => {
  const nobody = { address: "memory:nobody", network, idleTimeoutMs: NaN };
  for (
    const call of [
      () => createClient({ ...nobody, codec }),
      () => reconnecting({ ...nobody, codec }).next(),
      () => connectMessages(nobody),
    ]
  ) {
    const error = await errorOf(call);
    assert(error instanceof RangeError, String(error));
  }
});

test("Infinity is a time limit of every option: none", async () => {
  await using server = await serveCommands({
    address,
    secret,
    network,
    commands: {},
    handshakeTimeoutMs: Infinity,
    idleTimeoutMs: Infinity,
  });
  await using client = await connectCommands({
    address: server.address,
    secret,
    network,
    timeoutMs: Infinity,
  });
  assert(client !== undefined);
});
