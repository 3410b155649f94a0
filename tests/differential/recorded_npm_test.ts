// Bytes that programs of the npm registry wrote, recorded once, with their versions.
//
// To record them again: install the package and call what is named with the bytes;
// where that is a client or a server, let a listener or a relay on 127.0.0.1 log what
// it sends. The packets are whole and as they came. Their frames are what the
// specification of the format says.

import { varintPrefixed } from "../../src/codec/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { check } from "./recording.ts";

check({
  preset: "awsEventStream(): headers of all types",
  by: "@smithy/eventstream-codec 4.5.2: new EventStreamCodec().encode()",
  codec: presets.awsEventStream(),
  bytes: hex(
    "0000005f 0000004d d70cba5e" +
      "017400 016601 016202ff 0173030002 01690400000003" +
      "016c050000000000000004 01790600020506 0178070002c3a9" +
      "0164080000000000000008 0175090102030405060708090a0b0c0d0e0f10" +
      "4849 d1ea9537",
  ),
  frames: [{
    headers: Uint8Array.of(
      ...hex("017400 016601"), // t is true, f is false
      ...hex("016202ff 0173030002 01690400000003"), // byte, short, integer
      ...hex("016c050000000000000004"), // a long
      ...hex("01790600020506 0178070002c3a9"), // bytes, and the string “é”
      ...hex("0164080000000000000008"), // a date
      ...hex("0175090102030405060708090a0b0c0d0e0f10"), // a UUID
    ),
    payload: utf8("HI"),
  }],
});
check({
  preset: "awsEventStream(): nothing in it",
  by: "@smithy/eventstream-codec 4.5.2: new EventStreamCodec().encode()",
  codec: presets.awsEventStream(),
  bytes: hex("00000010 00000000 05c248eb 7d98c8ff"),
  frames: [{ headers: hex(""), payload: hex("") }],
});

check({
  preset: "minecraft(), a client",
  by: "minecraft-protocol 1.54.0: ping()",
  codec: presets.minecraft(),
  bytes: hex(
    "0f 002f093132372e302e302e3193ef01 01 00 09 010000000000000000",
  ),
  frames: [
    hex("002f093132372e302e302e3193ef01"), // handshake of protocol 47
    hex("00"), // asks for the status
    hex("010000000000000000"), // ping
  ],
});
check({
  preset: "minecraft(), a server",
  by: "minecraft-protocol 1.54.0: createServer(), after ping()",
  codec: presets.minecraft(),
  bytes: Uint8Array.of(
    ...hex("73 0071"),
    ...utf8('{"version":{"name":"1.8.8","protocol":47},"players":{"max":1,'),
    ...utf8('"online":0,"sample":[]},"description":{"text":"HI"}}'),
    ...hex("09 010000000000000000"),
  ),
  frames: [
    Uint8Array.of(
      ...hex("0071"),
      ...utf8('{"version":{"name":"1.8.8","protocol":47},"players":{"max":1,'),
      ...utf8('"online":0,"sample":[]},"description":{"text":"HI"}}'),
    ),
    hex("010000000000000000"),
  ],
});
check({
  preset: "minecraft() with compression",
  by: "minecraft-protocol 1.54.0: createServer(), after the login of “me”",
  codec: presets.minecraft(),
  bytes: hex(
    "03 038002" +
      "2a 00022438613939373439322d616335352d336633312d383563622d" +
      "356235393533396231656434026d65" +
      "13 b102789c7358c7a454310a88064a0084498dd5",
  ),
  frames: [
    hex("038002"), // compress from 256 bytes on
    Uint8Array.of(
      ...hex("000224"), // not compressed; the login has succeeded
      ...utf8("8a997492-ac55-3f31-85cb-5b59539b1ed4\x02me"),
    ),
    hex("b102789c7358c7a454310a88064a0084498dd5"), // 305 bytes, compressed
  ],
});

