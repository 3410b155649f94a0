/** What stands around TCP and UDP: link layers, and the headers of IP. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { CaptureReader } from "../../../src/cli/capture/mod.ts";
import { hex, utf8 } from "../../support/bytes.ts";
import { captureFile } from "../../support/captures.ts";
import { ethernet, ipPacket, joined, tcp, udp } from "../../support/packets.ts";
import { eventsOf, told } from "./told.ts";

const ENDS = ["10.0.0.1:5000", "10.0.0.2:53"] as const;
const ENDS_6 = ["[::1]:5000", "[::2]:53"] as const;
const DATA = utf8("data");
const IPV4 = udp(...ENDS, DATA);
const IPV6 = udp(...ENDS_6, DATA);

/** The bytes that a packet gives; otherwise why it is passed over. */
function read(
  linkType: number,
  bytes: Uint8Array,
  snapLength = 262_144,
): string {
  const reader = new CaptureReader();
  const file = captureFile([{ bytes }], { linkType, snapLength });
  const events = eventsOf([file], reader);
  const data = events.filter(({ kind }) => kind === "data" || kind === "gap");
  const [ignored] = reader.stats.ignored.keys();
  return ignored ?? data.map(told).join(", ");
}

const READ = '1 > "data"';
/** Reads a packet of IP without a link layer. */
const readIp = (bytes: Uint8Array, snapLength?: number) =>
  read(101, bytes, snapLength);

test("CaptureReader reads Ethernet with and without VLAN tags, and leaves the padding", () => {
  for (const ip of [IPV4, IPV6]) {
    for (const tags of [[], [0x8100], [0x88a8, 0x8100], [0x9100, 0x9100]]) {
      assertEquals(read(1, ethernet(ip, tags)), READ);
    }
  }
});

test("CaptureReader reads the link types of Linux, of loopback, and of none", () => {
  const cases: [linkType: number, header: string, ip: Uint8Array][] = [
    [113, "0000 0304 0006 000000000000 0000 0800", IPV4],
    [113, "0000 0304 0006 000000000000 0000 86dd", IPV6],
    [113, "0000 0304 0006 000000000000 0000 8100 0001 0800", IPV4],
    [276, "0800 0000 00000001 0304 00 06 0000000000000000", IPV4],
    [276, "86dd 0000 00000001 0304 00 06 0000000000000000", IPV6],
    [0, "02000000", IPV4],
    [0, "00000002", IPV4],
    [0, "1e000000", IPV6],
    [108, "00000018", IPV6],
    [12, "", IPV4],
    [101, "", IPV6],
    [228, "", IPV4],
    [229, "", IPV6],
  ];
  for (const [linkType, header, ip] of cases) {
    assertEquals(read(linkType, joined(hex(header), ip)), READ);
  }
});

test("CaptureReader counts packets that are not IP", () => {
  const arp = ethernet(IPV4);
  arp.set([8, 6], 12);
  assertEquals(read(1, arp), "not IP");
  assertEquals(read(1, new Uint8Array(13)), "not IP");
  assertEquals(read(1, joined(new Uint8Array(12), hex("8100"))), "not IP");
  assertEquals(read(0, joined(hex("07000000"), IPV4)), "not IP");
  assertEquals(read(0, hex("020000")), "not IP");
  assertEquals(readIp(Uint8Array.of(0x55)), "header not valid");
});

test("CaptureReader reads IPv4 with options", () => {
  const options = hex("07 07 04 00000000 00");
  assertEquals(readIp(udp(...ENDS, DATA, { options })), READ);
});

test("CaptureReader takes the captured bytes when IP tells no length", () => {
  // Large segments that the network card cuts have none.
  const segment = { from: ENDS[0], to: ENDS[1], data: DATA };
  assertEquals(readIp(tcp(segment, { length: 0 })), READ);
  const to6 = { from: ENDS_6[0], to: ENDS_6[1], data: DATA };
  assertEquals(readIp(tcp(to6, { length: 0 })), READ);
});

test("CaptureReader reads IPv6 with extension headers", () => {
  const eight = hex("00 0000 00000000");
  const sixteen = joined(hex("01"), new Uint8Array(14));
  const authentication = joined(hex("04"), new Uint8Array(22));
  const wholeFragment = hex("00 0000 00000007");
  const extensions = [
    [0, eight],
    [60, sixteen],
    [43, eight],
    [44, wholeFragment],
    [51, authentication],
    [135, eight],
  ] as const;
  assertEquals(readIp(ipv6(extensions)), READ);
  for (const extension of extensions) {
    assertEquals(readIp(ipv6([extension])), READ);
  }
});

test("CaptureReader counts fragments and passes over them", () => {
  for (const fragment of [0x2000, 0x2001, 0x0005]) {
    const packet = ipPacket(...ENDS, 17, DATA, { fragment });
    assertEquals(readIp(packet), "IP fragment");
  }
  const doNotFragment = tcp(
    { from: ENDS[0], to: ENDS[1], data: DATA },
    { fragment: 0x4000 },
  );
  assertEquals(readIp(doNotFragment), READ);
  for (const place of ["0001", "0008"]) {
    const packet = ipv6([[44, hex(`00 ${place} 00000007`)]]);
    assertEquals(readIp(packet), "IP fragment");
  }
});

test("CaptureReader counts packets of other protocols", () => {
  const echo = ipPacket(...ENDS, 1, DATA);
  const noNext = ipPacket(...ENDS_6, 59, DATA);
  assertEquals(readIp(echo), "neither TCP nor UDP");
  assertEquals(readIp(noNext), "neither TCP nor UDP");
});

test("CaptureReader counts packets whose headers are cut off", () => {
  const segment = tcp({ from: ENDS[0], to: ENDS[1], data: DATA });
  for (const length of [0, 1, 19, 20, 39]) {
    assertEquals(readIp(segment, length), "header cut off");
  }
  assertEquals(readIp(segment, 42), '1 > "da", 1 > gap 2');
  const extended = ipv6([[0, hex("00 0000 00000000")]]);
  for (const length of [39, 40, 47, 48, 55]) {
    assertEquals(readIp(extended, length), "header cut off");
  }
});

test("CaptureReader counts packets whose headers are not valid", () => {
  const changed = (bytes: Uint8Array, index: number, value: number) => {
    const copy = joined(bytes);
    copy[index] = value;
    return copy;
  };
  const segment = tcp({ from: ENDS[0], to: ENDS[1], data: DATA });
  const extended = ipv6([[0, hex("00 0000 00000000")]]);
  const packets = [
    changed(segment, 0, 0x44),
    changed(segment, 0, 0x4f),
    changed(segment, 3, 19),
    changed(segment, 3, 39),
    changed(segment, 32, 0x40),
    changed(IPV4, 3, 27),
    changed(extended, 41, 200),
    changed(extended, 5, 7),
  ];
  for (const packet of packets) {
    assertEquals(readIp(packet), "header not valid");
  }
});

/** A datagram in IPv6 with extension headers. */
function ipv6(
  extensions: readonly (readonly [number, Uint8Array])[],
): Uint8Array {
  return udp(...ENDS_6, DATA, { extensions });
}
