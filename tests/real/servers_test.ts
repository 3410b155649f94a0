/**
 * The servers and clients of others that conversations are run with: each starts, speaks
 * its protocol, and comes back at the same place after a kill.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import {
  type Address,
  type Codec,
  connect,
  delimited,
  framed,
  type FramedConnection,
  type JsonValue,
  NetError,
  serve,
  text,
  type Transport,
} from "../../mod.ts";
import { childProcess } from "../../src/net/adapters/process.ts";
import {
  dnsTcp,
  hl7Mllp,
  lsp,
  modbusTcp,
  mqtt,
  ndjson,
  postgres,
  resp,
  type RespValue,
  stomp,
  syslogOctetCounting,
} from "../../src/presets/mod.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";
import { noRedis, RedisServer } from "../support/redis_server.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { until } from "../support/until.ts";
import { noDebugpy, startDebugpy } from "./servers/debugpy.ts";
import { noDnsmasq, startDnsmasq } from "./servers/dnsmasq.ts";
import { noHl7, sendWithHl7, startHl7 } from "./servers/hl7.ts";
import {
  noLanguageServer,
  startLanguageServer,
} from "./servers/language_server.ts";
import {
  callWithMcpSdk,
  mcpEverything,
  noMcp,
  startMcpEverything,
} from "./servers/mcp.ts";
import { noMemcached, startMemcached } from "./servers/memcached.ts";
import { noMosquitto, startMosquitto } from "./servers/mosquitto.ts";
import {
  noPostgres,
  postgresLogin,
  startPostgres,
} from "./servers/postgres.ts";
import {
  callWithPymodbus,
  noPymodbus,
  startPymodbus,
} from "./servers/pymodbus.ts";
import {
  noRabbitmq,
  rabbitmqLogin,
  startRabbitmq,
} from "./servers/rabbitmq.ts";
import { noRsyslog, Rsyslog } from "./servers/rsyslog.ts";
import { type TcpPlace, ways } from "./through.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined) =>
  new TextDecoder().decode(bytes);

/** Tests a server. `ask` asks it something over a new connection. */
function testServer<T, S extends ServerProcess>(
  name: string,
  skip: false | string,
  start: () => Promise<S>,
  codec: Codec<T>,
  ask: (connection: FramedConnection<T>, server: S) => Promise<unknown>,
  expected: unknown,
  only?: "toClient",
): void {
  test(`${name} answers, and again after a kill`, { skip }, async () => {
    await using server = await start();
    await using connection = framed(await connect(server.address), codec);
    assertEquals(await ask(connection, server), expected);
    await server.kill();
    await untilTheEnd(connection);
    await server.start();
    // debugpy exits with the last of its connections.
    await using _held = await connect(server.address);
    for (const way of ways) {
      await using route = await way.to(server.address, only);
      await using connection = framed(await connect(route.address), codec);
      assertEquals(await ask(connection, server), expected, way.name);
    }
  });
}

/** No process that a killed server has left behind holds the connection. */
async function untilTheEnd(frames: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of frames);
  } catch (error) {
    if (!(error instanceof NetError)) throw error; // it was reset
  }
}

const crlfLines = text(delimited({ delimiter: "\r\n" }));

testServer(
  "Redis",
  noRedis,
  () => RedisServer.start(),
  resp(),
  async (redis) => {
    await redis.send({ type: "array", value: [bulk("ECHO"), bulk("hello")] });
    return await redis.receive();
  },
  bulk("hello"),
);

function bulk(value: string): RespValue {
  return { type: "bulk", value: bytes(value) };
}

testServer(
  "NATS",
  needsNats.skip,
  () => NatsServer.start({ jetStream: false }),
  crlfLines,
  async (nats) => {
    const info = await nats.receive();
    await nats.send("PING");
    return [info?.startsWith('INFO {"server_id"'), await nats.receive()];
  },
  [true, "PONG"],
);

testServer(
  "memcached",
  noMemcached,
  startMemcached,
  crlfLines,
  async (memcached) => {
    for (const line of ["set a 0 0 5", "hello", "get a"]) {
      await memcached.send(line);
    }
    const answer: unknown[] = [];
    while (answer.at(-1) !== "END") answer.push(await memcached.receive());
    return answer;
  },
  ["STORED", "VALUE a 0 5", "hello", "END"],
);

testServer(
  "Mosquitto",
  noMosquitto,
  startMosquitto,
  mqtt(),
  async (mosquitto) => {
    const header = [0, 4, ...bytes("MQTT"), 4, 2, 0, 60];
    await mosquitto.send(
      Uint8Array.of(0x10, header.length + 2, ...header, 0, 0),
    );
    return await mosquitto.receive();
  },
  Uint8Array.of(0x20, 2, 0, 0),
);

