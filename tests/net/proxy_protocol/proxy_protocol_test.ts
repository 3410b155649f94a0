import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import {
  type Address,
  type AddressLike,
  connect,
  type Connection,
  framed,
  type FramedConnection,
  lines,
  NetError,
  serve,
  type ServeOptions,
  type Server,
} from "../../../mod.ts";
import { serveCommands } from "../../../src/exec/mod.ts";
import { serveMessages } from "../../../src/message/mod.ts";
import { memoryNetwork } from "../../../src/net/adapters/memory.ts";
import { memoryAdapter } from "../../../src/net/adapters/memory_adapter.ts";
import { formatAddress } from "../../../src/net/mod.ts";
import { ProxyServer } from "../../../src/net/proxy_protocol/server.ts";
import { TrustedPeers } from "../../../src/net/proxy_protocol/trusted.ts";
import { relay, transportTests } from "../../../src/testing/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { makeCertificates, noOpenSsl } from "../../support/certificates.ts";
import { connected } from "../../support/connected.ts";
import { everyCut } from "../../support/cuts.ts";
import { ScriptedTransport } from "../../support/scripted_transport.ts";
import { until } from "../../support/until.ts";
import { binary, unixPath } from "./headers.ts";

const LINE = utf8("PROXY TCP4 192.0.2.1 10.0.0.1 54321 443\r\n");
const BINARY = binary("2111", "c0000201 0a000001 d431 01bb 050002 cafe");
const FROM_CLIENT = "tcp://192.0.2.1:54321";
const trusted = ["127.0.0.1"];

/** A server that says to each client where it is, and then echoes. */
async function serving(
  options: Partial<ServeOptions<string>> = {},
): Promise<Server<string> & { errors: unknown[]; peers: string[] }> {
  const [errors, peers]: [unknown[], string[]] = [[], []];
  const server = await serve<string, string>({
    address: { port: 0 },
    codec: lines(),
    proxyProtocol: { trusted },
    onError: (error, peer) => {
      errors.push(error);
      peers.push(formatAddress(peer));
    },
    ...options,
  }, async (connection) => {
    await connection.send(formatAddress(connection.remoteAddress));
    await connection.forEach((line) => connection.send(line));
  });
  return Object.assign(server, { errors, peers });
}

/** Connects as a proxy does: what it sends first are these bytes. */
async function proxied(
  address: AddressLike,
  ...first: readonly Uint8Array[]
): Promise<FramedConnection<string>> {
  const connection = framed(await connect(address), lines());
  for (const bytes of first) await connection.sendEncoded(bytes);
  return connection;
}

/** The address below TLS and WebSocket. */
function tcpOf(address: Address): AddressLike {
  assert("hostname" in address);
  return { hostname: address.hostname, port: address.port };
}

/** The code of the only error of a server, when it has come. */
async function codeOf(
  server: { readonly errors: unknown[] },
): Promise<string> {
  await until(() => server.errors.length > 0);
  const [error, ...others] = server.errors;
  assertEquals(others, []);
  assert(error instanceof NetError, String(error));
  return error.code;
}

for (const [version, header] of [["1", LINE], ["2", BINARY]] as const) {
  test(`serve() has the client's address by a header of version ${version}`, async () => {
    await using server = await serving();
    await using proxy = await proxied(server.address, header);
    assertEquals(await proxy.receive(), FROM_CLIENT);
    await proxy.send("hello");
    assertEquals(await proxy.receive(), "hello");
    const [connection] = server.connections.values();
    assertEquals(connection!.localAddress, server.address);
  });

  test(`serve() loses nothing that is glued to a header of version ${version}`, async () => {
    await using server = await serving();
    const glued = new Uint8Array([...header, ...utf8("hello\nyo")]);
    await using proxy = await proxied(server.address, glued);
    assertEquals(await proxy.receive(), FROM_CLIENT);
    assertEquals(await proxy.receive(), "hello");
    await proxy.send("u");
    assertEquals(await proxy.receive(), "you");
  });

  test(`serve() takes a header of version ${version} in single bytes`, async () => {
    await using server = await serving();
    await using between = await relay({
      to: server.address,
      toServer: { maxChunkLength: 1, maxDelayMs: 1 },
    });
    const glued = new Uint8Array([...header, ...utf8("hello\n")]);
    await using proxy = await proxied(between.address, glued);
    assertEquals(await proxy.receive(), FROM_CLIENT);
    assertEquals(await proxy.receive(), "hello");
  });

  test(`a header of version ${version} may be cut anywhere`, async () => {
    const proxies = new ProxyServer({ trusted: ["unix"] }, Infinity);
    const all = new Uint8Array([...header, ...utf8("hello")]);
    for (const { name, chunks } of everyCut(all)) {
      const below = new ScriptedTransport();
      const accepting = proxies.accept(below);
      for (const chunk of chunks) below.data(chunk);
      const transport = await accepting;
      assertEquals(formatAddress(transport.remoteAddress), FROM_CLIENT, name);
      let received = "";
      transport.open({
        data: (chunk) => received += new TextDecoder().decode(chunk),
        end: () => received += "|",
        fail: (error) => assert(false, String(error)),
      });
      assertEquals(received, "", name);
      below.end();
      await Promise.resolve();
      assertEquals([received, below.paused], ["hello|", false], name);
    }
  });
}

