// The tutorials' programs against ours, each in a process of its own: our
// servers in examples/ against their clients, ours against their servers, with a
// relay in between that cuts what is sent into single bytes, or glues it, in
// every direction in which the tutorial's own program can stand it.

import { assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { projectFile, python, thisRuntime } from "../support/programs.ts";
import {
  relay,
  type RelayFaults,
  type RelayOptions,
} from "../../src/testing/mod.ts";
import { Child } from "./child.ts";

const options = { skip: python === "" && "no Python 3 on this machine" };

type Spoiling = Omit<RelayOptions, "to">;

/** Each byte by itself. */
const bytes: RelayFaults = { maxChunkLength: 1 };
/** All that comes without a pause at once. */
const gathered: RelayFaults = { gatherMs: 20 };
const plain: Spoiling = {};
const cut: Spoiling = { toServer: bytes, toClient: bytes };
const glued: Spoiling = { toServer: gathered, toClient: gathered };
/** For peers that take a read for a message. */
const cutToServer: Spoiling = { toServer: bytes };
const cutToClient: Spoiling = { toServer: gathered, toClient: bytes };

for (const spoiling of [plain, cutToServer, glued]) {
  test(
    `the C# client of the first tutorial talks to examples/events/server.ts (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourServer(
        "events/server.ts",
        "events_client.py",
        spoiling,
        ["20"],
      );
      assertEquals(client, "REP: Hello world!\n".repeat(20));
      assertMatch(server, /^\d+ open\n(\d+ Hello world!\n){20}\d+ close\n$/);
    },
  );
}

for (const spoiling of [plain, cutToClient, glued]) {
  test(
    `examples/events/client.ts talks to the first tutorial's server (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourClient(
        "events/client.ts",
        "events_server.py",
        spoiling,
        { args: ["5"] },
      );
      assertEquals(client, "REP: Hello world!\n".repeat(5));
      assertEquals(server, "Hello world!\n".repeat(5));
    },
  );
}

const names = ["Michael", "Tracy", "世界"];
const greetings = ["Welcome!", ...names.map((name) => `你好,${name}`), ""]
  .join("\n");

for (const spoiling of [plain, cutToServer, glued]) {
  test(
    `the tutorial's client is greeted by examples/greeting/server.ts (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client } = await ourServer(
        "greeting/server.ts",
        "greeting_client.py",
        spoiling,
        names,
      );
      assertEquals(client, greetings);
    },
  );
}

for (const spoiling of [plain, cutToClient, glued]) {
  test(
    `examples/greeting/client.ts is greeted by the tutorial's server (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourClient(
        "greeting/client.ts",
        "greeting_server.py",
        spoiling,
        { args: names, until: "exit" },
      );
      assertEquals(client, greetings);
      assertEquals(server, "exit\n");
    },
  );
}

for (const spoiling of [plain, cut, glued]) {
  test(
    `the client of MNetSocket talks to examples/mnet_socket/server.ts (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourServer(
        "mnet_socket/server.ts",
        "mnet_client.py",
        spoiling,
      );
      assertEquals(client, "INFORM 0 这是消息\nINFORM 0 这是消息\nEXIT\n");
      assertEquals(
        server.match(/^[a-z]+/gm),
        ["parameters", "inform", "request", "request"],
      );
    },
  );

  test(
    `examples/mnet_socket/client.ts talks to the server of MNetSocket (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourClient(
        "mnet_socket/client.ts",
        "mnet_server.py",
        spoiling,
        { endsItself: true },
      );
      assertEquals(
        client,
        "parameters 这是消息\nrequest 这是消息\ngoodbye EXIT\n",
      );
      assertEquals(
        server,
        "PARAM 1 {'logPath': '大家伙', 'brainNames': '大家伙'}\n" +
          "INFORM 0 {'hello': '世界'}\nREQUEST 1 {'hello': '世界'}\n",
      );
    },
  );
}

const received = "[INFO] server has received your messages\n";

