/** Syslog over TCP: our frames to rsyslog, and its messages to our receiver. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  parseSyslog,
  type SyslogMessage,
  syslogReceiver,
} from "../../examples/conversations/syslog_receiver.ts";
import {
  type Codec,
  createClient,
  delimited,
  NetError,
  text,
} from "../../mod.ts";
import { syslogOctetCounting } from "../../src/presets/mod.ts";
import { until } from "../support/until.ts";
import { noRsyslog, Rsyslog } from "./servers/rsyslog.ts";
import { type TcpPlace, ways } from "./through.ts";

const skip = noRsyslog;
const numbers = (length: number) => Array.from({ length }, (_, n) => n);

const framings: readonly [name: string, codec: Codec<string>][] = [
  ["octet counting", text(syslogOctetCounting())],
  ["line feeds", text(delimited({ delimiter: "\n" }))],
];

/** What the messages say; each has another length. */
const said = numbers(200).map((n) => `Grüße ${n} ${"ä]".repeat(n)}`);

/** The same as messages of RFC 5424, of all priorities. */
const messages = said.map((text, n) =>
  `<${n % 192}>1 2026-01-01T00:00:00.000${100 + n}Z host${n} app ${n} ID${n} ` +
  `[a@1 b="\\]\\"${n}"][c@1] ${text}`
);

/** How many bytes the frames of messages have, with octet counting. */
function length(messages: readonly string[]): number {
  const codec = framings[0]![1];
  return messages.reduce((sum, one) => sum + codec.encode(one).length, 0);
}

async function send(
  address: TcpPlace,
  codec: Codec<string>,
  frames: readonly string[],
): Promise<void> {
  await using client = await createClient({ address, codec });
  for (const frame of frames) await client.send(frame);
}

for (const way of ways) {
  for (const [framing, codec] of framings) {
    test(`rsyslog takes ${framing} ${way.name}`, { skip }, async () => {
      await using rsyslog = await Rsyslog.start();
      await using route = await way.to(rsyslog.address);
      await send(route.address, codec, messages);
      await until(() => rsyslog.messages().length >= messages.length);
      assertEquals(rsyslog.messages(), messages);
    });
  }

  test(`syslogReceiver() takes what rsyslog forwards ${way.name}`, {
    skip,
  }, async () => {
    const taken: SyslogMessage[] = [];
    await using receiver = await syslogReceiver(
      { port: 0 },
      (message) => void taken.push(message),
    );
    const { port } = receiver.address as { port: number };
    await using route = await way.to({ hostname: "127.0.0.1", port });
    await using rsyslog = await Rsyslog.start(route.address.port);
    await send(rsyslog.address, text(syslogOctetCounting()), messages);
    await until(() => taken.length >= messages.length);
    assertEquals(taken, messages.map(parsed));
  });
}

/** What a message is to be taken for. */
function parsed(_: string, n: number): SyslogMessage {
  return {
    facility: Math.floor(n % 192 / 8),
    severity: n % 8,
    timestamp: `2026-01-01T00:00:00.000${100 + n}Z`,
    hostname: `host${n}`,
    app: "app",
    process: `${n}`,
    kind: `ID${n}`,
    data: `[a@1 b="\\]\\"${n}"][c@1]`,
    text: said[n]!,
  };
}

test(
  "A sender learns that rsyslog is killed, and goes on with a new connection",
  {
    skip,
  },
  async () => {
    const codec = text(syslogOctetCounting());
    await using rsyslog = await Rsyslog.start();
    await using client = await createClient({
      address: rsyslog.address,
      codec,
    });
    for (const frame of messages.slice(0, 100)) await client.send(frame);
    await until(() => rsyslog.messages().length === 100);
    // It stands still, so it takes nothing more.
    rsyslog.stop();
    for (const frame of messages.slice(100)) await client.send(frame);
    await until(() => client.stats().bytesSent === length(messages));
    await rsyslog.kill();
    const { error } = await client.closed;
    assert(error instanceof NetError);
    assertEquals(error.code, "CONNECTION_RESET");
    await rsyslog.start();
    await send(rsyslog.address, codec, messages.slice(100));
    await until(() => rsyslog.messages().length >= 200);
    assertEquals(rsyslog.messages(), messages);
  },
);

test("syslogReceiver() goes on when rsyslog is killed and comes back", {
  skip,
}, async () => {
  const taken: SyslogMessage[] = [];
  await using receiver = await syslogReceiver(
    { port: 0 },
    (message) => void taken.push(message),
  );
  const { port } = receiver.address as { port: number };
  await using rsyslog = await Rsyslog.start(port);
  const codec = text(syslogOctetCounting());
  await send(rsyslog.address, codec, messages.slice(0, 100));
  await until(() => taken.length === 100);
  await rsyslog.kill();
  await until(() => receiver.connections.size === 0);
  await rsyslog.start();
  await send(rsyslog.address, codec, messages.slice(100));
  await until(() => taken.length >= 200);
  assertEquals(taken, messages.map(parsed));
});

test("syslogReceiver() takes both framings, and several lines in one message", async () => {
  const taken: string[] = [];
  await using receiver = await syslogReceiver(
    { port: 0 },
    ({ text }) => void taken.push(text),
  );
  const { port } = receiver.address as { port: number };
  const [[, counted], [, lines]] = framings as [
    (typeof framings)[number],
    (typeof framings)[number],
  ];
  await using client = await createClient({
    address: { port },
    codec: counted,
  });
  await client.send("<34>1 - - - - - - a\nb");
  client.switchCodec(lines);
  await client.send("<34>1 - - - - - - c");
  client.switchCodec(counted);
  await client.send("<34>1 - - - - - -");
  await until(() => taken.length === 3);
  assertEquals(taken, ["a\nb", "c", ""]);
});

test("parseSyslog() takes what is no RFC 5424 as text", () => {
  const old = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed";
  assertEquals(parseSyslog(old), {
    facility: 4,
    severity: 2,
    text: "Oct 11 22:14:15 mymachine su: 'su root' failed",
  });
  for (const text of ["hello", "<1234>1 - - - - - - x", ""]) {
    assertEquals(parseSyslog(text), { facility: 1, severity: 5, text });
  }
  // Data without an end: all of it is text.
  assertEquals(
    parseSyslog('<0>1 - - - - - [a b="c] x').text,
    '1 - - - - - [a b="c] x',
  );
});

test("parseSyslog() takes the example of RFC 5424", () => {
  const bom = "\ufeff";
  assertEquals(
    parseSyslog(
      "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 " +
        `[exampleSDID@32473 iut="3"] ${bom}An application event log entry`,
    ),
    {
      facility: 20,
      severity: 5,
      timestamp: "2003-10-11T22:14:15.003Z",
      hostname: "mymachine.example.com",
      app: "evntslog",
      process: undefined,
      kind: "ID47",
      data: '[exampleSDID@32473 iut="3"]',
      text: "An application event log entry",
    },
  );
});
