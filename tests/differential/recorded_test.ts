// Bytes that other programs wrote, recorded once, with the program and its
// version: where the programs themselves are not there to be asked, these are.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { md5 } from "../../src/algorithms/mod.ts";
import type { Codec } from "../../src/codec/mod.ts";
import { cobs, lines, slip } from "../../src/codec/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { assertDecodes } from "../support/run_decoder.ts";
import { check } from "./recording.ts";

check({
  preset: "erlang(1)",
  by: 'Erlang/OTP 25: gen_tcp:send(Socket, "HI")',
  codec: presets.erlang(1),
  bytes: hex("02 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "erlang(2)",
  by: 'Erlang/OTP 25: gen_tcp:send(Socket, "HI")',
  codec: presets.erlang(2),
  bytes: hex("0002 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "erlang(4)",
  by: 'Erlang/OTP 25: gen_tcp:send(Socket, "HI")',
  codec: presets.erlang(4),
  bytes: hex("00000002 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "netty(): 4 bytes",
  by: "Netty 4.1.48: LengthFieldPrepender(4)",
  codec: presets.netty({
    maxFrameLength: 100,
    lengthFieldOffset: 0,
    lengthFieldLength: 4,
    initialBytesToStrip: 4,
  }),
  bytes: hex("00000002 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "netty(): 2 bytes that count themselves",
  by: "Netty 4.1.48: LengthFieldPrepender(2, true)",
  codec: presets.netty({
    maxFrameLength: 100,
    lengthFieldOffset: 0,
    lengthFieldLength: 2,
    lengthAdjustment: -2,
    initialBytesToStrip: 2,
  }),
  bytes: hex("0004 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "netty(): 3 bytes, little-endian, adjusted",
  by: "Netty 4.1.48: LengthFieldPrepender(LITTLE_ENDIAN, 3, 1, false)",
  codec: presets.netty({
    maxFrameLength: 100,
    lengthFieldOffset: 0,
    lengthFieldLength: 3,
    lengthAdjustment: -1,
    initialBytesToStrip: 3,
    byteOrder: "little",
  }),
  bytes: hex("030000 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "netty(): a header around the length",
  by: "Netty 4.1.48: LengthFieldBasedFrameDecoder(100, 1, 2, 1, 3) reads it so",
  codec: presets.netty({
    maxFrameLength: 100,
    lengthFieldOffset: 1,
    lengthFieldLength: 2,
    lengthAdjustment: 1,
    initialBytesToStrip: 3,
  }),
  bytes: hex("ca 0002 fe 4849"),
  frames: [hex("fe 4849")],
  given: "cannot be written", // the first byte of the header is stripped
});
check({
  preset: "tokioUtil()",
  by: "tokio-util 0.7.3: LengthDelimitedCodec::new()",
  codec: presets.tokioUtil(),
  bytes: hex("00000002 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "twistedInt16()",
  by: 'Twisted 22.4.0: sendString(b"HI")',
  codec: presets.twistedInt16(),
  bytes: hex("0002 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "twistedInt32()",
  by: 'Twisted 22.4.0: sendString(b"HI")',
  codec: presets.twistedInt32(),
  bytes: hex("00000002 4849"),
  frames: [utf8("HI")],
});
check({
  preset: "twistedNetstring()",
  by: 'Twisted 22.4.0: sendString(b"HI")',
  codec: presets.twistedNetstring(),
  bytes: utf8("2:HI,"),
  frames: [utf8("HI")],
});
check({
  preset: "dotnetString()",
  by: "Mono 6.8.0: new BinaryWriter(stream).Write(text)",
  codec: presets.dotnetString(),
  bytes: Uint8Array.of(
    ...hex("02 4849 03 e4bda0 c801"),
    ...utf8("a".repeat(200)),
  ),
  frames: ["HI", "你", "a".repeat(200)],
});
check({
  preset: "javaUtf()",
  by: "OpenJDK 17.0.21: DataOutputStream.writeUTF",
  codec: presets.javaUtf(),
  bytes: hex(
    "0002 4849 0005 41c080c3a9 0003 e4bda0 0006 eda0bdedb880 0004 eda08078 0000",
  ),
  frames: ["HI", "A\0é", "你", "😀", "\ud800x", ""],
});
check({
  preset: "javaUtf(), what readUTF takes too",
  by: "OpenJDK 17.0.21: DataInputStream.readUTF reads it so",
  codec: presets.javaUtf(),
  bytes: hex("0001 00 0002 c0af 0003 e08080"),
  frames: ["\0", "/", "\0"],
  given: "cannot be written",
});
check({
  preset: "lines()",
  by: "tokio-util 0.7.3: LinesCodec reads it so",
  codec: lines(),
  bytes: utf8("a\r\nb\rc\nd"),
  frames: ["a", "b\rc", "d"],
  given: "cannot be written", // the first line end is another
});
check({
  preset: "protobufDelimited()",
  by: 'protobuf-java 3.21.12: StringValue.of("HI").writeDelimitedTo(out), ' +
    "protobuf.js 8.8.1: encodeDelimited",
  codec: presets.protobufDelimited(),
  bytes: hex("04 0a024849"),
  frames: [hex("0a024849")],
});
check({
  preset: "gob()",
  by: 'Go 1.19.8: Encode("HI") and a text of 200',
  codec: presets.gob(),
  bytes: Uint8Array.of(
    ...hex("05 0c00024849 ffcc 0c00ffc8"),
    ...utf8("a".repeat(200)),
  ),
  frames: [
    hex("0c00024849"),
    Uint8Array.of(...hex("0c00ffc8"), ...utf8("a".repeat(200))),
  ],
});
check({
  preset: "grpc()",
  by: "@grpc/grpc-js 1.14.7, without compression and with gzip",
  codec: presets.grpc(),
  bytes: hex(
    "00 00000002 4849" +
      "01 00000016 1f8b0800000000000003f3f00400c62e797602000000",
  ),
  frames: [
    { compressed: false, body: utf8("HI") },
    {
      compressed: true,
      body: hex("1f8b0800000000000003f3f00400c62e797602000000"),
    },
  ],
});
check({
  preset: "lsp()",
  by: "vscode-jsonrpc 10.0.0: StreamMessageWriter",
  codec: presets.lsp(),
  bytes: utf8(
    'Content-Length: 47\r\n\r\n{"jsonrpc":"2.0","method":"m","params":["你"]}',
  ),
  frames: [{ jsonrpc: "2.0", method: "m", params: ["你"] }],
});
check({
  preset: "dnsTcp()",
  by: "dig 9.18.49 +tcp +noedns example.com A",
  codec: presets.dnsTcp(),
  bytes: hex(
    "001d 82f701200001000000000000076578616d706c6503636f6d0000010001",
  ),
  frames: [hex("82f701200001000000000000076578616d706c6503636f6d0000010001")],
});
check({
  preset: "redisLines()",
  by: "Redis 7.0.15, after PING, SET a 1, GET and DEL a",
  codec: presets.redisLines(),
  bytes: utf8(
    "+PONG\r\n+OK\r\n-ERR wrong number of arguments for 'get' command\r\n:1\r\n",
  ),
  frames: [
    "+PONG",
    "+OK",
    "-ERR wrong number of arguments for 'get' command",
    ":1",
  ],
});
check({
  preset: "syslogOctetCounting()",
  by: "logger of util-linux 2.38.1: --octet-count --tcp --rfc3164",
  codec: presets.syslogOctetCounting(),
  bytes: utf8("30 <13>Nov 21 03:16:08 vm app: HI"),
  frames: [utf8("<13>Nov 21 03:16:08 vm app: HI")],
});
check({
  preset: "kafka()",
  by: "kafkajs 2.2.4: ApiVersions",
  codec: presets.kafka(),
  bytes: hex("0000000c 001200020000000000026d65"),
  frames: [hex("001200020000000000026d65")],
});
check({
  preset: "postgres()",
  by: "pg-protocol 1.16.1: a query and a sync",
  codec: presets.postgres(),
  bytes: hex("51 0000000d 73656c656374203100 53 00000004"),
  frames: [
    { type: "Q", body: utf8("select 1\0") },
    { type: "S", body: hex("") },
  ],
});
check({
  preset: "postgres({ startup: true })",
  by: "psql 15.18: SSLRequest and StartupMessage",
  codec: presets.postgres({ startup: true }),
  bytes: hex(
    "00000008 04d2162f" +
      "00000033 0003000075736572006d65006461746162617365006462006170706c" +
      "69636174696f6e5f6e616d65007073716c0000",
  ),
  frames: [
    { type: "", body: hex("04d2162f") },
    {
      type: "",
      body: utf8(
        "\0\x03\0\0user\0me\0database\0db\0application_name\0psql\0\0",
      ),
    },
  ],
});
check({
  preset: "tpkt()",
  by: "nodes7 0.3.18: a connection request of ISO 8073",
  codec: presets.tpkt(),
  bytes: hex("03000016 11e00000000200c0010ac1020100c2020101"),
  frames: [hex("11e00000000200c0010ac1020100c2020101")],
});
check({
  preset: "hl7Mllp()",
  by: "python-hl7 0.4.5: MLLPClient.send_message",
  codec: presets.hl7Mllp(),
  bytes: hex("0b 4d53487c5e7e5c267c417c420d5049447c310d 1c0d"),
  frames: [utf8("MSH|^~\\&|A|B\rPID|1\r")],
});
check({
  preset: "dlmsHdlc()",
  by:
    "Gurux.DLMS.Python 1.0.197: snrmRequest(), aarqRequest(), disconnectRequest()",
  codec: presets.dlmsHdlc(),
  bytes: hex(
    "7e a007 03 21 93 0f01 7e" +
      "7e a02b 03 21 10 fbaf e6e600601da109060760857405080101" +
      "be10040e01000000065f1f0400401e5dffff 9123 7e" +
      "7e a007 03 21 53 03c7 7e" +
      "7e a008 0223 21 93 bd64 7e",
  ),
  frames: [
    {
      segmented: false,
      destination: hex("03"), // the server 1
      source: hex("21"), // the client 16
      control: 0x93,
      information: hex(""),
    },
    {
      segmented: false,
      destination: hex("03"),
      source: hex("21"),
      control: 0x10,
      information: hex(
        "e6e600601da109060760857405080101be10040e01000000065f1f0400401e5dffff",
      ),
    },
    {
      segmented: false,
      destination: hex("03"),
      source: hex("21"),
      control: 0x53,
      information: hex(""),
    },
    {
      segmented: false,
      destination: hex("0223"), // the device 17 behind the server 1
      source: hex("21"),
      control: 0x93,
      information: hex(""),
    },
  ],
});
check({
  preset: "dlmsHdlc(), segmented",
  by: "Gurux.DLMS.Python 1.0.197: write() of 300 bytes",
  codec: presets.dlmsHdlc(),
  bytes: Uint8Array.of(
    ...hex("7e a886 03 21 54 49d8 e6e600c101c1000100002a0000ff02000982012c"),
    ...utf8("x".repeat(105)),
    ...hex("5aca 7e 7e a889 03 21 56 a249"),
    ...utf8("x".repeat(128)),
    ...hex("8598 7e 7e a04c 03 21 58 72af"),
    ...utf8("x".repeat(67)),
    ...hex("94ab 7e"),
  ),
  frames: [
    {
      segmented: true,
      destination: hex("03"),
      source: hex("21"),
      control: 0x54,
      information: Uint8Array.of(
        ...hex("e6e600c101c1000100002a0000ff02000982012c"),
        ...utf8("x".repeat(105)),
      ),
    },
    {
      segmented: true,
      destination: hex("03"),
      source: hex("21"),
      control: 0x56,
      information: utf8("x".repeat(128)),
    },
    {
      segmented: false,
      destination: hex("03"),
      source: hex("21"),
      control: 0x58,
      information: utf8("x".repeat(67)),
    },
  ],
});
check({
  preset: "csharpDemo()",
  by: "the tutorial's C# client and Python server",
  codec: presets.csharpDemo(),
  bytes: hex(
    "10000000 48656c6c6f20776f726c6421" +
      "15000000 5245503a2048656c6c6f20776f726c6421",
  ),
  frames: [utf8("Hello world!"), utf8("REP: Hello world!")],
});
check({
  preset: "remoteCommand()",
  by: "the tutorial's Python server, after “echo hello”",
  codec: presets.remoteCommand({ digest: md5 }),
  bytes: utf8(
    '\x43\0\0\0{"ver": "1", "md5": "b1946ac92492d2347c6235b4d2611184", ' +
      '"lenth": 6}hello\n',
  ),
  frames: [{
    header: { ver: "1", md5: "b1946ac92492d2347c6235b4d2611184", lenth: 6 },
    body: utf8("hello\n"),
  }],
  given: "cannot be written", // Python puts spaces into its JSON
});
check({
  preset: 'mnetSocket({ endian: "little" })',
  by: "the tutorial's Python client",
  codec: presets.mnetSocket({ endian: "little" }),
  bytes: Uint8Array.of(
    ...hex("19000000 02000000 01000000"),
    ...utf8('{"hello": "\\u4e16\\u754c"}'),
  ),
  frames: [{
    command: 2,
    wantsReply: true,
    body: utf8('{"hello": "\\u4e16\\u754c"}'),
  }],
});
check({
  preset: "gbkOutput()",
  by: "the tutorial's Python server, after a silent command",
  codec: presets.gbkOutput(),
  bytes: hex("08000000 d6b4d0d0b3c9b9a6"),
  frames: ["执行成功"],
  given: "cannot be written",
});
check({
  preset: "cobs()",
  by: "cobs 0.2.1 (npm)",
  codec: cobs(),
  bytes: hex("03 1122 02 33 00"),
  frames: [hex("11 22 00 33")],
});
check({
  preset: "slip()",
  by: "slip 1.0.2 (npm)",
  codec: slip(),
  bytes: hex("c0 01 dbdc dbdd 02 c0"),
  frames: [hex("01 c0 db 02")],
  given: "cannot be written", // it begins with an END, too
});

const nettyOf6 = presets.netty({
  maxFrameLength: 6,
  lengthFieldOffset: 0,
  lengthFieldLength: 4,
  initialBytesToStrip: 4,
});
for (
  const [what, codec, bytes, code] of [
    [
      "netty() and Netty 4.1.48 count what is stripped, and refuse a body of 3",
      nettyOf6,
      hex("00000003 010203"),
      "FRAME_TOO_LARGE",
    ],
    [
      "tokioUtil() and tokio-util 0.7.3 refuse a frame over 8 MiB",
      presets.tokioUtil(),
      hex("00800001"),
      "FRAME_TOO_LARGE",
    ],
    [
      "tokioUtil() and tokio-util 0.7.3 refuse a frame that the end cuts",
      presets.tokioUtil(),
      hex("00000002 01"),
      "FRAME_TRUNCATED",
    ],
    [
      "dotnetString() and Mono 6.8.0 refuse a negative length",
      presets.dotnetString(),
      hex("ffffffff0f"),
      "FRAME_TOO_LARGE",
    ],
    [
      "javaUtf() and OpenJDK 17.0.21 refuse UTF-8 of four bytes",
      presets.javaUtf(),
      hex("0004 f09f9880"),
      "TEXT_INVALID",
    ],
  ] as const
) {
  test(what, () => {
    assertDecodes<unknown>(() => codec as Codec<never, unknown>, bytes, {
      frames: [],
      error: { code, offset: 0 },
    });
  });
}

test("dotnetString() and Mono 6.8.0 take a length with needless bytes", () => {
  assertEquals(presets.dotnetString().decode(hex("8200 4849")), ["HI"]);
});