test("serve() keeps the proxy's address where the header has none", async () => {
  await using server = await serving();
  for (const header of [binary("2000", ""), utf8("PROXY UNKNOWN\r\n")]) {
    await using proxy = await proxied(server.address, header);
    assertEquals(await proxy.receive(), formatAddress(proxy.localAddress));
  }
});

test("serve() refuses a trusted proxy without a header", async () => {
  await using server = await serving();
  await using proxy = await proxied(server.address, utf8("hello\n"));
  assertEquals(await codeOf(server), "PROXY_PROTOCOL");
  assertEquals(server.peers, [formatAddress(proxy.localAddress)]);
  assertEquals(server.stats().connections.refused, { PROXY_PROTOCOL: 1 });
  assertEquals(server.stats().connections.accepted, 0);
});

test("serve() refuses a connection that ends in the header", async () => {
  await using server = await serving();
  const proxy = await proxied(server.address, LINE.subarray(0, 20));
  await proxy.close();
  assertEquals(await codeOf(server), "PROXY_PROTOCOL");
});

test("serve() cuts a proxy that is silent or drips for handshakeTimeoutMs", async () => {
  await using server = await serving({ handshakeTimeoutMs: 60 });
  await using proxy = await proxied(server.address);
  const dripping = (async () => {
    for (const byte of LINE.subarray(0, 20)) {
      await proxy.sendEncoded(Uint8Array.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })().catch(() => undefined);
  assertEquals(await codeOf(server), "TIMED_OUT");
  assertEquals((server.errors[0] as NetError).limit, "handshakeTimeoutMs");
  await dripping;
});

test("serve() refuses whoever is no trusted proxy, whatever it sends", async () => {
  await using server = await serving({
    proxyProtocol: { trusted: ["192.0.2.0/24", "::1", "unix"] },
  });
  // It may be told of the reset before it is told that it is connected.
  const lying = proxied(server.address, LINE).catch(() => undefined);
  assertEquals(await codeOf(server), "PROXY_UNTRUSTED");
  assert(server.peers[0]?.startsWith("tcp://127.0.0.1:"), server.peers[0]);
  (await lying)?.abort();
  assertEquals(server.stats().connections.refused, { PROXY_UNTRUSTED: 1 });
});

test("a connection that is not trusted is not read at all", async () => {
  const proxies = new ProxyServer({ trusted }, Infinity);
  const below = new ScriptedTransport();
  below.open = () => assert(false, "it is opened");
  const error = await assertRejects(() => proxies.accept(below), NetError);
  assertEquals([error.code, ...below.ends], ["PROXY_UNTRUSTED", "abort"]);
});

test("close() of a listener ends those that wait for a header", async () => {
  const server = await serving();
  await using _proxy = await proxied(server.address);
  // The server has accepted it when it has accepted a later one.
  await using later = await proxied(server.address, LINE);
  await later.receive();
  void later.close();
  await server.close();
  assertEquals(await codeOf(server), "CONNECTION_CLOSED");
});

test("maxConnectionsPerAddress counts the clients, not the proxy", async () => {
  await using server = await serving({ maxConnectionsPerAddress: 1 });
  const header = (ip: string) => utf8(`PROXY TCP4 ${ip} 10.0.0.1 1 2\r\n`);
  await using one = await proxied(server.address, header("192.0.2.1"));
  assertEquals(await one.receive(), "tcp://192.0.2.1:1");
  await using two = await proxied(server.address, header("192.0.2.2"));
  assertEquals(await two.receive(), "tcp://192.0.2.2:1");
  await using _three = await proxied(server.address, header("192.0.2.1"));
  assertEquals(await codeOf(server), "CONNECTION_REFUSED");
  assertEquals(server.peers, ["tcp://192.0.2.1:1"]);
});

test(
  "serve() reads the header in front of TLS",
  { skip: noOpenSsl },
  async () => {
    const { ca, server: tls } = makeCertificates();
    await using server = await serving({ tls });
    const below = tcpOf(server.address);
    await using proxy = await proxied(below, BINARY);
    await proxy.startTls("client", { ca, serverName: "localhost" });
    assertEquals(await proxy.receive(), "tls://192.0.2.1:54321");
    await proxy.close();

    await using _wrong = await proxied(below, BINARY, utf8("no TLS\n"));
    assertEquals(await codeOf(server), "TLS_PROTOCOL");
    assertEquals(server.peers, [FROM_CLIENT]);
  },
);

test("serve() reads the header in front of the handshake of WebSocket", async () => {
  await using server = await serving({ webSocket: { path: "/chat" } });
  await using proxy = await proxied(
    tcpOf(server.address),
    LINE,
    utf8(
      "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    ),
  );
  assertEquals(await proxy.receive(), "HTTP/1.1 101 Switching Protocols");
  const [connection] = server.connections.values();
  assertEquals(connection!.remoteAddress, {
    transport: "ws",
    hostname: "192.0.2.1",
    port: 54_321,
    path: "/chat",
  });
  proxy.abort();
});

test("serve() trusts connections without an IP address by the name unix", async () => {
  const network = memoryNetwork();
  const proxyProtocol = { trusted: ["unix"] };
  const address = "memory:proxied";
  await using _server = await serving({ network, address, proxyProtocol });
  const header = binary("2131", `${unixPath("/run/c.sock")} 00*108`);
  const connection: Connection = await network.connect(address);
  await using proxy = framed(connection, lines());
  await proxy.sendEncoded(header);
  assertEquals(await proxy.receive(), "unix:/run/c.sock");

  await using strict = await serving({
    network,
    address: "memory:strict",
    proxyProtocol: { trusted },
  });
  const other = await network.connect("memory:strict");
  assertEquals(await codeOf(strict), "PROXY_UNTRUSTED");
  other.abort();
});

const noUnix = process.platform === "win32" && "No Unix sockets";
test("serve() takes headers on a Unix socket", { skip: noUnix }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "framewire-"));
  after(() => rmSync(directory, { recursive: true }));
  const address = { path: join(directory, "a.sock") };
  await using _server = await serving({
    address,
    proxyProtocol: { trusted: ["unix"] },
  });
  await using proxy = await proxied(address, LINE);
  assertEquals(await proxy.receive(), FROM_CLIENT);

  const other = { path: join(directory, "b.sock") };
  await using strict = await serving({ address: other });
  const lying = proxied(other, LINE).catch(() => undefined);
  assertEquals(await codeOf(strict), "PROXY_UNTRUSTED");
  (await lying)?.abort();
});