check({
  preset: "mqtt(), 3.1.1",
  by: "mqtt-packet 9.0.2: connect, publish, pingreq, disconnect",
  codec: presets.mqtt(),
  bytes: Uint8Array.of(
    ...hex("100d 00044d51545404 02 003c 000163"),
    ...hex("30c801 000161"),
    ...utf8("x".repeat(197)),
    ...hex("c000 e000"),
  ),
  frames: [
    hex("100d 00044d51545404 02 003c 000163"),
    // c8 01 is 72 + 1 * 128: 3 bytes of the topic and 197 of the message
    Uint8Array.of(...hex("30c801 000161"), ...utf8("x".repeat(197))),
    hex("c000"),
    hex("e000"),
  ],
});
check({
  preset: "mqtt(), 5",
  by: "mqtt-packet 9.0.2: connect, publish, disconnect with protocolVersion: 5",
  codec: presets.mqtt(),
  bytes: hex(
    "1013 00044d51545405 02 003c 05110000000a 000163" +
      "3313 000161 0007 0b 03000174 2600016b000176 4849" +
      "e002 0000",
  ),
  frames: [
    hex("1013 00044d51545405 02 003c 05110000000a 000163"),
    hex("3313 000161 0007 0b 03000174 2600016b000176 4849"),
    hex("e002 0000"),
  ],
});

check({
  preset: "mysqlPackets(), a client",
  by: "mysql2 3.24.6: createConnection(), query() and end()",
  codec: presets.mysqlPackets(),
  bytes: Uint8Array.of(
    ...hex("6d0000 01 cff3ba08 00000000 e0"),
    ...utf8("\0".repeat(23) + "me\0\0\0mysql_native_password\0"),
    ...utf8("1\x0c_client_name\x0cNode-MySQL-2"),
    ...utf8("\x0f_client_version\x063.24.6"),
    ...hex("090000 00 03"),
    ...utf8("select 1"),
    ...hex("010000 00 01"),
  ),
  frames: [
    {
      sequence: 1,
      body: Uint8Array.of(
        ...hex("cff3ba08 00000000 e0"),
        ...utf8("\0".repeat(23) + "me\0\0\0mysql_native_password\0"),
        ...utf8("1\x0c_client_name\x0cNode-MySQL-2"),
        ...utf8("\x0f_client_version\x063.24.6"),
      ),
    },
    { sequence: 0, body: utf8("\x03select 1") },
    { sequence: 0, body: hex("01") },
  ],
});
check({
  preset: "mysqlPackets(), a server",
  by: "mysql2 3.24.6: createServer(), serverHandshake() and writeTextResult()",
  codec: presets.mysqlPackets(),
  bytes: hex(
    "470000 00 0a 382e3000 01000000 3d7584a5b9019717 00 0982 21 0200 0000" +
      "15 00000000000000000000 99a6a61191c23db3b027226c00" +
      "6d7973716c5f6e61746976655f70617373776f726400" +
      "070000 02 00 00 00 0000 0000" +
      "010000 04 01" +
      "170000 05 03646566 00 00 00 0161 00 0c 3f00 01000000 08 8100 00 0000" +
      "050000 06 fe 0000 0000" +
      "020000 07 0131" +
      "050000 08 fe 0000 0000",
  ),
  frames: [
    {
      sequence: 0, // the greeting
      body: hex(
        "0a 382e3000 01000000 3d7584a5b9019717 00 0982 21 0200 0000" +
          "15 00000000000000000000 99a6a61191c23db3b027226c00" +
          "6d7973716c5f6e61746976655f70617373776f726400",
      ),
    },
    { sequence: 2, body: hex("00 00 00 0000 0000") }, // OK
    { sequence: 4, body: hex("01") }, // the number of columns
    {
      sequence: 5, // a column
      body: hex("03646566 00 00 00 0161 00 0c 3f00 01000000 08 8100 00 0000"),
    },
    { sequence: 6, body: hex("fe 0000 0000") }, // the end of the columns
    { sequence: 7, body: hex("0131") }, // a row
    { sequence: 8, body: hex("fe 0000 0000") }, // the end of the rows
  ],
});

