/** What counts as one client. */
import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { clientGroup } from "../../src/server/client_group.ts";

const groupOf = (hostname: string) =>
  clientGroup({ transport: "tcp", hostname, port: 1 });

const groups: Readonly<Record<string, string>> = {
  "192.0.2.1": "192.0.2.1",
  // IPv4 in IPv6, in all its spellings.
  "::ffff:192.0.2.1": "192.0.2.1",
  "::FFFF:192.0.2.1": "192.0.2.1",
  "::ffff:c000:201": "192.0.2.1",
  "0:0:0:0:0:ffff:c000:0201": "192.0.2.1",
  "64:ff9b::192.0.2.1": "192.0.2.1",
  "64:ff9b::c000:201": "192.0.2.1",
  "::ffff:0:255.255.255.255": "::/64",
  // The first 64 bits of IPv6.
  "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
  "2001:0DB8:0001:0002::": "2001:db8:1:2::/64",
  "2001:db8:1:2::ffff": "2001:db8:1:2::/64",
  "2001:db8::1:2:3:4": "2001:db8::/64",
  "2001:db8:1:3::": "2001:db8:1:3::/64",
  "::1": "::/64",
  "::": "::/64",
  "fe80::1%eth0": "fe80::/64",
};

for (const [ip, group] of Object.entries(groups)) {
  test(`clientGroup() of ${ip} is ${group}`, () => {
    assertEquals(groupOf(ip), group);
  });
}

test("clientGroup() takes the address of every kind of socket", () => {
  const host = { hostname: "192.0.2.1", port: 1 };
  for (const transport of ["tls", "udp"] as const) {
    assertEquals(clientGroup({ transport, ...host }), "192.0.2.1");
  }
  for (const transport of ["ws", "wss"] as const) {
    assertEquals(clientGroup({ transport, ...host, path: "/" }), "192.0.2.1");
  }
  assertEquals(clientGroup({ transport: "memory", name: "a#1" }), "a#1");
  assertEquals(clientGroup({ transport: "unix", path: "/a" }), undefined);
  // A client that had left before it was asked for its address.
  assertEquals(groupOf(""), undefined);
});
