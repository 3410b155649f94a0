// An audit hook that fails, and what is recorded all the same.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { JsonValue } from "../../src/codec/views/json.ts";
import {
  type AuditRecord,
  CommandError,
  connectCommands,
  serveCommands,
} from "../../src/exec/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { NetError } from "../../mod.ts";
import { CommandRunner } from "../../src/exec/command_runner.ts";
import { serveSessions } from "../../src/exec/command_server.ts";
import { pair, script, until } from "./support.ts";

/** So many lists within each other. */
function nested(depth: number): JsonValue {
  let value: JsonValue = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

test("run() refuses arguments nested too deeply before anybody reads them", async () => {
  let read = 0;
  const args = () => {
    read++;
    return [];
  };
  await using at = await pair({ echo: { file: "/bin/echo", args } });
  assertEquals((await at.client.run("echo", nested(64)).exit).code, 0);
  for (const deep of [nested(65), { a: nested(64) }, nested(990)]) {
    const run = at.client.run("echo", deep);
    const error = await assertRejects(() => run.exit, CommandError);
    assertEquals(error.code, "ARGUMENTS_INVALID");
    const record = at.audit.at(-1);
    assert(record?.event === "refused" && !("arguments" in record));
  }
  assertEquals(read, 1);
});

test("audit() is called again without the arguments when it throws for a refusal", async () => {
  const records: AuditRecord[] = [];
  const errors: unknown[] = [];
  await using at = await pair({}, {
    audit(record) {
      if ("arguments" in record) throw new RangeError("too deep for the hook");
      records.push(record);
    },
    onError: (error) => void errors.push(error),
  });
  await assertRejects(() => at.client.run("rm", ["-rf"]).exit, CommandError);
  const [record] = records;
  assert(record?.event === "refused");
  assertEquals([record.command, record.code], ["rm", "COMMAND_UNKNOWN"]);
  assertEquals([records.length, errors.length], [1, 1]);
});

test("run() is refused when the audit hook returns a promise", async () => {
  const errors: unknown[] = [];
  const events: string[] = [];
  await using at = await pair({ date: { file: "/bin/date" } }, {
    // deno-lint-ignore require-await -- as whoever writes such a hook has it
    audit: async (record) => {
      events.push(record.event);
      throw new Error(`disk full: ${record.event}`);
    },
    onError: (error) => void errors.push(error),
  });
  const run = at.client.run("date");
  const error = await assertRejects(() => run.exit, CommandError);
  assertEquals(error.code, "AUDIT_FAILED");
  await until(() => errors.length === 3);
  assertEquals(events, ["started", "refused"]);
  const messages = errors.map(String).sort();
  assertEquals(messages, [
    "Error: disk full: refused",
    "Error: disk full: started",
    "TypeError: The audit hook must be synchronous",
  ]);
});

test("run() is refused when something unforeseen fails, and the connection lives on", async () => {
  const errors: unknown[] = [];
  let isRegistered = false;
  await using at = await pair({
    broken: {
      file: "/bin/echo",
      get env() {
        if (isRegistered) throw new Error("nothing to inherit");
        return {};
      },
    },
    fine: { file: "/bin/echo" },
  }, { onError: (error) => void errors.push(error) });
  isRegistered = true;
  const run = at.client.run("broken");
  const error = await assertRejects(() => run.exit, CommandError);
  assertEquals(error.code, "START_FAILED");
  assert(!error.message.includes("inherit"));
  assertEquals(errors.map(String), ["Error: nothing to inherit"]);
  assertEquals(at.audit.map(({ event }) => event), ["refused"]);
  assertEquals((await at.client.run("fine").exit).code, 0);
});

test("close() waits for runs when their connection is done with", async () => {
  const audit: AuditRecord[] = [];
  const options = {
    address: { port: 0 },
    commands: { slow: script("sleep 0.3") },
    audit: (record: AuditRecord) => void audit.push(record),
  };
  const runner = new CommandRunner(options);
  const server = await serveSessions(options, runner, {
    secret: undefined,
    handshakeTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    maxConnections: 1,
    maxUnauthenticated: 1,
  });
  const caller = {
    address: server.address,
    connection: 1,
    authenticated: false,
  };
  runner.start({ command: "slow", args: [], input: false }, caller, {
    room: (most) => Promise.resolve(most),
    send: () => undefined,
    close: () => undefined,
  });
  let closed = 0;
  void server.closed.then(() => closed = audit.length);
  await server.close();
  assertEquals(audit.map(({ event }) => event), ["started", "ended"]);
  await until(() => closed > 0);
  assertEquals(closed, 2);
});

test("serveCommands() reports its own errors by default, and not those of clients", async () => {
  const printed: unknown[][] = [];
  const original = console.error;
  console.error = (...values: unknown[]) => void printed.push(values);
  try {
    const network = memoryNetwork();
    const secret = "a secret of the tests";
    const address = "memory:commands";
    let broken = false;
    await using server = await serveCommands({
      address,
      network,
      secret,
      commands: { fine: { file: "/bin/echo" }, none: { file: "/none" } },
      audit: () => {
        // The class of the error says nothing of whose it is.
        if (broken) throw new NetError("CONNECTION_REFUSED", "The log is down");
      },
    });
    // Clients: one that knows another secret, one that speaks something else, one
    // that is gone at once.
    await assertRejects(
      () => connectCommands({ address, network, secret: secret + "?" }),
      CommandError,
    );
    const stranger = await network.connect(server.address);
    await stranger.writable.getWriter().write(new Uint8Array(64).fill(255));
    for await (const _ of stranger.readable);
    (await network.connect(server.address)).abort();

    await using client = await connectCommands({ address, network, secret });
    await assertRejects(() => client.run("unknown").exit, CommandError);
    assertEquals(printed, []);

    await assertRejects(() => client.run("none").exit, CommandError);
    assertEquals(printed.length, 1);
    broken = true;
    const error = await assertRejects(
      () => client.run("fine").exit,
      CommandError,
    );
    assertEquals(error.code, "AUDIT_FAILED");
    assert(printed.flat().join(" ").includes("The log is down"));
  } finally {
    console.error = original;
  }
});
