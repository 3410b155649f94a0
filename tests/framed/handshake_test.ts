import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  closeReason,
  createClient,
  framed,
  type FramedConnection,
  handshake,
  type HandshakeOptions,
  lengthPrefixed,
  lines,
  NetError,
  reconnecting,
  serve,
} from "../../mod.ts";
import { relay, type RelayFaults } from "../../src/testing/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";
import {
  resetError,
  ScriptedTransport,
} from "../support/scripted_transport.ts";
import {
  type Exchange,
  postgres,
  socks5,
  startTls,
  upgrade,
} from "./handshake/exchanges.ts";

const certificates = noOpenSsl === false ? makeCertificates() : undefined;
const login = ["Michael", "a word"] as const;

/** Exchanges, and what their clients get in the end. */
const exchanges: Readonly<
  Record<string, readonly [make: () => Promise<Exchange>, result: unknown]>
> = {
  "STARTTLS": [() => startTls(certificates!), "250 TLSv1.3"],
  "an upgrade of HTTP": [upgrade, ["welcome", "early"]],
  "PostgreSQL": [postgres, ["D", "SELECT 1\0"]],
  "SOCKS5": [() => socks5(), ["welcome", "> hello"]],
  "SOCKS5 with a password": [() => socks5(login), ["welcome", "> hello"]],
};

const faults: Readonly<Record<string, RelayFaults>> = {
  "as it comes": {},
  "in single bytes": { maxChunkLength: 1 },
  "glued": { gatherMs: 20 },
};

for (const [name, [make, result]] of Object.entries(exchanges)) {
  const skip = name === "STARTTLS" && noOpenSsl;
  for (const [how, fault] of Object.entries(faults)) {
    test(`handshake() does ${name}, ${how}`, { skip }, async () => {
      const { server, run, close } = await make();
      await using between = await relay({
        to: server.address,
        toServer: fault,
        toClient: fault,
      });
      assertEquals(await run(between.address), result);
      await close();
    });
  }
}

/** The error of a handshake that must fail. */
async function failure(run: () => Promise<unknown>): Promise<NetError> {
  return await assertRejects(run, NetError);
}

/** A connection to a peer that a test speaks for. */
function scripted(): [ScriptedTransport, FramedConnection<string>] {
  const transport = new ScriptedTransport();
  return [transport, framed(transport, lines())];
}

test("handshake() says which step failed, and why", async () => {
  const { server, run, close } = await socks5(login, ["Michael", "wrong"]);
  const error = await failure(() => run(server.address));
  assertEquals(error.code, "HANDSHAKE_FAILED");
  assertEquals(
    error.message,
    "The handshake failed at the password: The proxy refuses the password",
  );
  assertEquals(
    (error.cause as Error).message,
    "The proxy refuses the password",
  );
  await close();
});

test("handshake() ends the connection with the error of a step", async () => {
  const [transport, connection] = scripted();
  const error = await failure(() =>
    handshake(connection, (_, step) => {
      step("one");
      step("two");
      return Promise.reject("no");
    })
  );
  assertEquals(error.message, "The handshake failed at two: no");
  assertEquals(transport.ends, ["abort"]);
  const info = await connection.closed;
  assertEquals([info.error, closeReason(info)], [error, "HANDSHAKE_FAILED"]);
  assert(connection.failedWith(error));
});

test("handshake() has the error of the connection as its cause", async () => {
  const [transport, connection] = scripted();
  const failing = failure(() =>
    handshake(connection, (connection) => connection.receive())
  );
  const reset = resetError();
  transport.fail(reset);
  const error = await failing;
  assertEquals([error.code, error.cause], ["HANDSHAKE_FAILED", reset]);
  assertEquals((await connection.closed).error, reset);
  assert(connection.failedWith(error));
});

test("handshake() throws a mistake of the program as it is", async () => {
  for (const mistake of [new TypeError("a"), new RangeError("b")]) {
    const [, connection] = scripted();
    const error = await assertRejects(
      () => handshake(connection, () => Promise.reject(mistake)),
    );
    assertEquals(error, mistake);
    // So a server tells of it.
    assert(!connection.failedWith(error));
    const { error: end } = await connection.closed;
    assertEquals((end as NetError).code, "HANDSHAKE_FAILED");
  }
});

