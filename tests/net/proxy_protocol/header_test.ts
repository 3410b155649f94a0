import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { NetError } from "../../../src/net/mod.ts";
import {
  type Client,
  proxyHeader,
} from "../../../src/net/proxy_protocol/header.ts";
import { utf8 } from "../../support/bytes.ts";
import { randomNumbers } from "../../support/cuts.ts";
import { binary, unixPath } from "./headers.ts";

/** What a header says, read byte by byte; it must be whole at its last byte only. */
function clientOf(header: Uint8Array): Client {
  for (let i = 1; i < header.length; i++) {
    assertEquals(proxyHeader.read(header.subarray(0, i), i - 1), undefined);
  }
  // With the first bytes of what is behind it.
  const glued = new Uint8Array([...header, 13, 10, 0, 255]);
  const opening = proxyHeader.read(glued, 0);
  assertEquals(opening?.length, header.length);
  return opening!.value;
}

function tcp(hostname: string, port: number): Client {
  return { transport: "tcp", hostname, port };
}

const ADDRESSES_4 = "c0000201 0a000001 d431 01bb";
const ADDRESSES_6 =
  "20010db8000000000000000000000001 20010db8000000000000000000000002 d431 01bb";

const good: Readonly<Record<string, readonly [Uint8Array, Client]>> = {
  "TCP4": [
    utf8("PROXY TCP4 192.0.2.1 10.0.0.1 54321 443\r\n"),
    tcp("192.0.2.1", 54_321),
  ],
  "TCP6": [
    utf8("PROXY TCP6 2001:DB8:0::1 ::1 54321 443\r\n"),
    tcp("2001:db8::1", 54_321),
  ],
  "TCP6 of an IPv4 address": [
    utf8("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:10.0.0.1 1 2\r\n"),
    tcp("192.0.2.1", 1),
  ],
  "the longest TCP6": [
    utf8(
      `PROXY TCP6 ${"fe80:".repeat(7)}fe80 ${
        "fe80:".repeat(7)
      }fe80 65535 0\r\n`,
    ),
    tcp(`${"fe80:".repeat(7)}fe80`, 65_535),
  ],
  "UNKNOWN": [utf8("PROXY UNKNOWN\r\n"), undefined],
  "UNKNOWN with something": [
    utf8(`PROXY UNKNOWN ${"f".repeat(107 - 16)}\r\n`),
    undefined,
  ],
  "version 2 of IPv4": [binary("2111", ADDRESSES_4), tcp("192.0.2.1", 54_321)],
  "version 2 of IPv6": [
    binary("2121", ADDRESSES_6),
    tcp("2001:db8::1", 54_321),
  ],
  "version 2 of IPv4 in IPv6": [
    binary("2121", "00*10 ffff c0000201 00*16 0001 0002"),
    tcp("192.0.2.1", 1),
  ],
  "version 2 of Unix sockets": [
    binary("2131", `${unixPath("/run/a.sock")} ${unixPath("/run/b.sock")}`),
    { transport: "unix", path: "/run/a.sock" },
  ],
  "version 2 of Unix sockets without paths": [
    binary("2131", "00*216"),
    { transport: "unix", path: "" },
  ],
  "version 2 with TLVs": [
    binary("2111", `${ADDRESSES_4} 030004 a9b87e8f 050002 cafe`),
    tcp("192.0.2.1", 54_321),
  ],
  "the longest of version 2": [
    binary("2111", `${ADDRESSES_4} ff*${4_096 - 16 - 12}`),
    tcp("192.0.2.1", 54_321),
  ],
  "LOCAL": [binary("2000", ""), undefined],
  "LOCAL with addresses and TLVs": [
    binary("2011", `${ADDRESSES_4} 050002 cafe`),
    undefined,
  ],
  "LOCAL of a family that there is not": [binary("20ff", "01"), undefined],
  "version 2 of what the proxy does not know": [
    binary("2100", "010203"),
    undefined,
  ],
};

for (const [name, [header, client]] of Object.entries(good)) {
  test(`proxyHeader reads ${name}, and nothing behind it`, () => {
    assertEquals(clientOf(header), client);
  });
}

