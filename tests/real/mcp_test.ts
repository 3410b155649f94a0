/**
 * The examples of the Model Context Protocol with what its makers publish: the client
 * with the server "everything", the server with the client of the SDK.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import type { Mcp, Progress } from "../../examples/conversations/mcp.ts";
import { callTool, openMcp } from "../../examples/conversations/mcp_client.ts";
import { serveMcp } from "../../examples/conversations/mcp_server.ts";
import { connect, type JsonValue } from "../../mod.ts";
import {
  type Handlers,
  MessageError,
  type Peer,
} from "../../src/message/mod.ts";
import { ProcessError } from "../../src/net/adapters/process.ts";
import { ownProgram } from "../support/own_program.ts";
import { projectFile } from "../support/programs.ts";
import { until } from "../support/until.ts";
import { assertLost, noKilling, startKillable } from "./killed.ts";
import { callWithMcpSdk, noMcp, startMcpEverything } from "./servers/mcp.ts";
import { ways } from "./through.ts";

const said = (text: string) => ({ content: [{ type: "text", text }] });
const numbers = [...Array(60).keys()];

/** What the client answers the server. */
const handlers: Handlers<Mcp> = {
  "roots/list": () => ({ roots: [{ uri: "file:///home/ann", name: "Ann" }] }),
  "sampling/createMessage": ({ messages, maxTokens }) => ({
    model: "none",
    role: "assistant",
    content: {
      type: "text",
      text: `${maxTokens}: ${messages[0]?.content.text}`,
    },
  }),
};

/** Calls many tools at once, and checks each result. */
async function callMany(server: Peer<Mcp>): Promise<void> {
  const call = (name: string, args: Record<string, JsonValue>) =>
    server.request("tools/call", { name, arguments: args });
  await Promise.all(numbers.map(async (n) => {
    const [echo, sum, pong] = await Promise.all([
      call("echo", { message: `Nº ${n}` }),
      call("get-sum", { a: n, b: 1_000 }),
      server.request("ping", null),
    ]);
    assertEquals(echo, said(`Echo: Nº ${n}`));
    assertEquals(sum, said(`The sum of ${n} and 1000 is ${n + 1_000}.`));
    assertEquals(pong, {});
  }));
}

/** Calls a tool that tells of its progress. */
async function callWithProgress(server: Peer<Mcp>): Promise<void> {
  const name = "trigger-long-running-operation";
  const long = { name, arguments: { duration: 0.04, steps: 4 } };
  const told: Progress[] = [];
  const result = await callTool(server, long, (one) => told.push(one));
  assertEquals(
    told,
    [1, 2, 3, 4].map((progress) => ({ progress, total: 4 })),
  );
  const text =
    "Long running operation completed. Duration: 0.04 seconds, Steps: 4.";
  assertEquals(result, said(text));
  // Nobody asks for progress here.
  assertEquals(await server.request("tools/call", long), said(text));
}

/** Gives up a call, which is not answered then. */
async function cancel(server: Peer<Mcp>): Promise<void> {
  const leaving = new AbortController();
  const name = "trigger-long-running-operation";
  let told = 0;
  const call = callTool(
    server,
    { name, arguments: { duration: 0.2, steps: 4 } },
    () => {
      told++;
      leaving.abort(new Error("The user has left"));
    },
    leaving.signal,
  );
  await assertRejects(() => call, Error, "The user has left");
  assertEquals(told, 1);
  // Were it answered, its result would come before this one.
  const longer = { name, arguments: { duration: 0.3, steps: 1 } };
  await server.request("tools/call", longer);
  assertEquals(server.stats().strays.late, 0);
}

async function readResources(server: Peer<Mcp>): Promise<void> {
  const { resources } = await server.request("resources/list", null);
  assert(resources.some(({ name }) => name === "architecture.md"));
  const uri = "demo://resource/dynamic/text/7";
  const { contents } = await server.request("resources/read", { uri });
  assertEquals(contents[0]?.uri, uri);
  assert(contents[0]?.text?.startsWith("Resource 7: "));
  const missing = await assertRejects(
    () => server.request("resources/read", { uri: "demo://none" }),
    MessageError,
  );
  assertEquals(missing.code, "BODY_INVALID");
}

async function getPrompts(server: Peer<Mcp>): Promise<void> {
  const { prompts } = await server.request("prompts/list", null);
  assert(prompts.some(({ name }) => name === "args-prompt"));
  const { messages } = await server.request("prompts/get", {
    name: "args-prompt",
    arguments: { city: "Paris", state: "France" },
  });
  assertEquals(messages, [{
    role: "user",
    content: { type: "text", text: "What's weather in Paris, France?" },
  }]);
}

/** Has the server ask the client, for what two of its tools need. */
async function beAsked(server: Peer<Mcp>): Promise<void> {
  const textOf = async (name: string, args: Record<string, JsonValue>) => {
    const result = await server.request("tools/call", {
      name,
      arguments: args,
    });
    assert("content" in result);
    return result.content[0]?.text;
  };
  const roots = await textOf("get-roots-list", {});
  assert(roots?.includes("1. Ann\n   URI: file:///home/ann"), roots);
  const sampled = await textOf("trigger-sampling-request", {
    prompt: "Hello",
    maxTokens: 10,
  });
  assert(
    sampled?.includes("10: Resource trigger-sampling-request context: Hello"),
    sampled,
  );
}

