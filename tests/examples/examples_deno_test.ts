// Every example as a process of its own, started with the command of its README,
// each server on one runtime and its client on another. Deno only starts them:
// once is enough.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { Child } from "../interop/child.ts";
import { createClient } from "../../mod.ts";
import { envelopes } from "../../src/message/mod.ts";
import { mnetSocket } from "../../src/presets/mod.ts";
import { projectFile } from "../support/programs.ts";

type Runtime = readonly string[];

const deno: Runtime = [Deno.execPath(), "run", "-A", "--no-check"];
const bun: Runtime = [projectFile("node_modules/.bin/bun")];
const node: Runtime = [projectFile("node_modules/.bin/node")];

interface Example {
  readonly server: string;
  readonly client: string;
  /** What runs the server, and the client. */
  readonly on: readonly [Runtime, Runtime];
  readonly udp?: boolean;
  readonly args?: readonly string[];
  readonly input?: string;
  /** All that the client prints. */
  readonly prints: RegExp;
  /** All that the server prints behind its first line. */
  readonly logs?: RegExp;
}

const examples: readonly Example[] = [
  {
    server: "events/server.ts",
    client: "events/client.ts",
    on: [deno, bun],
    args: ["3"],
    prints: /^(REP: Hello world!\n){3}$/,
    logs: /^\d+ open\n(\d+ Hello world!\n){3}\d+ close\n$/,
  },
  {
    server: "greeting/server.ts",
    client: "greeting/client.ts",
    on: [bun, node],
    prints: /^Welcome!\n你好,Michael\n你好,Tracy\n你好,Sarah\n$/,
  },
  {
    server: "greeting/udp_server.ts",
    client: "greeting/udp_client.ts",
    on: [node, deno],
    udp: true,
    args: ["Michael", "世界"],
    prints: /^你好,Michael\n你好,世界\n$/,
  },
  {
    server: "socketserver/one_read_server.ts",
    client: "socketserver/one_read_client.ts",
    on: [deno, node],
    prints: /^The server has closed the connection\n$/,
    logs: /^client: tcp:.* msg: hello\nclient: tcp:.* done\n$/,
  },
  {
    server: "socketserver/upper_case_server.ts",
    client: "socketserver/upper_case_client.ts",
    on: [bun, deno],
    input: "hello\n\nquit\n",
    prints: /\n收到服务端发来的消息: HELLO\n$/,
  },
  {
    server: "mnet_socket/server.ts",
    client: "mnet_socket/client.ts",
    on: [node, bun],
    prints: /^parameters 这是消息\nrequest 这是消息\ngoodbye EXIT\n$/,
    logs: /^parameters .*\n(.*\n)*inform .*\nrequest .*\n$/,
  },
  {
    server: "threads/server.ts",
    client: "threads/client.ts",
    on: [deno, bun],
    input: "hello\n\nq\n",
    prints:
      /\n\[INFO\] server has received your messages\nNot allowed to send an empty message!\n$/,
    logs: /: hello\n.*: q\n.* quit\n$/,
  },
  {
    server: "udp_welcome/server.ts",
    client: "udp_welcome/client.ts",
    on: [bun, node],
    udp: true,
    args: ["", "你好"],
    prints: /^Welcome to hear\nWelcome to hear\n$/,
  },
  {
    server: "remote_command/server.ts",
    client: "remote_command/client.ts",
    on: [node, deno],
    args: ["", "echo", "hello; id"],
    prints: /^hello; id\n$/,
    logs: /"echo"/,
  },
];

for (const example of examples) {
  const { server, client, on, udp = false, args = [], input = "" } = example;
  test(`examples/${client} talks to examples/${server}`, async () => {
    await using serving = new Child([
      ...on[0],
      projectFile(`examples/${server}`),
      udp ? "udp://127.0.0.1:0" : "tcp://127.0.0.1:0",
    ]);
    const listening = await serving.firstLine;
    const address = listening.replace("Listening on ", "");
    await using calling = new Child([
      ...on[1],
      projectFile(`examples/${client}`),
      address,
      ...args,
    ]);
    calling.write(input);
    if (input === "") void calling.stop("stdin");
    const called = await calling.ended;
    assertMatch(called.output, example.prints);
    assertEquals(called.code, 0);
    const served = await serving.stop("SIGTERM");
    assertEquals(served.code, 0, served.output);
    if (example.logs === undefined) return;
    assertMatch(served.output.replace(`${listening}\n`, ""), example.logs);
  });
}

const NOBODY = "tcp://127.0.0.1:1";