const bad: Readonly<Record<string, Uint8Array>> = {
  "another protocol": utf8("GET / HTTP/1.1\r\n"),
  "a ClientHello": Uint8Array.of(22, 3, 1, 2, 0),
  "a first byte": utf8("x"),
  "another name": utf8("PROXX"),
  "lower case": utf8("proxy UNKNOWN\r\n"),
  "an empty line": utf8("PROXY \r\n"),
  "another family": utf8("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n"),
  "UNKNOWN run into something": utf8("PROXY UNKNOWNX\r\n"),
  "no ports": utf8("PROXY TCP4 1.2.3.4 1.2.3.4\r\n"),
  "two spaces": utf8("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"),
  "a space at the end": utf8("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n"),
  "a port that is too large": utf8("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"),
  "a port with a zero": utf8("PROXY TCP4 1.2.3.4 1.2.3.4 1 02\r\n"),
  "an address that is none": utf8("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n"),
  "a destination that is none": utf8("PROXY TCP4 1.2.3.4 1.2.3 1 2\r\n"),
  "an address with a zero": utf8("PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n"),
  "IPv6 for IPv4": utf8("PROXY TCP4 ::1 ::1 1 2\r\n"),
  "IPv4 for IPv6": utf8("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n"),
  "a zone": utf8("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"),
  "a line with LF": utf8("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\nPROXY \r\n"),
  "a line without an end": utf8(`PROXY UNKNOWN ${"f".repeat(107 - 14)}`),
  "a line that is too long": utf8(`PROXY UNKNOWN ${"f".repeat(92)}\r\n`),
  "another signature": binary("2111", ADDRESSES_4).fill(1, 11, 12),
  "version 1 in binary": binary("1111", ADDRESSES_4),
  "version 3": binary("3111", ADDRESSES_4),
  "a command that there is not": binary("2211", ADDRESSES_4),
  "a client of UDP": binary("2112", ADDRESSES_4),
  "a client of Unix datagrams": binary("2132", "00*216"),
  "a family that there is not": binary("2141", ADDRESSES_6),
  "no protocol": binary("2110", ADDRESSES_4),
  "IPv4 that is too short": binary("2111", "00*11"),
  "IPv6 that is too short": binary("2121", "00*35"),
  "a path that is too short": binary("2131", "00*215"),
  "more than 4 KiB, as announced": binary("2111", "00*4081").subarray(0, 16),
};

for (const [name, header] of Object.entries(bad)) {
  test(`proxyHeader refuses ${name}`, () => {
    const error = assertThrows(
      () => {
        assert(proxyHeader.read(header, 0) !== undefined, "it waits for more");
      },
      NetError,
    );
    assertEquals(error.code, "PROXY_PROTOCOL");
  });
}

test("proxyHeader decides by 4 KiB at most, and never by garbage", () => {
  const random = randomNumbers(7);
  const beginnings = ["", "PROXY ", "PROXY TCP4 ", "PROXY TCP6 "].map(utf8);
  const signature = binary("2111", "").subarray(0, 12);
  for (let round = 0; round < 5_000; round++) {
    const beginning = [...beginnings, signature][round % 5]!;
    const bytes = new Uint8Array(4_096).map(() => random() * 256);
    bytes.set(beginning);
    try {
      const opening = proxyHeader.read(bytes, 0);
      // Only a header of version 2 can be whole by chance, and has to fit in.
      assert(opening !== undefined, "it waits for more");
      assertEquals(beginning, signature);
      assert(opening.length <= bytes.length);
    } catch (error) {
      assert(error instanceof NetError && error.code === "PROXY_PROTOCOL");
    }
  }
});

test("proxyHeader takes a header with one wrong byte for another address, or refuses it", () => {
  const random = randomNumbers(8);
  for (const [name, [header]] of Object.entries(good)) {
    for (let round = 0; round < 200; round++) {
      const wrong = header.slice();
      wrong[Math.floor(random() * header.length)] = random() * 256;
      try {
        const opening = proxyHeader.read(wrong, 0);
        if (opening?.value?.transport !== "tcp") continue;
        const { hostname, port } = opening.value;
        assert(/^[\da-f:.]+$/.test(hostname), `${name}: ${hostname}`);
        assert(port >= 0 && port <= 65_535, name);
      } catch (error) {
        assert(error instanceof NetError && error.code === "PROXY_PROTOCOL");
      }
    }
  }
});
