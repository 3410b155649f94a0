import { assert, assertEquals, assertThrows } from "@std/assert";
import { once } from "node:events";
import net from "node:net";
import { Duplex, PassThrough, Readable, Writable } from "node:stream";
import { test } from "node:test";
import { framed, lengthPrefixed, lines, NetError } from "../../mod.ts";
import { nodeDuplex } from "../../src/net/adapters/node.ts";
import { transportTests } from "../../src/testing/mod.ts";

/** Both ends of a connection of `node:net`. */
async function sockets(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  const accepted = once(server, "connection");
  const a = net.connect(address.port, address.address);
  const [[b]] = await Promise.all([accepted, once(a, "connect")]);
  server.close();
  return [a, b as net.Socket];
}

for (
  const { name, run } of transportTests(async () => {
    const [a, b] = await sockets();
    return { a: nodeDuplex(a), b: nodeDuplex(b) };
  }, { resets: true })
) test(`${name} [node:net]`, run);

/** A stream that gives what it is pushed, and keeps what it is written. */
class Port extends Duplex {
  readonly written: Uint8Array[] = [];

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }
}

test("nodeDuplex() carries frames over any Duplex, whose chunks may be kept", async () => {
  const port = new Port();
  const connection = framed(nodeDuplex(port), lines());
  await connection.send("one");
  await connection.send("two");
  await new Promise(setImmediate);
  port.push("three\nfo");
  port.push("ur\n");
  assertEquals(await connection.receive(), "three");
  assertEquals(await connection.receive(), "four");
  port.push(null);
  assertEquals(await connection.receive(), undefined);
  await connection.send("five");
  await connection.close();
  assertEquals(await connection.closed, { by: "remote" });
  // The buffer of the first was used again for the last.
  assertEquals(port.written.map(String), ["one\ntwo\n", "five\n"]);
  assert(port.destroyed);
});

test("nodeDuplex() waits for a Duplex that takes nothing", async () => {
  let done: () => void = () => {};
  const slow = new Duplex({ read() {}, write: (_1, _2, next) => done = next });
  const transport = nodeDuplex(slow);
  let written = false;
  const writing = transport.write(new Uint8Array(100_000))
    ?.then(() => written = true);
  await new Promise(setImmediate);
  assertEquals(transport.bytesTaken, 0);
  done();
  await new Promise(setImmediate);
  assertEquals([transport.bytesTaken, written], [65_536, false]);
  done();
  await writing;
  assertEquals(transport.bytesTaken, 100_000);
  transport.abort();
});

test("nodeDuplex() tells of a Duplex that is destroyed before its end", async () => {
  for (
    const [cause, code] of [
      [undefined, "CONNECTION_RESET"],
      [Object.assign(new Error("late"), { code: "ETIMEDOUT" }), "TIMED_OUT"],
      [new Error("unplugged"), "NETWORK_ERROR"],
    ] as const
  ) {
    const port = new Port();
    const connection = framed(nodeDuplex(port), lines());
    port.push("last\n");
    port.destroy(cause);
    const { error } = await connection.closed;
    assert(error instanceof NetError);
    assertEquals(error.code, code);
    assertEquals(await connection.receive(), "last");
    assertEquals(await rejection(connection.receive()), error);
  }
});

test("nodeDuplex() tells of a Duplex that was gone before", async () => {
  const port = new Port();
  port.destroy();
  await once(port, "close");
  const { error } = await framed(nodeDuplex(port), lines()).closed;
  assert(error instanceof NetError && error.code === "CONNECTION_RESET");
});

test("nodeDuplex() tells of a Duplex that had ended before", async () => {
  const port = new Port({ allowHalfOpen: true });
  port.push(null);
  port.resume();
  await once(port, "end");
  const connection = framed(nodeDuplex(port), lines());
  assertEquals(await connection.receive(), undefined);
  await connection.close();
  assertEquals(await connection.closed, { by: "remote" });
});

test("nodeDuplex() tells of a socket that could not connect", async () => {
  const [a, b] = await sockets();
  const { localPort } = a;
  a.destroy();
  b.destroy();
  await Promise.all([once(a, "close"), once(b, "close")]);
  const socket = net.connect(localPort ?? 0, "127.0.0.1");
  const { error } = await framed(nodeDuplex(socket), lines()).closed;
  assert(error instanceof NetError && error.code === "CONNECTION_REFUSED");
});

test("nodeDuplex() leaves a socket open for a reply behind the peer's end", async () => {
  const [a, b] = await sockets();
  assert(!b.allowHalfOpen);
  const client = framed(nodeDuplex(a), lengthPrefixed());
  const server = framed(nodeDuplex(b), lengthPrefixed());
  assertEquals(server.remoteAddress, client.localAddress);
  assertEquals(client.localAddress.transport, "tcp");
  await client.closeWrite();
  assertEquals(await server.receive(), undefined);
  await new Promise(setImmediate);
  await server.send(Uint8Array.of(1, 2));
  await server.close();
  assertEquals(await client.receive(), Uint8Array.of(1, 2));
  assertEquals(await client.receive(), undefined);
  assertEquals(await client.closed, { by: "local" });
});

test("nodeDuplex() throws TypeError for what is no Duplex of bytes", () => {
  const text = new PassThrough();
  text.setEncoding("utf8");
  for (
    const [given, message] of [
      [undefined, "expected a Readable of node:stream, got undefined"],
      [new Writable(), "expected a Readable of node:stream, got object"],
      [new Readable(), "expected a Writable of node:stream, got object"],
      [text, "expected a stream of bytes, got one of text (setEncoding)"],
      [
        new PassThrough({ objectMode: true }),
        "expected a stream of bytes, got one in object mode",
      ],
      [
        new PassThrough({ writableObjectMode: true }),
        "expected a stream of bytes, got one in object mode",
      ],
    ] as const
  ) {
    const thrown = assertThrows(
      () => nodeDuplex(given as unknown as Duplex),
      TypeError,
    );
    assertEquals(thrown.message, `Cannot use duplex: ${message}`);
  }
});

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => undefined, (error: unknown) => error);
}