/** Programs that nobody listens to, and what they need in front of the address. */
const lonely: readonly [string, readonly string[]][] = [
  ["chat/client.ts", ["Ann", "lobby"]],
  ["greeting/client.ts", []],
  ["mnet_socket/client.ts", []],
  ["remote_command/client.ts", []],
  ["remote_command/tutorial_client.ts", ["gbk"]],
  ["remote_command/tutorial_client.ts", []],
  ["socketserver/one_read_client.ts", []],
  ["socketserver/upper_case_client.ts", []],
  ["threads/client.ts", []],
];

for (
  const [name, runtime] of Object.entries({ Deno: deno, Bun: bun, Node: node })
) {
  test(`examples/ print one line and end with status 1 when nobody listens, on ${name}`, async () => {
    for (const [client, args] of lonely) {
      await using calling = new Child([
        ...runtime,
        projectFile(`examples/${client}`),
        ...args,
        NOBODY,
      ]);
      const { code, output } = await calling.ended;
      assertMatch(
        output,
        /^Cannot connect to tcp:[^\n]*: nobody listens[^\n]*\n$/,
      );
      assertEquals(code, 1, client);
    }
  });

  test(`examples/ print one line and end with status 1 when the port is in use, on ${name}`, async () => {
    await using first = new Child([
      ...node,
      projectFile("examples/threads/server.ts"),
      "tcp://127.0.0.1:0",
    ]);
    const address = (await first.firstLine).replace("Listening on ", "");
    await using second = new Child([
      ...runtime,
      projectFile("examples/events/server.ts"),
      address,
    ]);
    const { code, output } = await second.ended;
    assertMatch(
      output,
      /^Cannot listen on tcp:[^\n]*: the port is in use[^\n]*\n$/,
    );
    assertEquals(code, 1);
  });

  test(`examples/remote_command/tutorial_client.ts ends with status 1 when its server goes before the end of the commands, on ${name}`, async () => {
    await using serving = new Child([
      ...node,
      projectFile("examples/remote_command/gbk_server.ts"),
      "tcp://127.0.0.1:0",
    ]);
    const address = (await serving.firstLine).replace("Listening on ", "");
    await using calling = new Child([
      ...runtime,
      projectFile("examples/remote_command/tutorial_client.ts"),
      "gbk",
      address,
    ]);
    calling.write("echo one\necho two\n");
    const { code, output } = await calling.ended;
    assertEquals(output, "one\nThe server has closed the connection\n");
    assertEquals(code, 1);
  });
}

test("examples/threads/client.ts ends with status 1 when the server goes before the q", async () => {
  await using serving = new Child([
    ...node,
    projectFile("examples/threads/server.ts"),
    "tcp://127.0.0.1:0",
  ]);
  const address = (await serving.firstLine).replace("Listening on ", "");
  await using calling = new Child([
    ...bun,
    projectFile("examples/threads/client.ts"),
    address,
  ]);
  calling.write("hello\n");
  await calling.printed("server has received");
  await serving.stop("SIGTERM");
  calling.write("hello again\n");
  const { code, output } = await calling.ended;
  assertMatch(output, /\nThe server has closed the connection\n$/);
  assertEquals(code, 1);
});

/** All programs among the examples that people start. Conversations are modules. */
const programs = readdirSync(projectFile("examples"), {
  recursive: true,
  encoding: "utf8",
}).filter((file) =>
  /(client|server)\.ts$|^demo\/main\.ts$/.test(file) &&
  !/^(demo|support)\/(client|server)|^conversations\//.test(file)
);

test("examples/ print their usage when they are given --help", async () => {
  assertEquals(programs.length, 26);
  await Promise.all(programs.map(async (program) => {
    const runtime = program === "demo/main.ts" ? deno : bun;
    await using child = new Child([
      ...runtime,
      projectFile(`examples/${program}`),
      "--help",
    ]);
    const { code, output } = await child.ended;
    const file = program.split("/").at(-1)!;
    assertMatch(output, new RegExp(`^usage: ${file}[^\n]*: [^\n]+\n$`));
    assertEquals(code, 0, program);
  }));
});

/** What is in front of the address, among the arguments of a program. */
const beforeAddress: Readonly<Record<string, readonly string[]>> = {
  "chat/client.ts": ["Ann", "lobby"],
  "remote_command/tutorial_client.ts": ["gbk"],
};

/** Runs a program with arguments that it refuses: it says why, and its usage. */
async function assertMisused(
  program: string,
  args: readonly string[],
  complaint: string,
  runtime: Runtime,
): Promise<void> {
  await using child = new Child([
    ...runtime,
    projectFile(`examples/${program}`),
    ...args,
  ]);
  const { code, output } = await child.ended;
  assertMatch(output, new RegExp(`${complaint}.*\nusage: .*\n$`), program);
  assertEquals(code, 2, program);
}