for (const spoiling of [plain, cutToServer, glued]) {
  test(
    `the lesson's client talks to examples/threads/server.ts (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourServer(
        "threads/server.ts",
        "threads_client.py",
        spoiling,
        ["hello", "", "你好", "q"],
      );
      assertEquals(
        client,
        `${received}Not allowed to send empty msg!\n${received}exit!\n`,
      );
      assertEquals(
        server.match(/(?<=: ).*$|quit$/gm),
        ["hello", "你好", "q", "quit"],
      );
    },
  );
}

for (const spoiling of [plain, cutToClient, glued]) {
  test(
    `examples/threads/client.ts talks to the lesson's server (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client, server } = await ourClient(
        "threads/client.ts",
        "threads_server.py",
        spoiling,
        { input: "hello\n\n你好\nq\n", until: "quited" },
      );
      assertEquals(
        client,
        `Type a message; q ends\n${received}` +
          `Not allowed to send an empty message!\n${received}`,
      );
      assertEquals(
        server,
        "[INFO] received: hello\n[INFO] received: 你好\n" +
          "[INFO] received: q\n[INFO] client quited!\n",
      );
    },
  );
}

const upperCase = ["HELLO", "ÜBER 世界 X"].map((text) =>
  `收到服务端发来的消息: ${text}\n`
).join("");

for (const spoiling of [plain, cutToServer, glued]) {
  // Cut on the way in, the answer comes in as many pieces as it likes: then only
  // what is one byte long is one read for the tutorial's client.
  const messages = spoiling === cutToServer
    ? ["a", "b", "quit"]
    : ["hello", "", "Über 世界 x", "quit"];
  const expected = spoiling === cutToServer
    ? "收到服务端发来的消息: A\n收到服务端发来的消息: B\n"
    : upperCase;
  test(
    `the tutorial's client talks to examples/socketserver/upper_case_server.ts (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client } = await ourServer(
        "socketserver/upper_case_server.ts",
        "upper_case_client.py",
        spoiling,
        messages,
      );
      assertEquals(client, expected);
    },
  );
}

for (const spoiling of [plain, cut, glued]) {
  test(
    `examples/socketserver/upper_case_client.ts talks to the tutorial's socketserver (${
      name(spoiling)
    })`,
    options,
    async () => {
      const { client } = await ourClient(
        "socketserver/upper_case_client.ts",
        "upper_case_server.py",
        spoiling,
        { input: "hello\n\nÜber 世界 x\nquit\n" },
      );
      assertEquals(client, `Type a message; quit ends\n${upperCase}`);
    },
  );
}

test(
  "examples/socketserver/one_read_client.ts talks to the tutorial's socketserver",
  options,
  async () => {
    const { client, server } = await ourClient(
      "socketserver/one_read_client.ts",
      "one_read_server.py",
      glued,
      { args: ["你好"], until: "msg" },
    );
    assertEquals(client, "The server has closed the connection\n");
    assertEquals(server, "msg:你好\n");
  },
);

for (
  const [program, kind, encoding, messages, answers] of [
    [
      "greeting/udp_",
      "greeting",
      "utf-8",
      names,
      names.map((name) => `你好,${name}`),
    ],
    [
      "udp_welcome/",
      "welcome",
      "gbk",
      ["hello", "", "世界"],
      Array(3).fill("Welcome to hear"),
    ],
  ] as const
) {
  test(
    `the tutorial's UDP client talks to examples/${program}server.ts`,
    options,
    async () => {
      await using serving = ours(`${program}server.ts`, ["udp://127.0.0.1:0"]);
      const listening = await serving.firstLine;
      const port = listening.split(":").at(-1)!;
      await using calling = theirs("udp_client.py", [
        port,
        encoding,
        ...messages,
      ]);
      const called = await calling.ended;
      assertEquals(called.output, `${answers.join("\n")}\n`);
      const served = await serving.stop("SIGTERM");
      assertEquals(served.code, 0, served.output);
    },
  );

  test(
    `examples/${program}client.ts talks to the tutorial's UDP server`,
    options,
    async () => {
      await using serving = theirs("udp_server.py", [kind]);
      const address = `udp://127.0.0.1:${await serving.firstLine}`;
      await using calling = ours(`${program}client.ts`, [address, ...messages]);
      const called = await calling.ended;
      assertEquals(called.output, `${answers.join("\n")}\n`);
      assertEquals(called.code, 0);
    },
  );
}

const skipCommands = {
  skip: options.skip || (process.platform === "win32" && "needs a Unix system"),
};

