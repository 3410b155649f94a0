/** The `login` of `reconnecting`. */

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import {
  type FramedConnection,
  FrameError,
  lines,
  NetError,
  type Network,
  reconnecting,
  type ReconnectingOptions,
  serve,
  type Server,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";

const codec = lines();

/** The networks, and an address on each. */
const places: readonly (readonly [
  name: string,
  network: Network | undefined,
  address: string,
])[] = [
  ["memory", memoryNetwork(), "memory:login"],
  ["sockets", undefined, "tcp://127.0.0.1:0"],
];

/** A server that greets whoever says its name, and how its connections ended. */
async function greeter(
  network: Network | undefined,
  address: string,
): Promise<Server<string>> {
  return await serve(
    { address, codec, ...(network && { network }) },
    async (connection) => {
      for (let name = await connection.receive(); name !== undefined;) {
        await connection.send(`hello ${name}`);
        name = await connection.receive();
      }
    },
  );
}

type Login = NonNullable<ReconnectingOptions<string>["login"]>;
type Connections = AsyncGenerator<FramedConnection<string>, void, void>;

for (const [name, network, address] of places) {
  const open = (
    server: Server<string>,
    login: Login,
    options: Partial<ReconnectingOptions<string>> = {},
  ): Connections =>
    reconnecting({
      address: server.address,
      codec,
      initialDelayMs: 1,
      maxDelayMs: 1,
      ...(network && { network }),
      login,
      ...options,
    });

  test(`reconnecting() logs in at each connection, before the loop has it [${name}]`, async () => {
    await using server = await greeter(network, address);
    let logins = 0;
    const replies: (string | undefined)[] = [];
    const login: Login = async (connection) => {
      logins++;
      await connection.send("Ann");
      replies.push(await connection.receive());
    };
    let loops = 0;
    for await (const connection of open(server, login)) {
      assertEquals(logins, ++loops);
      await connection.send("Bob");
      assertEquals(await connection.receive(), "hello Bob");
      if (loops === 3) break;
    }
    assertEquals(replies, ["hello Ann", "hello Ann", "hello Ann"]);
  });

  test(`reconnecting() tries again when its login fails because of the network or the peer [${name}]`, async () => {
    await using server = await greeter(network, address);
    const failures = [
      new NetError("CONNECTION_RESET", "reset while logging in"),
      new FrameError("MESSAGE_INVALID", {
        reason: "no name",
        expected: "a name",
        got: "none",
      }),
    ];
    const told: unknown[] = [];
    const tried: FramedConnection<string>[] = [];
    const login: Login = (connection) => {
      const failure = failures[tried.push(connection) - 1];
      if (failure !== undefined) throw failure;
    };
    const onRetry = (error: unknown) => void told.push(error);
    for await (const connection of open(server, login, { onRetry })) {
      assertEquals(connection, tried[2]);
      break;
    }
    assertEquals(told, failures);
    // The connections of the attempts that failed are not left open.
    for (const [i, error] of failures.entries()) {
      assertEquals(await tried[i]!.closed, { by: "local", error });
    }
  });

  test(`reconnecting() ends when its login throws another error [${name}]`, async () => {
    await using server = await greeter(network, address);
    const error = new Error("the password is wrong");
    const tried: FramedConnection<string>[] = [];
    const connections = open(server, (connection) => {
      tried.push(connection);
      return Promise.reject(error);
    });
    assertEquals(await assertRejects(() => connections.next()), error);
    assertEquals(tried.length, 1);
    assertEquals(await tried[0]!.closed, { by: "local", error });
  });

  test(`reconnecting() gives its login as long as timeoutMs says [${name}]`, async () => {
    await using server = await greeter(network, address);
    const tried: FramedConnection<string>[] = [];
    const connections = open(
      server,
      (connection) => {
        tried.push(connection);
        return new Promise<void>(() => undefined);
      },
      { timeoutMs: 20, maxAttempts: 2 },
    );
    const error = await assertRejects(() => connections.next(), NetError);
    assertEquals(error.code, "TIMED_OUT");
    assertEquals(tried.length, 2);
    assertEquals((await tried[1]!.closed).error, error);
  });

  test(`reconnecting() leaves its login when its signal aborts [${name}]`, async () => {
    await using server = await greeter(network, address);
    const stop = new AbortController();
    const reason = new Error("stop");
    let connection: FramedConnection<string> | undefined;
    const connections = open(
      server,
      (opened) => {
        connection = opened;
        stop.abort(reason);
        return new Promise<void>(() => undefined);
      },
      { signal: stop.signal },
    );
    assertEquals(await assertRejects(() => connections.next()), reason);
    assertEquals(await connection!.closed, { by: "local", error: reason });
  });
}