check({
  preset: "stomp()",
  by: "@stomp/stompjs 7.5.0: activate(), publish() and subscribe()",
  codec: presets.stomp(),
  bytes: utf8(
    "CONNECT\nlogin:me\npasscode:a:b\naccept-version:1.2,1.1,1.0\n" +
      "heart-beat:0,0\n\n\0" +
      "SEND\ndestination:/queue/a\nnote:a\\cb\\\\c\\nd\ncontent-length:2\n\né\0" +
      "SEND\ndestination:/queue/a\n\nHI\0" +
      "SEND\ndestination:/queue/a\ncontent-length:3\n\n\x01\0\x02\0" +
      "SUBSCRIBE\nid:0\ndestination:/queue/b\n\n\0",
  ),
  frames: [
    {
      command: "CONNECT",
      headers: {
        login: "me",
        passcode: "a:b",
        "accept-version": "1.2,1.1,1.0",
        "heart-beat": "0,0",
      },
      body: hex(""),
    },
    {
      command: "SEND",
      headers: {
        destination: "/queue/a",
        note: "a:b\\c\nd",
        "content-length": "2",
      },
      body: utf8("é"),
    },
    {
      command: "SEND",
      headers: { destination: "/queue/a" },
      body: utf8("HI"),
    },
    {
      command: "SEND",
      headers: { destination: "/queue/a", "content-length": "3" },
      body: hex("01 00 02"),
    },
    {
      command: "SUBSCRIBE",
      headers: { id: "0", destination: "/queue/b" },
      body: hex(""),
    },
  ],
});
check({
  preset: "stomp() with heart-beats",
  by: "@stomp/stompjs 7.5.0: activate() and publish()",
  codec: presets.stomp(),
  bytes: utf8(
    "CONNECT\naccept-version:1.2,1.1,1.0\nheart-beat:100,0\n\n\0\n\n" +
      "SEND\ndestination:a\ncontent-length:2\n\nHI\0\n\n",
  ),
  frames: [
    {
      command: "CONNECT",
      headers: { "accept-version": "1.2,1.1,1.0", "heart-beat": "100,0" },
      body: hex(""),
    },
    {
      command: "SEND",
      headers: { destination: "a", "content-length": "2" },
      body: utf8("HI"),
    },
  ],
  given: "cannot be written", // heart-beats are no frames
});
check({
  preset: "stomp(), line ends between frames",
  by: "stompit 1.0.0: connect(), send(), sendString() and disconnect()",
  codec: presets.stomp(),
  bytes: utf8(
    "CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\nlogin:me\npasscode:a:b\n" +
      "heart-beat:0,0\n\n\0\n" +
      "SEND\ndestination:/queue/a\nnote:a\\cb\\\\c\\nd\n" +
      "content-type:text/plain\n\nHI\0\n" +
      "SEND\ndestination:/queue/a\n\né\0\n" +
      "SEND\ndestination:/queue/a\ncontent-length:3\n\n\x01\0\x02\0\n" +
      "DISCONNECT\nreceipt:1\n\n\0\n",
  ),
  frames: [
    {
      command: "CONNECT",
      headers: {
        "accept-version": "1.0,1.1,1.2",
        host: "/",
        login: "me",
        passcode: "a:b",
        "heart-beat": "0,0",
      },
      body: hex(""),
    },
    {
      command: "SEND",
      headers: {
        destination: "/queue/a",
        note: "a:b\\c\nd",
        "content-type": "text/plain",
      },
      body: utf8("HI"),
    },
    {
      command: "SEND",
      headers: { destination: "/queue/a" },
      body: utf8("é"),
    },
    {
      command: "SEND",
      headers: { destination: "/queue/a", "content-length": "3" },
      body: hex("01 00 02"),
    },
    { command: "DISCONNECT", headers: { receipt: "1" }, body: hex("") },
  ],
  given: "cannot be written", // the line ends are not needed
});

/** A request to Redis. */
function request(...words: (string | Uint8Array)[]): presets.RespValue {
  return {
    type: "array",
    value: words.map((word) => ({
      type: "bulk",
      value: typeof word === "string" ? utf8(word) : word,
    })),
  };
}

