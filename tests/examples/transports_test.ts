// The examples over small transports, each on the runtime that runs the tests.

import { assert, assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { framed, lines } from "../../mod.ts";
import { childProcess } from "../../src/net/adapters/process.ts";
import { ownProgram } from "../support/own_program.ts";
import { projectFile } from "../support/programs.ts";

const options = process.platform === "win32" ? { skip: "no sh" } : {};

/** The command line of an example. */
function example(name: string): [string, ...string[]] {
  return [...ownProgram, projectFile(`examples/transports/${name}`)];
}

async function start(
  [file, ...args]: readonly [string, ...string[]],
  onStderr?: (chunk: Uint8Array) => void,
) {
  return framed(
    await childProcess(file, args, onStderr === undefined ? {} : { onStderr }),
    lines(),
  );
}

test("filter.ts numbers lines, and ends with its input", async () => {
  const filter = await start(example("filter.ts"));
  await filter.send("one");
  assertEquals(await filter.receive(), "1 one");
  const count = 20_000;
  const receiving = Array.fromAsync(filter);
  for (let i = 0; i < count; i++) await filter.send(`line ${i}`);
  await filter.closeWrite();
  const received = await receiving;
  assertEquals(received.length, count);
  assertEquals(received.at(-1), `${count + 1} line ${count - 1}`);
  assertEquals(await filter.closed, { by: "local" });
});

test(
  "filter.ts tells of a reader that has left, and does not crash",
  options,
  async () => {
    let told = "";
    const script = 'yes | "$@" | head -n 2; sleep 0';
    const head = await start(
      ["sh", "-c", script, "sh", ...example("filter.ts")],
      (chunk) => told += new TextDecoder().decode(chunk),
    );
    assertEquals(await Array.fromAsync(head), ["1 y", "2 y"]);
    await head.close();
    assertEquals(told, "filter.ts: The peer reset the connection\n");
  },
);

test(
  "filter.ts writes everything to a reader that is slow",
  options,
  async () => {
    const script = 'yes | head -n 300000 | "$@" | (sleep 0.5; wc -l)';
    const count = await start(
      ["sh", "-c", script, "sh", ...example("filter.ts")],
    );
    assertEquals((await Array.fromAsync(count)).map(Number), [300_000]);
    await count.close();
  },
);

test("language_client.ts starts language_server.ts, and ends it", async () => {
  const client = await start([
    ...example("language_client.ts"),
    "--",
    ...example("language_server.ts"),
  ]);
  const printed = await Array.fromAsync(client);
  await client.close();
  assert(printed.includes("server: 5 characters"));
  assertEquals(printed.filter((line) => !line.startsWith("server:")), [
    '{"capabilities":{"textDocumentSync":1}}',
    "null",
    "The server has exited with 0",
  ]);
});

test("language_server.ts fails where its editor leaves without a word", async () => {
  const server = await start(example("language_server.ts"));
  await server.close();
  const { error } = await server.closed;
  assertMatch(String(error), /ended with the exit status 1$/);
});

test("threads.ts has a thread answer", async () => {
  const threads = await start(example("threads.ts"));
  assertEquals(await Array.fromAsync(threads), [
    "1 words",
    "2 words",
    "3 words",
    "clean",
  ]);
  await threads.close();
});
