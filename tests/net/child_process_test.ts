import { assert, assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import net from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { after, test } from "node:test";
import { framed, lines, NetError } from "../../mod.ts";
import { nodeDuplex } from "../../src/net/adapters/node.ts";
import { childProcess, ProcessError } from "../../src/net/adapters/process.ts";
import { type TransportPair, transportTests } from "../../src/testing/mod.ts";
import { isRunning } from "../exec/support.ts";
import { ownProgram } from "../support/own_program.ts";
import { projectFile } from "../support/programs.ts";

const options = process.platform === "win32" ? { skip: "no sh" } : {};

const [program, ...programArgs] = ownProgram;

const server = net.createServer({ pauseOnConnect: true });
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as net.AddressInfo;
after(() => void server.close());

/** A program that uses `stdio`, and what it has at its other side. */
async function childAndSocket(): Promise<TransportPair> {
  const accepted = once(server, "connection");
  const relay = projectFile("tests/net/stdio_relay.ts");
  const a = await childProcess(program, [
    ...programArgs,
    relay,
    String(port),
  ]);
  const [socket] = await accepted as [net.Socket];
  return { a, b: nodeDuplex(socket) };
}

for (const { name, run } of transportTests(childAndSocket)) {
  test(`${name} [childProcess, stdio]`, options, run);
}

/** A program of the shell. */
async function shell(script: string) {
  return framed(await childProcess("sh", ["-c", script]), lines());
}

test("childProcess() gives the program its arguments as they are", async () => {
  const args = ["$HOME", "a b", "'", "*", ""];
  const echo = framed(
    await childProcess("printf", ["%s\\n", ...args]),
    lines(),
  );
  assertEquals(await Array.fromAsync(echo), args);
  await echo.close();
  assertEquals(await echo.closed, { by: "remote" });
});

test(
  "childProcess() tells of an exit status behind all output",
  options,
  async () => {
    const child = await shell("echo one; echo two; exit 3");
    const { error, by } = await child.closed;
    assert(error instanceof ProcessError);
    assertEquals(by, "failure");
    assertEquals(error.message, "The program sh ended with the exit status 3");
    assertEquals([error.code, error.status, error.signal], [
      "PROCESS_FAILED",
      3,
      null,
    ]);
    assertEquals(await child.receive(), "one");
    assertEquals(await child.receive(), "two");
    assertEquals(await assertRejects(() => child.receive()), error);
  },
);

test("childProcess() tells of a signal", options, async () => {
  const child = await shell("echo one; kill -TERM $$");
  const { error } = await child.closed;
  assert(error instanceof ProcessError);
  assertEquals([error.status, error.signal], [null, "SIGTERM"]);
  assertEquals(error.message, "The program sh was ended by SIGTERM");
  child.abort();
});

test(
  "childProcess() delivers the output of a program that reads no more",
  options,
  async () => {
    const child = await shell("exec <&-; echo closed; sleep 0.2; echo last");
    assertEquals(await child.receive(), "closed");
    const error = await assertRejects(async () => {
      while (true) await child.send("x".repeat(100_000));
    }, NetError);
    assertEquals(error.code, "CONNECTION_RESET");
    assertEquals(await child.receive(), "last");
    const { error: told } = await child.closed;
    assert(told instanceof NetError && told.code === "CONNECTION_RESET");
  },
);

test(
  "childProcess() ends in good order where a program has exited before its input ended",
  options,
  async () => {
    const child = await shell("echo done");
    assertEquals(await child.receive(), "done");
    assertEquals(await child.receive(), undefined);
    await child.close();
    assertEquals(await child.closed, { by: "remote" });
  },
);

test(
  "childProcess() tells of an end without an exit after a while",
  options,
  async () => {
    const child = await shell("echo one; exec >&-; cat >/dev/null");
    assertEquals(await child.receive(), "one");
    assertEquals(await child.receive(), undefined);
    child.abort();
  },
);

test("childProcess() gives standard error to onStderr", options, async () => {
  let text = "";
  const child = framed(
    await childProcess("sh", ["-c", "echo oops >&2; pwd; echo $A"], {
      cwd: "/",
      env: { A: "a", PATH: "/bin:/usr/bin" },
      onStderr: (chunk) => {
        assertEquals(chunk.constructor, Uint8Array);
        text += new TextDecoder().decode(chunk);
      },
    }),
    lines(),
  );
  assertEquals(await Array.fromAsync(child), ["/", "a"]);
  await child.close();
  while (text.length < 5) await new Promise(setImmediate);
  assertEquals(text, "oops\n");
});

test("childProcess() rejects for a program that cannot be started", async () => {
  const missing = await assertRejects(
    () => childProcess("/nowhere/program"),
    NetError,
  );
  assertEquals(missing.code, "HOST_NOT_FOUND");
  assertEquals(
    missing.message,
    "Cannot start /nowhere/program: there is no such program, or no such directory (cwd)",
  );
  const folder = await assertRejects(() => childProcess(tmpdir()), NetError);
  assertEquals(folder.code, "PERMISSION_DENIED");
  await assertRejects(
    () => childProcess(undefined as unknown as string),
    TypeError,
    "Cannot start undefined: expected the name of a program and a list of arguments",
  );
  await assertRejects(
    () => childProcess("ls", "-l" as unknown as string[]),
    TypeError,
  );
});

async function untilGone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((next) => setTimeout(next, 10));
}

test(
  "abort() of a child process kills all that it has started",
  options,
  async () => {
    const child = await shell("sleep 60 & echo $!; wait");
    const pid = Number(await child.receive());
    assert(isRunning(pid));
    child.abort();
    await untilGone(pid);
  },
);

test(
  "close() of a child process kills it where it does not exit",
  options,
  async () => {
    const transport = await childProcess("sh", [
      "-c",
      "trap '' TERM HUP; echo $$; while :; do sleep 1; done",
    ]);
    const child = framed(transport, lines(), { closeTimeoutMs: 100 });
    const pid = Number(await child.receive());
    await child.close();
    await untilGone(pid);
  },
);