check({
  preset: "resp()",
  by: "redis 6.3.1: createClient({ RESP: 3 }) and set()",
  codec: presets.resp(),
  bytes: Uint8Array.of(
    ...utf8("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"),
    ...utf8("*5\r\n$6\r\nCLIENT\r\n$19\r\nMAINT_NOTIFICATIONS\r\n"),
    ...utf8("$2\r\nON\r\n$20\r\nmoving-endpoint-type\r\n"),
    ...utf8("$11\r\nexternal-ip\r\n"),
    ...utf8("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\né\r\n"),
    ...utf8("*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$4\r\n"),
    ...hex("00 ff 0d 0a 0d0a"),
    ...utf8("*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$0\r\n\r\n"),
  ),
  frames: [
    request("HELLO", "3"),
    request(
      ...["CLIENT", "MAINT_NOTIFICATIONS", "ON"],
      ...["moving-endpoint-type", "external-ip"],
    ),
    request("SET", "a", "é"),
    request("SET", "b", hex("00 ff 0d 0a")),
    request("SET", "c", ""),
  ],
});
check({
  preset: "resp()",
  by: "ioredis 6.0.0: pipeline() with set(), get() and mset()",
  codec: presets.resp(),
  bytes: utf8(
    "*2\r\n$5\r\nhello\r\n$1\r\n3\r\n" +
      "*3\r\n$3\r\nset\r\n$1\r\na\r\n$2\r\né\r\n" +
      "*2\r\n$3\r\nget\r\n$1\r\na\r\n" +
      "*5\r\n$4\r\nmset\r\n$1\r\nk\r\n$1\r\n1\r\n$1\r\nl\r\n$0\r\n\r\n",
  ),
  frames: [
    request("hello", "3"),
    request("set", "a", "é"),
    request("get", "a"),
    request("mset", "k", "1", "l", ""),
  ],
});

check({
  preset: "nativeMessaging()",
  by: "chrome-native-messaging 0.2.0: new Output().write()",
  codec: presets.nativeMessaging(),
  bytes: utf8('\r\0\0\0{"text":"HI"}\x1d\0\0\0{"text":"é","list":[1,null]}'),
  frames: [{ text: "HI" }, { text: "é", list: [1, null] }],
});
check({
  preset: "nativeMessaging()",
  by: "web-ext-native-msg 8.0.14: new Output().encode()",
  codec: presets.nativeMessaging(),
  bytes: utf8('\r\0\0\0{"text":"HI"}\x04\0\0\0"é"'),
  frames: [{ text: "HI" }, "é"],
});

check({
  preset: "iso8583()",
  by: "iso_8583 2.6.7: getBufferMessage() of two messages",
  codec: presets.iso8583(),
  bytes: Uint8Array.of(
    ...hex("0027 30383030 82200000000000000400000000000000"),
    ...utf8("1121031608000001301"),
    ...hex("0166 30383030 a2380000000100000400000000000000"),
    ...utf8(`00000011210316080000010316081121300${"x".repeat(300)}001`),
  ),
  frames: [
    Uint8Array.of(
      ...hex("30383030 82200000000000000400000000000000"),
      ...utf8("1121031608000001301"),
    ),
    Uint8Array.of(
      ...hex("30383030 a2380000000100000400000000000000"),
      ...utf8(`00000011210316080000010316081121300${"x".repeat(300)}001`),
    ),
  ],
});

const telegram = [
  "/ISk5\\2MT382-1000",
  "",
  "1-3:0.2.8(40)",
  "0-0:1.0.0(101209113020W)",
  "0-0:96.1.1(4B384547303034303436333935353037)",
  "1-0:1.8.1(123456.789*kWh)",
  "1-0:1.8.2(123456.789*kWh)",
  "1-0:2.8.1(123456.789*kWh)",
  "1-0:2.8.2(123456.789*kWh)",
  "0-0:96.14.0(0002)",
  "1-0:1.7.0(01.193*kW)",
  "1-0:2.7.0(00.000*kW)",
  "0-0:17.0.0(016.1*kW)",
  "0-0:96.3.10(1)",
  "0-0:96.7.21(00004)",
  "0-0:96.7.9(00002)",
  "1-0:99:97.0(2)(0:96.7.19)(101208152415W)(0000000240*s)" +
  "(101208151004W)(00000000301*s)",
  "1-0:32.32.0(00002)",
  "1-0:52.32.0(00001)",
  "1-0:72:32.0(00000)",
  "1-0:32.36.0(00000)",
  "1-0:52.36.0(00003)",
  "1-0:72.36.0(00000)",
  "0-0:96.13.1(3031203631203831)",
  `0-0:96.13.0(${"303132333435363738393A3B3C3D3E3F".repeat(5)})`,
  "0-1:24.1.0(03)",
  "0-1:96.1.0(3232323241424344313233343536373839)",
  "0-1:24.2.1(101209110000W)(12785.123*m3)",
  "0-1:24.4.0(1)",
  "",
].join("\r\n");
check({
  preset: "p1()",
  by: "dsmr-parser 2.1.1: its example-telegram.txt",
  codec: presets.p1(),
  bytes: utf8(`${telegram}!F46A\r\n\r\n`),
  frames: [telegram],
  given: "cannot be written", // the line end behind it is not needed
});