test(
  "handshake() refuses bytes that came in front of TLS",
  { skip: noOpenSsl },
  async () => {
    const { server, run, close } = await startTls(
      certificates!,
      "220 go ahead\r\n250 forged\r\n",
    );
    const error = await failure(() => run(server.address));
    assertEquals((error.cause as NetError).code, "TLS_PROTOCOL");
    assert(error.message.includes(" at STARTTLS: "), error.message);
    await close();
  },
);

test("handshake() has one time limit for all steps", async () => {
  const [transport, connection] = scripted();
  const started = performance.now();
  const dripping = setInterval(() => transport.data("go on\n"), 10);
  let steps = 0;
  const error = await failure(() =>
    handshake(connection, async (connection, step) => {
      while (true) {
        step(`step ${++steps}`);
        await connection.receive();
      }
    }, { timeoutMs: 80 })
  );
  clearInterval(dripping);
  assert(performance.now() - started >= 75);
  assertEquals([error.code, error.limit], ["TIMED_OUT", "timeoutMs"]);
  assertEquals(
    error.message,
    `The handshake took longer than 80 ms at step ${steps} (timeoutMs)`,
  );
  assert(steps > 1);
  assertEquals((await connection.closed).error, error);
});

test("handshake() ends in time also where a step waits for something else", async () => {
  const [, connection] = scripted();
  const error = await failure(() =>
    handshake(connection, () => new Promise(() => {}), { timeoutMs: 10 })
  );
  assertEquals(error.code, "TIMED_OUT");
  assertEquals((await connection.closed).error, error);
});

test("handshake() leaves the connection alone after it is done", async () => {
  const [transport, connection] = scripted();
  const stop = new AbortController();
  const { signal } = stop;
  const options = { timeoutMs: 20, signal };
  assertEquals(
    await handshake(connection, () => Promise.resolve(3), options),
    3,
  );
  stop.abort();
  await new Promise((resolve) => setTimeout(resolve, 60));
  transport.data("hello\n");
  assertEquals(await connection.receive(), "hello");
  connection.abort();
});

test("handshake() ends with its signal, and the connection with it", async () => {
  const reason = new Error("not now");
  for (const isEarly of [true, false]) {
    const [transport, connection] = scripted();
    const stop = new AbortController();
    if (isEarly) stop.abort(reason);
    let ran = false;
    const running = handshake(connection, (connection) => {
      ran = true;
      return connection.receive();
    }, { signal: stop.signal });
    stop.abort(reason);
    assertEquals(await assertRejects(() => running), reason);
    assertEquals(transport.ends, ["abort"]);
    assertEquals(ran, !isEarly);
  }
});

test("handshake() refuses what is no connection, no function and no option", async () => {
  const [, connection] = scripted();
  const run = () => Promise.resolve();
  const calls = [
    () => handshake({} as typeof connection, run),
    () => handshake(connection, undefined as unknown as typeof run),
    () => handshake(connection, run, { timeout: 1 } as HandshakeOptions),
  ];
  for (const call of calls) await assertRejects(call, TypeError);
  await assertRejects(
    () => handshake(connection, run, { timeoutMs: 0 }),
    RangeError,
    "timeoutMs",
  );
  connection.abort();
});

test("handshake() of a server loses nothing that is glued to its last message", async () => {
  const codec = lengthPrefixed();
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      const binary = await handshake(connection, async (connection) => {
        await connection.receive();
        return connection.switchCodec(codec);
      });
      await binary.forEach((frame) => binary.send(frame));
    },
  );
  const { address } = server;
  await using client = await createClient({ address, codec });
  await client.sendEncoded(
    new Uint8Array([...utf8("binary\n"), ...codec.encode(utf8("early"))]),
  );
  assertEquals(await client.receive(), utf8("early"));
});

test("handshake() can be the login of reconnecting()", async () => {
  let asked = 0;
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      await connection.receive();
      // The first is not let in.
      await connection.send(++asked === 1 ? "no" : "yes");
      await connection.receive();
    },
  );
  const reasons: unknown[] = [];
  const connections = reconnecting({
    address: server.address,
    codec: lines(),
    initialDelayMs: 1,
    onRetry: (reason) => reasons.push(reason),
    login: (connection) =>
      handshake(connection, async (connection, step) => {
        step("the name");
        await connection.send("Michael");
        const answer = await connection.receive();
        if (answer !== "yes") throw new Error(`Got ${answer}`);
      }),
  });
  for await (const connection of connections) {
    await connection.close();
    break;
  }
  assertEquals(reasons.map(String), [
    "NetError: The handshake failed at the name: Got no",
  ]);
});
