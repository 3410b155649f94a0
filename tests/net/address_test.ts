import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  type Address,
  type AddressLike,
  formatAddress,
  parseAddress,
} from "../../src/net/mod.ts";

const addresses: readonly [string, Address][] = [
  ["tcp://127.0.0.1:2000", tcp("127.0.0.1", 2000)],
  ["tcp://[::1]:0", tcp("::1", 0)],
  ["tcp://example.com:65535", tcp("example.com", 65_535)],
  ["udp://127.0.0.1:2000", udp("127.0.0.1", 2000)],
  ["udp://[::1]:0", udp("::1", 0)],
  ["udp://[fe80::1%eth0]:53", udp("fe80::1%eth0", 53)],
  ["udp://localhost:1", udp("localhost", 1)],
  ["ws://127.0.0.1:2000/", webSocket("ws", "127.0.0.1", 2000, "/")],
  ["wss://[::1]:443/a?b=/c%20", webSocket("wss", "::1", 443, "/a?b=/c%20")],
  ["unix:/run/x.sock", { transport: "unix", path: "/run/x.sock" }],
  ["memory:x", { transport: "memory", name: "x" }],
];

test("parseAddress() and formatAddress() are each other's reverse", () => {
  for (const [text, address] of addresses) {
    assertEquals(parseAddress(text), address);
    assertEquals(parseAddress(address), address);
    assertEquals(formatAddress(address), text);
  }
});

test("parseAddress() fills in what is left out", () => {
  const given: readonly [AddressLike, Address][] = [
    [{ port: 1 }, tcp("127.0.0.1", 1)],
    [{ hostname: "::1", port: 1 }, tcp("::1", 1)],
    [{ transport: "udp", port: 1 }, udp("127.0.0.1", 1)],
    [{ transport: "udp", hostname: "::1", port: 1 }, udp("::1", 1)],
    [{ path: "/x" }, { transport: "unix", path: "/x" }],
    ["tcp://:1", tcp("127.0.0.1", 1)],
    ["udp://:1/", udp("127.0.0.1", 1)],
    ["ws://example.org", webSocket("ws", "example.org", 80, "/")],
    ["wss://example.org/x", webSocket("wss", "example.org", 443, "/x")],
    ["ws://:1?a", webSocket("ws", "127.0.0.1", 1, "/?a")],
    [{ transport: "ws" }, webSocket("ws", "127.0.0.1", 80, "/")],
    ["unix:///run/x.sock", { transport: "unix", path: "/run/x.sock" }],
  ];
  for (const [like, address] of given) {
    assertEquals(parseAddress(like), address);
  }
});

test("parseAddress() throws TypeError when it is no address", () => {
  const wrong: readonly AddressLike[] = [
    "",
    "127.0.0.1:2000",
    "udp:127.0.0.1:2000",
    "udp://127.0.0.1",
    "udp://127.0.0.1:65536",
    "udp://::1:2000",
    "sctp://127.0.0.1:2000",
    "unix:",
    "ws:127.0.0.1",
    "ws://127.0.0.1:65536",
    "ws://127.0.0.1:1/a#b",
    "ws://user@127.0.0.1/",
    "ws://127.0.0.1:1/a b",
    { transport: "ws", path: "chat" },
    { transport: "ws", port: -1 },
    { port: -1 },
    { transport: "udp", port: 1.5 },
    { transport: "udp", port: NaN },
    { path: "" },
  ];
  for (const address of wrong) {
    assertThrows(() => parseAddress(address), TypeError, "Cannot read");
  }
});

function tcp(hostname: string, port: number): Address {
  return { transport: "tcp", hostname, port };
}

function webSocket(
  transport: "ws" | "wss",
  hostname: string,
  port: number,
  path: string,
): Address {
  return { transport, hostname, port, path };
}

function udp(hostname: string, port: number): Address {
  return { transport: "udp", hostname, port };
}

test("parseAddress() takes an empty host name for the loopback interface", () => {
  assertEquals(parseAddress({ hostname: "", port: 1 }), {
    transport: "tcp",
    hostname: "127.0.0.1",
    port: 1,
  });
});