check({
  preset: "nmea()",
  by: "nmea-simple 3.3.0: encodeNmeaPacket(), and a line end behind each",
  codec: presets.nmea(),
  bytes: utf8(
    "$GPHDT,274.1,T*35\r\n" +
      "$GPGLL,4916.450020,N,12311.119980,W,225444,A*38\r\n",
  ),
  frames: [
    "$GPHDT,274.1,T",
    "$GPGLL,4916.450020,N,12311.119980,W,225444,A",
  ],
});
check({
  preset: "nmea(), AIS",
  by: "@signalk/nmea0183-utilities 1.1.1: appendChecksum(), and a line end",
  codec: presets.nmea(),
  bytes: utf8("!AIVDM,1,1,,A,13aG?P0P00PD;88MD5MT?wvl0<0>,0*57\r\n"),
  frames: ["!AIVDM,1,1,,A,13aG?P0P00PD;88MD5MT?wvl0<0>,0"],
});

check({
  preset: "modbusTcp(), a client",
  by:
    "jsmodbus 5.0.0: readHoldingRegisters(0, 3) and writeSingleRegister(1, 7)",
  codec: presets.modbusTcp(),
  bytes: hex("0001 0000 0006 01 0300000003 0002 0000 0006 01 0600010007"),
  frames: [
    { transactionId: 1, unit: 1, pdu: hex("0300000003") },
    { transactionId: 2, unit: 1, pdu: hex("0600010007") },
  ],
});
check({
  preset: "modbusTcp(), a server",
  by: "jsmodbus 5.0.0: the answers of server.TCP",
  codec: presets.modbusTcp(),
  bytes: hex(
    "0001 0000 0009 01 03060001000203e8 0002 0000 0006 01 0600010007",
  ),
  frames: [
    { transactionId: 1, unit: 1, pdu: hex("03 06 0001 0002 03e8") },
    { transactionId: 2, unit: 1, pdu: hex("0600010007") },
  ],
});
check({
  preset: "modbusTcp(), an exception",
  by: "modbus-serial 8.0.25: the answers of ServerTCP",
  codec: presets.modbusTcp(),
  bytes: hex("0001 0000 0007 ff 030400010002 0002 0000 0003 ff 8302"),
  frames: [
    { transactionId: 1, unit: 255, pdu: hex("03 04 0001 0002") },
    { transactionId: 2, unit: 255, pdu: hex("83 02") },
  ],
});

check({
  preset: "jsonSeq()",
  by: "json-text-sequence 4.0.3: new Generator().write()",
  codec: presets.jsonSeq(),
  bytes: utf8(
    '\x1e{"a":1}\n\x1e3\n\x1e"é\\n\\u001e"\n\x1e[true,null]\n',
  ),
  frames: [{ a: 1 }, 3, "é\n\x1e", [true, null]],
});
check({
  preset: "ndjson()",
  by: "ndjson 2.0.0: stringify()",
  codec: presets.ndjson(),
  bytes: utf8('{"a":1}\n[2,"é\\n"]\n'),
  frames: [{ a: 1 }, [2, "é\n"]],
});

check({
  preset: "gitPktLine()",
  by: "isomorphic-git 1.44.17: listServerRefs()",
  codec: presets.gitPktLine(),
  bytes: utf8(
    "0014command=ls-refs\n0025agent=git/isomorphic-git@1.44.17\n" +
      "0001000bsymrefs001aref-prefix refs/heads/0000",
  ),
  frames: [
    utf8("command=ls-refs\n"),
    utf8("agent=git/isomorphic-git@1.44.17\n"),
    "delimiter",
    utf8("symrefs"),
    utf8("ref-prefix refs/heads/"),
    "flush",
  ],
});
check({
  preset: "dnsTcp()",
  by: "dns-packet 5.6.1: streamEncode()",
  codec: presets.dnsTcp(),
  bytes: hex("001d 000101000001000000000000076578616d706c6503636f6d0000010001"),
  frames: [hex("000101000001000000000000076578616d706c6503636f6d0000010001")],
});