test("serveMessages() reads the header", async () => {
  const opened: string[] = [];
  const server = await serveMessages({
    address: { port: 0 },
    proxyProtocol: { trusted },
    observe(event) {
      if (event.type !== "open") return;
      opened.push(formatAddress(event.peer));
    },
  });
  await using proxy = await proxied(server.address, LINE);
  await until(() => server.peers.size === 1);
  assertEquals(opened, [FROM_CLIENT]);
  proxy.abort();
  await server.close();
});

test("serveCommands() asks for a secret behind a proxy", async () => {
  const options = {
    address: { port: 0 },
    commands: {},
    proxyProtocol: { trusted },
  };
  await assertRejects(() => serveCommands(options), TypeError, "secret");
  const errors: unknown[] = [];
  await using server = await serveCommands({
    ...options,
    secret: "long enough for a test",
    onError: (error) => errors.push(error),
  });
  await using _proxy = await proxied(server.address, utf8("hello\n"));
  assertEquals(await codeOf({ errors }), "PROXY_PROTOCOL");
});

test("listen() refuses a list of proxies that is none", async () => {
  const codec = lines();
  for (
    const wrong of [
      [],
      ["localhost"],
      ["10.0.0.0/33"],
      ["::/129"],
      ["10.0.0.1/"],
      ["fe80::1%eth0"],
      [""],
      "127.0.0.1",
      undefined,
    ]
  ) {
    await assertRejects(
      () =>
        serve({
          address: { port: 0 },
          codec,
          proxyProtocol: { trusted: wrong as string[] },
        }),
      TypeError,
      "proxyProtocol.trusted",
      String(wrong),
    );
  }
});

test("TrustedPeers has the addresses of its ranges, and no others", () => {
  const peers = new TrustedPeers([
    ...["10.0.0.0/8", "192.0.2.128/25", "203.0.113.7", "2001:db8::/33"],
    "fd00::1",
  ]);
  const has = (hostname: string) =>
    peers.has({ transport: "tcp", hostname, port: 1 });
  const inside = ["10.0.0.0", "10.255.255.255", "192.0.2.128", "203.0.113.7"];
  inside.push("::ffff:10.1.2.3", "2001:db8:7fff::1", "fd00:0::1", "FD00::1");
  for (const ip of inside) assert(has(ip), ip);
  const outside = ["11.0.0.0", "9.255.255.255", "192.0.2.127", "203.0.113.6"];
  outside.push("2001:db8:8000::1", "fd00::2", "::a00:1", "", "localhost");
  for (const ip of outside) assert(!has(ip), ip);
  assert(!peers.has({ transport: "unix", path: "" }));
  const everyIpv4 = new TrustedPeers(["0.0.0.0/0"]);
  assert(everyIpv4.has({ transport: "tcp", hostname: "1.2.3.4", port: 1 }));
  assert(!everyIpv4.has({ transport: "tcp", hostname: "::1", port: 1 }));
  assertThrows(() => new TrustedPeers(["10.0.0.0/9x"]), TypeError);
});

for (
  const { name, run } of transportTests(async () => {
    const { a: proxy, b: below, dispose } = await connected(
      memoryAdapter({}),
      "memory:x",
    );
    await proxy.write(LINE);
    const proxies = new ProxyServer({ trusted: ["unix"] }, Infinity);
    return { a: await proxies.accept(below), b: proxy, dispose };
  }, { resets: true })
) {
  const skip = name.startsWith("bytesTaken") && "The header counts, too";
  test(`${name} [behind a proxy]`, { skip }, run);
}