for (
  const [kind, server] of [["json", "json_header"], ["gbk", "gbk"]] as const
) {
  test(
    `the tutorial's client runs a command on examples/remote_command/${server}_server.ts`,
    skipCommands,
    async () => {
      await using serving = ours(`remote_command/${server}_server.ts`, [
        "tcp://127.0.0.1:0",
      ]);
      const listening = await serving.firstLine;
      await using between = await relay({
        to: listening.split(" ").at(-1)!,
        ...cutToServer,
      });
      await using calling = theirs("../exec_clients.py", [
        kind,
        `${portOf(between.address)}`,
        "echo 世界; id",
        ...(kind === "json" ? ["exit"] : ["quit"]),
      ]);
      const called = await calling.ended;
      assertMatch(called.output, /世界; id\n/);
      const served = await serving.stop("SIGTERM");
      assertEquals(served.code, 0, served.output);
    },
  );

  for (const spoiling of [plain, cutToClient, glued]) {
    test(
      `examples/remote_command/tutorial_client.ts runs a command on the tutorial's ${kind} server (${
        name(spoiling)
      })`,
      skipCommands,
      async () => {
        await using serving = theirs("remote_command_server.py", [kind]);
        await using between = await relay({
          to: { port: Number(await serving.firstLine) },
          ...spoiling,
        });
        await using calling = ours("remote_command/tutorial_client.ts", [
          kind,
          `tcp://127.0.0.1:${portOf(between.address)}`,
        ]);
        calling.write("echo 世界\n\ntrue\nexit\n");
        const called = await calling.ended;
        const silence = kind === "json" ? "ok" : "执行成功";
        assertEquals(called.output, `世界\n${silence}\n`);
        assertEquals(called.code, 0);
      },
    );
  }
}

/** Runs one of the tutorials' clients against one of our servers. */
async function ourServer(
  server: string,
  client: string,
  spoiling: Spoiling,
  args: readonly string[] = [],
): Promise<{ client: string; server: string }> {
  await using serving = ours(server, ["tcp://127.0.0.1:0"]);
  const listening = await serving.firstLine;
  await using between = await relay({
    to: listening.split(" ").at(-1)!,
    ...spoiling,
  });
  await using calling = theirs(client, [`${portOf(between.address)}`, ...args]);
  const called = await calling.ended;
  assertEquals(called.code, 0, called.output);
  const served = await serving.stop("SIGTERM");
  assertEquals(served.code, 0, served.output);
  return {
    client: called.output,
    server: served.output.replace(`${listening}\n`, ""),
  };
}

/** Runs one of our clients against one of the tutorials' servers. */
async function ourClient(
  client: string,
  server: string,
  spoiling: Spoiling,
  { args = [], input = "", until = "", endsItself = false }: {
    args?: readonly string[];
    input?: string;
    /** What the server prints at the end. */
    until?: string;
    /** Whether the server ends with its client. */
    endsItself?: boolean;
  } = {},
): Promise<{ client: string; server: string }> {
  await using serving = theirs(server, []);
  const port = await serving.firstLine;
  await using between = await relay({
    to: { port: Number(port) },
    ...spoiling,
  });
  await using calling = ours(client, [
    `tcp://127.0.0.1:${portOf(between.address)}`,
    ...args,
  ]);
  calling.write(input);
  const called = await calling.ended;
  assertEquals(called.code, 0, called.output);
  await serving.printed(until);
  const served = await (endsItself ? serving.ended : serving.stop("SIGTERM"));
  return {
    client: called.output,
    server: served.output.replace(`${port}\n`, ""),
  };
}

function ours(program: string, args: readonly string[]): Child {
  return new Child([
    ...thisRuntime,
    projectFile(`examples/${program}`),
    ...args,
  ]);
}

function theirs(program: string, args: readonly string[]): Child {
  // Unbuffered, and UTF-8 whatever the machine's language.
  return new Child([
    python,
    ...["-u", "-X", "utf8"],
    projectFile(`tests/interop/seeds/${program}`),
    ...args,
  ]);
}

function portOf(
  address: { readonly transport: string; port?: number },
): number {
  return address.port ?? 0;
}

function name({ toServer, toClient }: Spoiling): string {
  return toServer === toClient
    ? toServer === undefined ? "bytes as they are" : nameOf(toServer)
    : `${nameOf(toServer)} to the server, ${nameOf(toClient)} to the client`;
}

function nameOf(faults: RelayFaults | undefined): string {
  if (faults === undefined) return "none";
  return faults === bytes ? "cut" : "glued";
}
