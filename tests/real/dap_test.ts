/** The example of a debugger with debugpy. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Dap } from "../../examples/conversations/dap.ts";
import {
  debug,
  type Debuggee,
} from "../../examples/conversations/dap_client.ts";
import type { AddressLike } from "../../mod.ts";
import { MessageError, type Peer } from "../../src/message/mod.ts";
import { NetError } from "../../src/net/mod.ts";
import { debianPython } from "../support/programs.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { assertLost } from "./killed.ts";
import { noDebugpy, startDebugpy } from "./servers/debugpy.ts";
import { ways } from "./through.ts";

/** Stops three times in line 2, with a sum and what is to be added. */
const program = `def add(a, b):
    return a + b

total = 0
for i in range(3):
    total = add(total, i)
raise SystemExit(total)
`;
const stops = [[0, 0], [0, 1], [1, 2]] as const;

/** The program in the folder of a server, and how it is debugged. */
function debuggeeIn(
  { folder }: ServerProcess,
  onStopped: Debuggee["onStopped"],
): Debuggee {
  const path = join(folder, "program.py");
  writeFileSync(path, program);
  return {
    start: "launch",
    arguments: { program: path, console: "internalConsole" },
    path,
    lines: [2],
    onStopped,
  };
}

/** Looks at everything where the program has stopped. */
async function inspect(
  adapter: Peer<Dap>,
  threadId: number,
  [a, b]: readonly [number, number],
): Promise<void> {
  const [{ threads }, { stackFrames }] = await Promise.all([
    adapter.request("threads", null),
    adapter.request("stackTrace", { threadId }),
  ]);
  assertEquals(threads, [{ id: threadId, name: "MainThread" }]);
  assertEquals(stackFrames.map(({ name, line }) => [name, line]), [
    ["add", 2],
    ["<module>", 6],
  ]);
  const frameId = stackFrames[0]!.id;
  const { scopes } = await adapter.request("scopes", { frameId });
  assertEquals(scopes.map(({ name }) => name), ["Locals", "Globals"]);
  const { variablesReference } = scopes[0]!;
  const [{ variables }, ...values] = await Promise.all([
    adapter.request("variables", { variablesReference }),
    ...numbers.map((n) =>
      adapter.request("evaluate", { expression: `a * ${n} + b`, frameId })
    ),
  ]);
  assertEquals(variables.map(({ name, value }) => [name, value]), [
    ["a", `${a}`],
    ["b", `${b}`],
  ]);
  assertEquals(
    values.map(({ result }) => result),
    numbers.map((n) => `${a * n + b}`),
  );
}
const numbers = [...Array(40).keys()];

/** Debugs the program, and looks at it wherever it stops. */
async function debugAll(
  server: ServerProcess,
  address: AddressLike,
  how: Partial<Debuggee> = {},
): Promise<number | undefined> {
  let count = 0;
  let last: Peer<Dap> | undefined;
  const exitCode = await debug(address, {
    ...debuggeeIn(server, async (adapter, threadId) => {
      await inspect(adapter, threadId, stops[count++]!);
      last = adapter;
    }),
    ...how,
  });
  assertEquals(count, 3);
  const { strays, framesReceived = 0, framesSent = 0 } = last!.stats();
  assertEquals(strays, { late: 0, duplicate: 0, foreign: 0 });
  assert(framesReceived + framesSent > 250);
  assertEquals(await last!.closed, { by: "local" });
  return exitCode;
}

for (const way of ways) {
  test(`The debugger debugs a program ${way.name}`, {
    skip: noDebugpy,
  }, async () => {
    await using server = await startDebugpy();
    await using route = await way.to(server.address);
    assertEquals(await debugAll(server, route.address), 3);
  });
}

test("The debugger attaches to a program that runs", {
  skip: noDebugpy,
}, async () => {
  await using server = await startServer("debuggee", ({ port, folder }) => {
    writeFileSync(join(folder, "program.py"), program);
    return {
      command: [
        debianPython,
        ...["-m", "debugpy", "--listen", `127.0.0.1:${port}`],
        ...["--wait-for-client", "--log-to-stderr", join(folder, "program.py")],
      ],
      ready: "wait_for_client()",
      leadsGroup: true,
    };
  });
  await debugAll(server, server.address, {
    start: "attach",
    arguments: { justMyCode: true },
  });
});

test("The debugger ends with what its program throws", {
  skip: noDebugpy,
}, async () => {
  await using server = await startDebugpy();
  let refused: MessageError | undefined;
  const run = debug(
    server.address,
    debuggeeIn(server, async (adapter) => {
      refused = await assertRejects(
        () => adapter.request("scopes", { frameId: 1_000_000 }),
        MessageError,
      );
      throw new Error("Seen enough");
    }),
  );
  await assertRejects(() => run, Error, "Seen enough");
  assertEquals(refused?.code, "Wrong ID sent from the client: 1000000");
});

test("The debugger's requests all reject when the adapter is killed", {
  skip: noDebugpy,
}, async () => {
  await using server = await startDebugpy();
  let session: Peer<Dap> | undefined;
  let lost: Promise<void> | undefined;
  const run = debug(
    server.address,
    debuggeeIn(server, async (adapter, threadId) => {
      session = adapter;
      await inspect(adapter, threadId, stops[0]);
      server.stop();
      const requests = numbers.map(() => adapter.request("threads", null));
      lost = assertLost(requests, "CONNECTION_RESET", "CONNECTION_CLOSED");
      await server.kill();
    }),
  );
  await assertRejects(() => run, NetError);
  await lost;
  const { underWay, commands } = session!.stats().made;
  const { done, failed } = commands["threads"]!;
  assertEquals([underWay, done, failed], [0, 1, numbers.length]);

  await server.start();
  assertEquals(await debugAll(server, server.address), 3);
});
