// The chat's programs, each on another runtime: in pipes, and on a terminal,
// which Python's pty makes. Deno only starts them: once is enough.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { Child } from "../interop/child.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";
import { projectFile, python } from "../support/programs.ts";

const deno = [Deno.execPath(), "run", "-A", "--no-check"];
const bun = [projectFile("node_modules/.bin/bun")];
const node = [projectFile("node_modules/.bin/node")];
const chat = projectFile("examples/chat/client.ts");

test("examples/chat/ lets clients on three runtimes talk", async () => {
  await using server = startServer();
  const address = await addressOf(server);
  await using ann = new Child([...deno, chat, "Ann", "lobby", address]);
  await ann.printed("You are in lobby: Ann");
  await using bob = new Child([...bun, chat, "Bob", "lobby", address]);
  await bob.printed("You are in lobby: Ann, Bob");
  await using eve = new Child([...node, chat, "ann", "lobby", address]);
  const refused = await eve.ended;
  assertEquals(refused.output, "Somebody else is ann\n");
  assertEquals(refused.code, 1);

  // Empty lines are not sent; what follows a /join is meant for its room.
  ann.write("\n   \nhello\n/msg bob psst\n/join dev\nin dev\n/who lobby\n");
  await ann.printed("In lobby: Ann, Bob");
  bob.write("/help\n/nonsense\n/leave\nnobody hears this\n/who dev\nexit\n");
  const left = await bob.ended;
  assertEquals(left.code, 0);
  assertEquals(left.output.split("\n").slice(1), [
    "You are in lobby: Ann, Bob",
    "[lobby] Ann: hello",
    "Ann -> Bob: psst",
    "text            say it in the current room",
    "/join ROOM      enter a room, or go back to one",
    "/leave [ROOM]   leave a room",
    "/who [ROOM]     who is there",
    "/msg NAME TEXT  say it to one only",
    "/help           this",
    "q, exit         end, like Ctrl-D",
    "There is no /nonsense; see /help",
    ...left.output.split("\n").slice(-4),
  ]);
  assertStringIncludes(left.output, "Bob has left lobby\n");
  assertStringIncludes(left.output, "In dev: Ann\n");

  // The end of the standard input is Ctrl-D.
  const ended = await ann.stop("stdin");
  assertEquals(ended.code, 0);
  assertStringIncludes(ended.output, "[dev] Ann: in dev\n");
  assert(!ended.output.includes("\x1b"), "colours in a pipe");
  const served = await server.stop("SIGTERM");
  assertEquals(served.code, 0);
});

test("examples/chat/client.ts ends with status 1 when the server goes", async () => {
  await using server = startServer();
  await using ann = new Child([
    ...node,
    chat,
    "Ann",
    "lobby",
    await addressOf(server),
  ]);
  await ann.printed("You are in lobby");
  await server.stop("SIGTERM");
  const { code, output } = await ann.ended;
  assertStringIncludes(output, "The server has closed the connection");
  assertEquals(code, 1);
});

test(
  "examples/chat/ loses no word and doubles none when a node and the engine are killed",
  needsNats,
  async () => {
    await using nats = await NatsServer.start();
    const options = ["--nats", `nats://127.0.0.1:${nats.port}`];
    await using first = startServer(node, ...options);
    await using second = startServer(bun, ...options);
    const addresses = [await addressOf(first), await addressOf(second)];
    await using ann = new Child([...deno, chat, "Ann", "lobby", ...addresses]);
    await ann.printed("You are in lobby: Ann");
    const next = addresses.toReversed();
    await using bob = new Child([...node, chat, "Bob", "lobby", ...next]);
    await ann.printed("Bob is in lobby now");
    ann.write("one\n");
    await bob.printed("Ann: one");

    await first[Symbol.asyncDispose](); // killed
    bob.write("two\n");
    await bob.printed("Bob: two");
    // Said when the other nodes have noticed that the first one is dead.
    ann.write("three\n");
    await bob.printed("Ann: three");
    assertStringIncludes(ann.output, "You are in lobby again\n");

    await nats.kill();
    bob.write("four\n");
    await nats.start();
    await ann.printed("Bob: four");

    const transcript = [
      "[lobby] Ann: one",
      "[lobby] Bob: two",
      "[lobby] Ann: three",
      "[lobby] Bob: four",
    ];
    for (const person of [ann, bob]) {
      const { code, output } = await person.stop("stdin");
      assertEquals(code, 0);
      const said = output.split("\n").filter((line) => line.startsWith("["));
      assertEquals(said, transcript);
      assert(!/missing|lost/.test(output), output);
    }
  },
);

for (
  const [name, runtime] of Object.entries({ Deno: deno, Bun: bun, Node: node })
) {
  test(`examples/chat/client.ts keeps the line that is typed, on ${name}`, {
    skip: python === "" && "no Python 3 on this machine",
  }, async () => {
    await using server = startServer();
    await using terminal = new Child([
      python,
      "-u",
      projectFile("tests/examples/chat_terminal.py"),
      ...runtime,
      chat,
      "Ann",
      "lobby",
      await addressOf(server),
    ]);
    const { code, output } = await terminal.ended;
    assertEquals(output, "the line was kept\nended with status 0\n");
    assertEquals(code, 0);
  });
}

function startServer(runtime = node, ...options: string[]): Child {
  return new Child([
    ...runtime,
    projectFile("examples/chat/server.ts"),
    ...options,
    "tcp://127.0.0.1:0",
  ]);
}

async function addressOf(server: Child): Promise<string> {
  return (await server.firstLine).replace("Listening on ", "");
}