testServer("RabbitMQ", noRabbitmq, startRabbitmq, stomp(), async (rabbitmq) => {
  const { login, passcode, host } = rabbitmqLogin;
  await rabbitmq.send({
    command: "CONNECT",
    headers: { "accept-version": "1.2", login, passcode, host },
    body: bytes(""),
  });
  const frame = await rabbitmq.receive();
  return [frame?.command, frame?.headers["version"]];
}, ["CONNECTED", "1.2"]);

for (
  const [authentication, code] of [
    ["scram-sha-256", 10],
    ["md5", 5],
    ["password", 3],
  ] as const
) {
  testServer(
    `PostgreSQL with ${authentication}`,
    noPostgres,
    () => startPostgres(authentication),
    postgres({ startup: true }),
    async (startup) => {
      const { user, database } = postgresLogin;
      const version = String.fromCharCode(0, 3, 0, 0);
      await startup.send({
        type: "",
        body: bytes(`${version}user\0${user}\0database\0${database}\0\0`),
      });
      const reply = await startup.switchCodec(postgres()).receive();
      return [reply?.type, reply?.body[3]];
    },
    ["R", code],
  );
}

testServer(
  "rsyslog",
  noRsyslog,
  () => Rsyslog.start(),
  syslogOctetCounting(),
  async (rsyslog, server) => {
    const before = server.messages().length;
    await rsyslog.send(bytes("<34>1 - - - - - - hello"));
    await rsyslog.send(bytes("<34>1 - - - - - - again"));
    await until(() => server.messages().length === before + 2);
    return server.messages().slice(before);
  },
  ["<34>1 - - - - - - hello", "<34>1 - - - - - - again"],
);

testServer(
  "pymodbus",
  noPymodbus,
  startPymodbus,
  modbusTcp(),
  async (modbus) => {
    const pdu = Uint8Array.of(3, 0, 7, 0, 2);
    await modbus.send({ transactionId: 258, unit: 1, pdu });
    return await modbus.receive();
  },
  {
    transactionId: 258,
    unit: 1,
    pdu: Uint8Array.of(
      3,
      4,
      1_007 >> 8,
      1_007 & 0xff,
      1_008 >> 8,
      1_008 & 0xff,
    ),
  },
  "toClient",
);

const admission = "MSH|^~\\&|ADT|A|LAB|B|20260101||ADT^A01|42|P|2.5\rPID|1\r";

testServer("python-hl7", noHl7, startHl7, hl7Mllp(), async (hl7) => {
  await hl7.send(bytes(admission));
  const segments = decode(await hl7.receive()).split("\r");
  return segments.filter((segment) => segment.startsWith("MSA"));
}, ["MSA|AA|42"]);

testServer(
  "dnsmasq",
  noDnsmasq,
  () => startDnsmasq("--txt-record=a.test,hello"),
  dnsTcp(),
  async (dns) => {
    const question = [1, 97, 4, ...bytes("test"), 0, 0, 16, 0, 1];
    const head = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    await dns.send(Uint8Array.of(...head, ...question));
    const answer = await dns.receive();
    return [answer?.slice(0, 2), decode(answer?.slice(-6))];
  },
  [Uint8Array.of(0x12, 0x34), "\x05hello"],
);

testServer("debugpy", noDebugpy, startDebugpy, lsp(), async (debugpy) => {
  await debugpy.send({
    seq: 1,
    type: "request",
    command: "initialize",
    arguments: { adapterID: "test" },
  });
  for await (const message of debugpy) {
    const { type, command, success } = message as Record<string, unknown>;
    if (type === "response") return [command, success];
  }
  return undefined;
}, ["initialize", true]);

/** Tests a server that speaks JSON-RPC over its standard streams. */
function testChild(
  name: string,
  skip: false | string,
  start: () => Promise<Transport>,
  codec: () => Codec<JsonValue>,
  params: JsonValue,
): void {
  for (const way of ways) {
    test(`${name} answers ${way.name}`, { skip }, async () => {
      const server = framed(await way.over(await start()), codec());
      const request = { jsonrpc: "2.0", id: 1, method: "initialize", params };
      await server.send(request);
      const keys = await resultKeys(server);
      assert(keys?.includes("capabilities"), `${keys}`);
      server.abort();
      await server.closed;
    });
  }
}

/** What the response to a request has; notifications may come before it. */
async function resultKeys(
  messages: AsyncIterable<JsonValue>,
): Promise<string[] | undefined> {
  for await (const message of messages) {
    const { id, result } = message as {
      id?: number;
      result?: Record<string, unknown>;
    };
    if (id === 1) return Object.keys(result ?? {});
  }
  return undefined;
}