check({
  preset: "oncRpc(), a client",
  by: "oncrpc 0.1.1: createPortmapClient() and dump()",
  codec: presets.oncRpc(),
  bytes: hex(
    "80000028 00000001 00000000 00000002 000186a0 00000002 00000004" +
      "0000000000000000 0000000000000000",
  ),
  frames: [hex(
    "00000001 00000000 00000002 000186a0 00000002 00000004" +
      "0000000000000000 0000000000000000",
  )],
});
check({
  preset: "oncRpc(), a server",
  by: "oncrpc 0.1.1: createPortmapServer(), after a call of version 9",
  codec: presets.oncRpc(),
  bytes: hex(
    "80000020 00000003 00000001 00000000 0000000000000000" +
      "00000002 00000002 00000002",
  ),
  frames: [hex(
    "00000003 00000001 00000000 0000000000000000" +
      "00000002 00000002 00000002",
  )],
});

check({
  preset: "syslogAny(), lines",
  by: "syslog-client 1.1.1: log() with Transport.Tcp",
  codec: presets.syslogAny(),
  bytes: utf8(
    "<134>Nov 21 03:16:08 vm app: HI\n<13>Nov 21 03:16:08 vm app: é\n",
  ),
  frames: [
    utf8("<134>Nov 21 03:16:08 vm app: HI"),
    utf8("<13>Nov 21 03:16:08 vm app: é"),
  ],
  given: "cannot be written", // the encoder counts octets
});
check({
  preset: "syslogAny(), lines of RFC 5424",
  by: 'winston-syslog 2.7.1: { protocol: "tcp4", type: "5424", eol: "\\n" }',
  codec: presets.syslogAny(),
  bytes: utf8(
    "<134>1 2026-11-26T17:09:53.130Z vm app 1 - - HI\n" +
      "<131>1 2026-11-26T17:09:53.131Z vm app 1 - - é\n",
  ),
  frames: [
    utf8("<134>1 2026-11-26T17:09:53.130Z vm app 1 - - HI"),
    utf8("<131>1 2026-11-26T17:09:53.131Z vm app 1 - - é"),
  ],
  given: "cannot be written",
});

check({
  preset: "hl7Mllp(), a client",
  by: "simple-hl7 3.3.0: createTcpClient() and send()",
  codec: presets.hl7Mllp(),
  bytes: utf8("\x0bMSH|^~\\&|A|B|ADT^A01|1\rPID||1\x1c\r"),
  frames: [utf8("MSH|^~\\&|A|B|ADT^A01|1\rPID||1")],
});
check({
  preset: "hl7Mllp(), a server",
  by: "simple-hl7 3.3.0: tcp(), its acknowledgement",
  codec: presets.hl7Mllp(),
  bytes: utf8(
    "\x0bMSH|^~\\&|ADT^A01|1|A|B|20261126170953||ACK|ACK20261126170953|P|2.3\r" +
      "MSA|AA|\x1c\r",
  ),
  frames: [utf8(
    "MSH|^~\\&|ADT^A01|1|A|B|20261126170953||ACK|ACK20261126170953|P|2.3\r" +
      "MSA|AA|",
  )],
});
check({
  preset: "hl7Mllp(), a client",
  by: "node-hl7-client 3.2.0: sendMessage(), and @medplum/hl7 4.5.2: send()",
  codec: presets.hl7Mllp(),
  bytes: utf8(
    "\x0bMSH|^~\\&|||||20261126170953||ADT^A01^ADT_A01|1|D|2.7\rPID|1\x1c\r" +
      "\x0bMSH|^~\\&|A|B\rPID|1\x1c\r",
  ),
  frames: [
    utf8("MSH|^~\\&|||||20261126170953||ADT^A01^ADT_A01|1|D|2.7\rPID|1"),
    utf8("MSH|^~\\&|A|B\rPID|1"),
  ],
});

check({
  preset: "protobufDelimited()",
  by: "it-length-prefixed 11.0.1: encode.single()",
  codec: presets.protobufDelimited(),
  bytes: Uint8Array.of(...hex("02 4849 c801"), ...utf8("a".repeat(200))),
  frames: [utf8("HI"), utf8("a".repeat(200))],
});
check({
  preset: 'varintPrefixed({ encoding: "zigzag" })',
  by: 'avsc 5.7.9: Type.forSchema("bytes").toBuffer()',
  codec: varintPrefixed({ encoding: "zigzag" }),
  bytes: Uint8Array.of(...hex("04 4849 00 9003"), ...utf8("a".repeat(200))),
  frames: [utf8("HI"), hex(""), utf8("a".repeat(200))],
});
