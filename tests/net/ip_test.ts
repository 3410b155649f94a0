import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { formatIp, parseIp } from "../../src/net/ip.ts";

/** Spellings of addresses, and how everybody writes them. */
const addresses: Readonly<Record<string, string>> = {
  "192.0.2.1": "192.0.2.1",
  "0.0.0.0": "0.0.0.0",
  "::": "::",
  "::1": "::1",
  "1::": "1::",
  "2001:DB8:0:0:0:0:0:1": "2001:db8::1",
  "2001:0db8::0001": "2001:db8::1",
  // The first of two runs that are as long, and none of one zero.
  "1:0:0:2:0:0:3:4": "1::2:0:0:3:4",
  "1:0:0:2:0:0:0:4": "1:0:0:2::4",
  "1:0:2:3:4:5:6:7": "1:0:2:3:4:5:6:7",
  "10:0:0:0:1:1:1:1": "10::1:1:1:1",
  "64:ff9b::192.0.2.1": "64:ff9b::c000:201",
  "::ffff:192.0.2.1": "192.0.2.1",
  "::ffff:c000:201": "192.0.2.1",
  "fe80::1%eth0": "fe80::1",
};

for (const [text, written] of Object.entries(addresses)) {
  test(`parseIp() and formatIp() of ${text} are ${written}`, () => {
    const ip = parseIp(text);
    assertEquals(ip && formatIp(ip), written);
  });
}

const noAddresses = [
  ...["", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4"],
  ...["1.2.3.4 ", " 1.2.3.4", "0x7f.0.0.1", "1..2.3", "localhost"],
  ...[":", ":::", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9"],
  ...["1::2::3", "1:2:3:4:5:6:7::8", "12345::", "g::", "::1.2.3", "1.2.3.4::"],
  ...["1.2.3.4:1:2:3:4:5:6", "::1.2.3.4:5", "[::1]", "::1/128"],
];

test("parseIp() of what is no address is undefined", () => {
  for (const text of noAddresses) assertEquals(parseIp(text), undefined, text);
});