testChild("The language server", noLanguageServer, startLanguageServer, lsp, {
  processId: null,
  rootUri: null,
  capabilities: {},
});

testChild("The MCP server", noMcp, startMcpEverything, () => ndjson(), {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});

for (const way of ways) {
  test(`rsyslog sends on ${way.name}`, { skip: noRsyslog }, async () => {
    const received: string[] = [];
    await using server = await serve(
      { address: { port: 0 }, codec: syslogOctetCounting() },
      (connection) =>
        connection.forEach((message) => void received.push(decode(message))),
    );
    await using route = await way.to(placeOf(server));
    await using rsyslog = await Rsyslog.start(route.address.port);
    await using program = framed(
      await connect(rsyslog.address),
      syslogOctetCounting(),
    );
    await program.send(bytes("<34>1 - - - - - - hello"));
    await until(() => received.length > 0);
    assertMatch(received[0]!, /^<34>1 .* hello\n$/);
  });

  test(
    `callWithPymodbus() calls ${way.name}`,
    { skip: noPymodbus },
    async () => {
      await using server = await serve(
        { address: { port: 0 }, codec: modbusTcp() },
        (connection) =>
          connection.forEach(({ pdu, ...head }) =>
            connection.send({
              ...head,
              pdu: pdu[0] === 3
                ? Uint8Array.of(3, 2, pdu[1]!, pdu[2]!)
                : Uint8Array.of(pdu[0]! | 0x80, 1),
            })
          ),
      );
      await using route = await way.to(placeOf(server));
      const results = await callWithPymodbus(route.address.port, [
        ["read_holding_registers", { address: 258, count: 1 }],
        ["read_coils", { address: 0, count: 1 }],
      ]);
      assertEquals(results, [[258], { exception: 1 }]);
    },
  );

  test(`sendWithHl7() sends ${way.name}`, { skip: noHl7 }, async () => {
    await using server = await serve(
      { address: { port: 0 }, codec: hl7Mllp() },
      (connection) =>
        connection.forEach((message) => {
          const id = decode(message).split("|")[9];
          return connection.send(
            bytes(`MSH|^~\\&|B|B|A|A|||ACK|1|P|2.5\rMSA|AA|${id}\r`),
          );
        }),
    );
    await using route = await way.to(placeOf(server));
    const replies = await sendWithHl7(route.address.port, [
      admission,
      admission,
    ]);
    assert(Array.isArray(replies));
    assertEquals(
      replies.map((reply) => `${reply}`.split("\r")[1]),
      ["MSA|AA|42", "MSA|AA|42"],
    );
  });

  test(`callWithMcpSdk() calls ${way.name}`, { skip: noMcp }, async () => {
    await using server = await serve(
      { address: { port: 0 }, codec: ndjson() },
      (connection) =>
        connection.forEach((message) => {
          const { id, method } = message as { id?: number; method: string };
          if (id === undefined) return;
          return connection.send({ jsonrpc: "2.0", id, ...mcpReply(method) });
        }),
    );
    await using route = await way.to(placeOf(server));
    const results = await callWithMcpSdk(route.address.port, [
      ["listTools"],
      ["ping"],
    ]);
    assertEquals(results, [{ tools: [] }, {
      error: -32_601,
      message: "MCP error -32601: None",
    }]);
  });
}

test("callWithMcpSdk() starts a server", { skip: noMcp }, async () => {
  const [results] = await callWithMcpSdk(mcpEverything, [["listTools"]]) as {
    tools: JsonValue[];
  }[];
  assert(results!.tools.length > 0);
});

function mcpReply(method: string): Record<string, JsonValue> {
  switch (method) {
    case "initialize":
      return {
        result: {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "test", version: "1" },
        },
      };
    case "tools/list":
      return { result: { tools: [] } };
    default:
      return { error: { code: -32_601, message: "None" } };
  }
}

/** Where a server of ours listens. */
function placeOf({ address }: { address: Address }): TcpPlace {
  if (address.transport !== "tcp") throw new TypeError("Not over TCP");
  return address;
}

test("Way.over() cuts and glues what a child process gets and gives", async () => {
  const lengths: Record<string, number[]> = {};
  for (const way of ways.slice(1)) {
    await using cat = await way.over(await childProcess("cat"));
    const writer = cat.writable.getWriter();
    for (const part of ["a", "bc", "def"]) await writer.write(bytes(part));
    const got: number[] = lengths[way.name] = [];
    for await (const chunk of cat.readable) {
      got.push(chunk.length);
      if (got.reduce((sum, length) => sum + length) === 6) break;
    }
  }
  assertEquals(lengths, {
    "byte by byte": [1, 1, 1, 1, 1, 1],
    "glued together": [6],
  });
});