for (const way of ways) {
  test(`The client of MCP talks to "everything" ${way.name}`, {
    skip: noMcp,
  }, async () => {
    const child = await startMcpEverything();
    const server = await openMcp(await way.over(child), handlers);
    const logged: JsonValue[] = [];
    server.onEvent("notifications/message", ({ data }) => logged.push(data));
    await callMany(server);
    await callWithProgress(server);
    await cancel(server);
    await readResources(server);
    await getPrompts(server);
    await beAsked(server);

    assertEquals(
      await server.request("logging/setLevel", { level: "debug" }),
      {},
    );
    const toggle = { name: "toggle-simulated-logging" };
    await server.request("tools/call", toggle);
    await until(() => logged.length >= 2);
    assertEquals(logged[0], "Roots updated: 1 root(s) received from client");
    await server.request("tools/call", toggle); // its timer would hold the process

    const { strays, framesReceived = 0, framesSent = 0 } = server.stats();
    assertEquals(strays, { late: 0, duplicate: 0, foreign: 0 });
    assert(framesReceived + framesSent > 370);
    await server.close();
    assertEquals(await server.closed, { by: "local" });
  });
}

test(
  'Requests to "everything" all reject when it is killed',
  { skip: noMcp || noKilling },
  async () => {
    const { child, signal } = await startKillable(startMcpEverything);
    const server = await openMcp(child);
    await callMany(server);
    signal("SIGSTOP");
    const requests = numbers.map(() => server.request("tools/list", null));
    const call = { name: "echo", arguments: { message: "hello" } };
    const streams = numbers.map(() => callTool(server, call, () => undefined));
    signal("SIGKILL");
    await assertLost([...requests, ...streams], "PROCESS_FAILED");
    const { error } = await server.closed;
    assert(error instanceof ProcessError && error.signal === "SIGKILL");
    const { underWay, commands } = server.stats().made;
    const { failed } = commands["tools/list"]!;
    assertEquals([underWay, failed], [0, numbers.length]);

    const again = await openMcp(await startMcpEverything());
    await callMany(again);
    await again.close();
  },
);

/** What the client of the SDK calls, and what it must get. */
const calls: [call: [string, ...JsonValue[]], result: JsonValue][] = [
  [["listTools"], {
    tools: ["add", "count"].map((name) => ({
      name,
      inputSchema: { type: "object" },
    })),
  }],
  ...numbers.slice(0, 45).flatMap((n): typeof calls => [
    [
      ["callTool", { name: "add", arguments: { a: n, b: 1_000 } }],
      said(`${n + 1_000}`),
    ],
    [["ping"], {}],
  ]),
  [
    ["callTool", { name: "count", arguments: { to: 3, everyMs: 1 } }],
    said("Counted to 3"),
  ],
  [["callTool", { name: "none" }], {
    error: -32_602,
    message: "MCP error -32602: Unknown tool: none",
  }],
  [["listResources"], { resources: [{ uri: "memo:1", name: "A memo" }] }],
  [["readResource", { uri: "memo:1" }], {
    contents: [{ uri: "memo:1", text: "Buy milk" }],
  }],
  [["readResource", { uri: "memo:2" }], {
    error: -32_002,
    message: "MCP error -32002: No resource memo:2",
  }],
  [["listPrompts"], { prompts: [{ name: "greet" }] }],
  [["getPrompt", { name: "greet", arguments: { name: "Ann" } }], {
    messages: [{
      role: "user",
      content: { type: "text", text: "Greet Ann" },
    }],
  }],
  [["setLoggingLevel", "debug"], {}],
  [["complete", {
    ref: { type: "ref/prompt", name: "greet" },
    argument: { name: "name", value: "A" },
  }], {
    error: -32_601,
    message: 'MCP error -32601: No handler for "completion/complete"',
  }],
];

async function callAllWithMcpSdk(
  server: number | readonly string[],
): Promise<void> {
  const results = await callWithMcpSdk(server, calls.map(([call]) => call));
  for (const [i, [call, result]] of calls.entries()) {
    assertEquals((results as JsonValue[])[i], result, call[0]);
  }
}

test(
  "The client of the MCP SDK starts the server of MCP",
  { skip: noMcp },
  async () => {
    const program = [
      ...ownProgram,
      projectFile("tests/real/mcp_stdio_server.ts"),
    ];
    await callAllWithMcpSdk(program);
  },
);

for (const way of ways) {
  test(`The client of the MCP SDK talks to the server of MCP ${way.name}`, {
    skip: noMcp,
  }, async () => {
    await using server = await serveMcp({ port: 0 });
    const { address } = server;
    assert(address.transport === "tcp");
    await using route = await way.to(address);
    await callAllWithMcpSdk(route.address.port);
  });
}

test("The client of MCP has the server of MCP count, and stops it", async () => {
  await using server = await serveMcp({ port: 0 });
  await using client = await openMcp(await connect(server.address));
  const logged: JsonValue[] = [];
  client.onEvent("notifications/message", ({ data }) => logged.push(data));
  const count = (to: number, everyMs: number) => ({
    name: "count",
    arguments: { to, everyMs },
  });
  const told: Progress[] = [];
  assertEquals(
    await callTool(client, count(3, 1), (one) => told.push(one)),
    said("Counted to 3"),
  );
  assertEquals(told, [1, 2, 3].map((progress) => ({ progress, total: 3 })));
  assertEquals(logged, ["Counted to 3"]);

  const leaving = new AbortController();
  const call = callTool(
    client,
    count(1_000_000, 1),
    () => leaving.abort(new Error("Enough")),
    leaving.signal,
  );
  await assertRejects(() => call, Error, "Enough");
  await until(() => server.stats().served.underWay === 0);
  assertEquals(server.stats().served.commands["tools/call"]?.cancelled, 1);
});
