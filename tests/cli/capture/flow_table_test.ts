/** The table of flows, where hashes collide: a capture cannot be made so that they do. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Counters } from "../../../src/cli/capture/capture_stats.ts";
import { EventQueue } from "../../../src/cli/capture/event_queue.ts";
import { FlowKey } from "../../../src/cli/capture/flow_key.ts";
import { FlowTable } from "../../../src/cli/capture/flow_table.ts";
import { HeldBytes } from "../../../src/cli/capture/held_bytes.ts";
import { IpPacket } from "../../../src/cli/capture/ip_packet.ts";
import { UdpFlow } from "../../../src/cli/capture/udp_flow.ts";
import { udp } from "../../support/packets.ts";

/** The key of a datagram, with the hash that all of them have here. */
function keyOf(from: string, to: string): FlowKey {
  const bytes = udp(from, to, new Uint8Array(0));
  const [ip, key] = [new IpPacket(), new FlowKey()];
  ip.read(bytes, 0);
  key.set(bytes, ip);
  key.hash = 7;
  return key;
}

const context = {
  events: new EventQueue(),
  counters: new Counters(),
  held: new HeldBytes(0),
};

const keys = [1, 2, 3, 4].map((i) => keyOf(`10.0.0.${i}:9`, "10.0.0.9:9"));

/** A table with a flow for each of the first keys, and the flows. */
function tableOf(count: number) {
  const table = new FlowTable<UdpFlow>(3);
  const flows = keys.slice(0, count).map((key) => {
    const flow = new UdpFlow(context, key, 0);
    table.set(key, flow, 0);
    return flow;
  });
  return { table, flows };
}

/** The indices of the flows that the keys find. */
function found(table: FlowTable<UdpFlow>, flows: readonly UdpFlow[]): number[] {
  return keys.map((key) => {
    const flow = table.find(key);
    return flow === undefined ? -1 : flows.indexOf(flow);
  });
}

test("FlowTable.find() finds each of several flows with the same hash", () => {
  const { table, flows } = tableOf(3);
  assertEquals(found(table, flows), [0, 1, 2, -1]);
});

test("FlowTable.find() tells IPv4 and IPv6 apart", () => {
  const { table } = tableOf(0);
  // The words of the shorter key are the first ones of the longer key.
  const key = keyOf("10.0.0.1:9", "0.0.0.0:9");
  const longer = keyOf("[a00:1::]:9", "[b00::]:9");
  longer.words.set(key.words.subarray(0, key.length));
  table.set(longer, new UdpFlow(context, longer, 0), 0);
  assertEquals(table.find(key), undefined);
});

test("FlowTable.set() replaces a flow, wherever it is among those with the same hash", () => {
  for (const [i, key] of keys.slice(0, 2).entries()) {
    const { table, flows } = tableOf(2);
    const other = new UdpFlow(context, key, 0);
    table.set(key, other, 0);
    const expected = [0, 1, -1, -1];
    expected[i] = 2;
    assertEquals(found(table, [...flows, other]), expected);
  }
});

test("FlowTable.set() forgets one flow when there are too many, and finds the others", () => {
  const { table, flows } = tableOf(4);
  assertEquals(found(table, flows), [-1, 1, 2, 3]);
  assertEquals(flows.map(({ isClosed }) => isClosed), [
    true,
    false,
    false,
    false,
  ]);
});