test("examples/ refuse an option, a wrong address, and more arguments than there are", async () => {
  await Promise.all(programs.map(async (program) => {
    if (program === "demo/main.ts") {
      return assertMisused(program, ["fast"], "Cannot use fast as well", deno);
    }
    await assertMisused(program, ["--port", "5"], "--port", bun);
    // They take no address.
    if (program.startsWith("transports/")) return;
    const before = beforeAddress[program] ?? [];
    await assertMisused(
      program,
      [...before, "localhost:1"],
      'got "localhost:1"; write "(tcp|udp)://localhost:1"',
      bun,
    );
  }));
});

test("examples/ say what is wrong with their arguments", async () => {
  for (
    const [runtime, program, args, complaint] of [
      [deno, "threads/server.ts", ["-p", "5"], "-p"],
      [node, "threads/server.ts", ["-p", "5"], "-p"],
      [bun, "threads/server.ts", [NOBODY, "5"], "Cannot use 5 as well"],
      [deno, "threads/client.ts", ["tcp://h:99999"], "0 to 65535, got 99999"],
      [bun, "threads/client.ts", ["udp://h:1"], "expected .tcp://host:port"],
      [node, "greeting/udp_client.ts", [NOBODY], "expected .udp://host:port"],
      [deno, "chat/client.ts", [NOBODY], "Cannot use tcp:.* as a name"],
      [bun, "events/client.ts", [NOBODY, "abc"], "Cannot send abc messages"],
      [deno, "events/client.ts", [NOBODY, "0"], "Cannot send 0 messages"],
      [bun, "remote_command/tutorial_client.ts", ["xml"], "of the kind xml"],
      [deno, "remote_command/server.ts", ["tcp://h:1"], "without a secret"],
      [bun, "remote_command/client.ts", [NOBODY, "abc"], "at least 16 bytes"],
    ] as const
  ) await assertMisused(program, args, complaint, runtime);
});

test("examples/events/client.ts tells the user that it cannot reach the server", async () => {
  await using child = new Child([
    ...node,
    projectFile("examples/events/client.ts"),
    NOBODY,
  ]);
  await child.printed("nobody listens there");
  await child.printed("; trying again");
});

test("examples/remote_command/client.ts passes on the options behind --", async () => {
  await using serving = new Child([
    ...node,
    projectFile("examples/remote_command/server.ts"),
    "tcp://127.0.0.1:0",
  ]);
  const address = (await serving.firstLine).replace("Listening on ", "");
  await using calling = new Child([
    ...node,
    projectFile("examples/remote_command/client.ts"),
    address,
    "",
    "echo",
    "--",
    "-n",
  ]);
  const { code, output } = await calling.ended;
  assertMatch(output, /options are not allowed/);
  assertEquals(code, 1);
});

test("the clients and the servers of examples/ have the same addresses", () => {
  const addressOf = (program: string) =>
    readFileSync(projectFile(`examples/${program}`), "utf8")
      .match(/(tcp|udp):\/\/127\.0\.0\.1:\d+/)?.[0];
  for (const { server, client } of examples) {
    assertEquals(addressOf(client), addressOf(server), client);
  }
  const tutorial = "remote_command/tutorial_client.ts";
  assertEquals(addressOf(tutorial), addressOf("remote_command/gbk_server.ts"));
});

test("examples/mnet_socket/server.ts logs an INFORM and answers none, as the tutorial's server", async () => {
  await using serving = new Child([
    ...node,
    projectFile("examples/mnet_socket/server.ts"),
    "tcp://127.0.0.1:0",
  ]);
  const address = (await serving.firstLine).replace("Listening on ", "");
  const client = await createClient({
    address,
    codec: mnetSocket({ endian: "little" }),
  });
  const send = (command: number, third: number, body: string) =>
    client.send({
      command,
      wantsReply: third === 1,
      ...(third > 1 && { recv: third }),
      body: new TextEncoder().encode(JSON.stringify(body)),
    });
  // The tutorial's own test sends INFORM with 1, 2, 3 and 4.
  for (const third of [1, 2, 3, 4]) await send(1, third, `inform ${third}`);
  await send(2, 2, "request 2");
  await send(2, 1, "request 1");
  const reply = await client.receive();
  assertEquals([reply?.command, reply?.wantsReply], [1, false]);
  assertEquals(
    JSON.parse(new TextDecoder().decode(reply?.body)),
    "这是消息",
  );
  client.abort();
  const stranger = await createClient({ address, codec: envelopes() });
  await stranger.send(["event", "no MNetSocket at all", null]);
  await serving.printed("FrameError");
  stranger.abort();
  const { output } = await serving.stop("SIGTERM");
  assertStringIncludes(
    output,
    [1, 2, 3, 4].map((third) => `inform inform ${third}\n`).join("") +
      "request request 2\nrequest request 1\n",
  );
});
