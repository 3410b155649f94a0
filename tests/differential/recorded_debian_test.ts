// Bytes that programs of Debian 12 wrote. Recorded between the program and its
// peer, by a TCP proxy that prints what goes through it, or by a listener that
// prints what comes; from a pipe where no other way is named. To do it again:
//
// - Git: git daemon --export-all --base-path=DIR, over a repository with one
//   commit; git -c protocol.version=2 ls-remote git://…/repo, and with 0 clone;
//   git remote-http with stateless-connect, over git http-backend.
// - Redis: redis-server --enable-debug-command yes, the commands that a test
//   names sent as lines; redis-cli -p PORT, and its --pipe.
// - memcached: memcached -U 0, the commands that a test names over a socket.
// - NATS: nats-server, the lines that a test names over a socket.
// - MQTT: mosquitto with allow_anonymous; mosquitto_sub -i s -t TOPIC -q QOS, and
//   mosquitto_pub -i p, with -V mqttv5 or mqttv31 where a test says so.
// - MariaDB: mariadbd --skip-ssl, a user u without a password; mariadb -u u -e.
// - STOMP: stomp.py (Connection12: connect, subscribe, send, disconnect) with
//   ActiveMQ's stomp: connector, and with RabbitMQ's rabbitmq_stomp.
// - Modbus: pymodbus's StartTcpServer and ModbusTcpClient; mbpoll -m tcp -1.
// - ONC RPC: rpcbind -f, and rpcinfo, by tcpdump -i lo port 111; two C programs
//   with svc_vc_create() and clnttcp_create(), a server that returns a string.
// - syslog: logger -T -n 127.0.0.1 -P PORT; rsyslogd with omfwd, protocol="tcp",
//   and TCP_Framing as a test names it.
// - NMEA: pynmea2's render(newline=True); gpsfake -1 -p with UBX-NAV-PVT, whose
//   clients ask gpsd for nmea, so that gpsd makes the sentences.
// - Native messaging: a host that prints its standard input, and an extension that
//   calls connectNative(); firefox-esr --headless --marionette with Addon:Install,
//   and chromium --headless=new --load-extension=DIR
//   --disable-features=DisableLoadExtensionCommandLineSwitch.
// - HL7: mllp_send --loose --file FILE, and a server of hl7.mllp.

import type { GitPacket, RespValue } from "../../src/presets/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { check } from "./recording.ts";

const lines = (...texts: readonly string[]) =>
  utf8(texts.map((text) => `${text}\r\n`).join(""));
const bytesOf = (...parts: readonly Uint8Array[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const packet = (text: string): GitPacket => utf8(text);
check({
  preset: "gitPktLine()",
  by: "git 2.39.5: ls-remote, version 2, the client",
  codec: presets.gitPktLine(),
  bytes: utf8(
    "0039git-upload-pack /repo\0host=127.0.0.1:7101\0\0version=2\0" +
      "0014command=ls-refs\n0014agent=git/2.39.50016object-format=sha10001" +
      "0009peel\n000csymrefs\n000bunborn\n00000000",
  ),
  frames: [
    packet("git-upload-pack /repo\0host=127.0.0.1:7101\0\0version=2\0"),
    packet("command=ls-refs\n"),
    packet("agent=git/2.39.5"),
    packet("object-format=sha1"),
    "delimiter",
    packet("peel\n"),
    packet("symrefs\n"),
    packet("unborn\n"),
    "flush",
    "flush",
  ],
});
check({
  preset: "gitPktLine()",
  by: "git 2.39.5: ls-remote, version 2, the server",
  codec: presets.gitPktLine(),
  bytes: utf8(
    "000eversion 2\n0015agent=git/2.39.5\n0013ls-refs=unborn\n" +
      "0020fetch=shallow wait-for-done\n0012server-option\n" +
      "0017object-format=sha1\n0010object-info\n0000" +
      "005024916b71e6c77036def7c13d5f8d57e2b5b32dab HEAD " +
      "symref-target:refs/heads/main\n" +
      "003d24916b71e6c77036def7c13d5f8d57e2b5b32dab refs/heads/main\n0000",
  ),
  frames: [
    packet("version 2\n"),
    packet("agent=git/2.39.5\n"),
    packet("ls-refs=unborn\n"),
    packet("fetch=shallow wait-for-done\n"),
    packet("server-option\n"),
    packet("object-format=sha1\n"),
    packet("object-info\n"),
    "flush",
    packet(
      "24916b71e6c77036def7c13d5f8d57e2b5b32dab HEAD " +
        "symref-target:refs/heads/main\n",
    ),
    packet("24916b71e6c77036def7c13d5f8d57e2b5b32dab refs/heads/main\n"),
    "flush",
  ],
});
check({
  preset: "gitPktLine()",
  by: "git 2.39.5: git-remote-http, the refs and the end of a response",
  codec: presets.gitPktLine(),
  bytes: utf8(
    "005024916b71e6c77036def7c13d5f8d57e2b5b32dab HEAD " +
      "symref-target:refs/heads/main\n" +
      "003d24916b71e6c77036def7c13d5f8d57e2b5b32dab refs/heads/main\n" +
      "00000002",
  ),
  frames: [
    packet(
      "24916b71e6c77036def7c13d5f8d57e2b5b32dab HEAD " +
        "symref-target:refs/heads/main\n",
    ),
    packet("24916b71e6c77036def7c13d5f8d57e2b5b32dab refs/heads/main\n"),
    "flush",
    "response-end",
  ],
});
const gitPack = [
  "015041434b00000002000000039207789c75ca310e80200c05d09d537477a958b04d8cf12a" +
  "5fc0e8604808de5f2fe09b5f6fa55012539b0f6f87e96860ec5103e7b9782f3205568cf0" +
  "9683c3d3cfda08b460c34a2631aa28330dfc71a9def7d57bf91f0eee05f2a91d59ad0178" +
  "9c33343030333151486470ddd9bccf6cbb0d7bc79d397bb6e7ec6ef853bd211c00987d0c" +
  "b833789ccbc8e40200021700",
  "01dc1caa6cdc5e7a720000d90b7df987b06c2da0f6",
] as const;
check({
  preset: "gitPktLine()",
  by: "git 2.39.5: clone, version 0, the server's pack on a side band",
  codec: presets.gitPktLine(),
  bytes: bytesOf(
    utf8("0008NAK\n00a1"),
    hex(gitPack[0]),
    utf8("0019"),
    hex(gitPack[1]),
    utf8("0006\x01p0000"),
  ),
  frames: [
    packet("NAK\n"),
    hex(gitPack[0]),
    hex(gitPack[1]),
    packet("\x01p"),
    "flush",
  ],
});

const bulk = (text: string): RespValue => ({ type: "bulk", value: utf8(text) });
const integer = (value: number): RespValue => ({ type: "integer", value });
const double = (value: number): RespValue => ({ type: "double", value });
const list = (
  type: "array" | "set" | "push",
  ...value: readonly RespValue[]
): RespValue => ({ type, value });
const pairs = (
  ...value: readonly (readonly [RespValue, RespValue])[]
): RespValue => ({ type: "map", value });
check({
  preset: "resp()",
  by: "Redis 7.0.15: PING, SET a 1, GET a, GET b, INCR a, INCR",
  codec: presets.resp(),
  bytes: lines(
    ...["+PONG", "+OK", "$1", "1", "$-1", ":2"],
    "-ERR wrong number of arguments for 'incr' command",
  ),
  frames: [
    { type: "string", value: "PONG" },
    { type: "string", value: "OK" },
    bulk("1"),
    { type: "bulk", value: null },
    integer(2),
    {
      type: "error",
      value: "ERR wrong number of arguments for 'incr' command",
    },
  ],
});
check({
  preset: "resp()",
  by: "Redis 7.0.15: LRANGE l 0 -1, LRANGE none 0 -1, SET e '', GET e, " +
    "BLPOP none 0.01, INCRBY big 9223372036854775807",
  codec: presets.resp(),
  bytes: lines(
    ...["*2", "$1", "y", "$1", "x", "*0", "+OK", "$0", "", "*-1"],
    ":9223372036854775807",
  ),
  frames: [
    list("array", bulk("y"), bulk("x")),
    list("array"),
    { type: "string", value: "OK" },
    bulk(""),
    { type: "array", value: null },
    { type: "integer", value: 9223372036854775807n },
  ],
});
check({
  preset: "resp()",
  by: "Redis 7.0.15: EXEC of GET a and INCR l, XRANGE s - +, " +
    "EVAL \"return {1,'x',false,{ok='a'},{err='e'},{}}\" 0",
  codec: presets.resp(),
  bytes: lines(
    ...["*2", "$1", "2"],
    "-WRONGTYPE Operation against a key holding the wrong kind of value",
    ...["*1", "*2", "$3", "1-1", "*2", "$1", "f", "$1", "v"],
    ...["*6", ":1", "$1", "x", "$-1", "+a", "-e", "*0"],
  ),
  frames: [
    list("array", bulk("2"), {
      type: "error",
      value:
        "WRONGTYPE Operation against a key holding the wrong kind of value",
    }),
    list(
      "array",
      list("array", bulk("1-1"), list("array", bulk("f"), bulk("v"))),
    ),
    list(
      "array",
      integer(1),
      bulk("x"),
      { type: "bulk", value: null },
      { type: "string", value: "a" },
      { type: "error", value: "e" },
      list("array"),
    ),
  ],
});
check({
  preset: "resp()",
  by: "Redis 7.0.15: HELLO 3, GET none, SMEMBERS t, ZSCORE z m, of j: -inf",
  codec: presets.resp(),
  bytes: lines(
    ...["%7", "$6", "server", "$5", "redis", "$7", "version", "$6", "7.0.15"],
    ...["$5", "proto", ":3", "$2", "id", ":4", "$4", "mode"],
    ...["$10", "standalone", "$4", "role", "$6", "master"],
    ...["$7", "modules", "*0", "_", "~1", "$1", "m", ",1.5", ",-inf"],
  ),
  frames: [
    pairs(
      [bulk("server"), bulk("redis")],
      [bulk("version"), bulk("7.0.15")],
      [bulk("proto"), integer(3)],
      [bulk("id"), integer(4)],
      [bulk("mode"), bulk("standalone")],
      [bulk("role"), bulk("master")],
      [bulk("modules"), list("array")],
    ),
    { type: "null", value: null },
    list("set", bulk("m")),
    double(1.5),
    double(-Infinity),
  ],
});
check({
  preset: "resp()",
  by: "Redis 7.0.15: HELLO 3, then CLIENT TRACKING ON, GET a, SET a 2",
  codec: presets.resp(),
  bytes: lines(
    ...["+OK", "$1", "2", "+OK"],
    ...[">2", "$10", "invalidate", "*1", "$1", "a"],
  ),
  frames: [
    { type: "string", value: "OK" },
    bulk("2"),
    { type: "string", value: "OK" },
    list("push", bulk("invalidate"), list("array", bulk("a"))),
  ],
});
check({
  preset: "resp()",
  by: "Redis 7.0.15: DEBUG PROTOCOL map, attrib, push, verbatim, bignum",
  codec: presets.resp(),
  bytes: lines(
    ...["%3", ":0", "#f", ":1", "#t", ":2", "#f"],
    ...["|1", "$14", "key-popularity", "*2", "$7", "key:123", ":90"],
    ...["$39", "Some real reply following the attribute"],
    ...[">2", "$16", "server-cpu-usage", ":42"],
    ...["$40", "Some real reply following the push reply"],
    ...["=29", "txt:This is a verbatim\nstring"],
    "(1234567999999999999999999999999999999",
  ),
  frames: [
    pairs(
      [integer(0), { type: "boolean", value: false }],
      [integer(1), { type: "boolean", value: true }],
      [integer(2), { type: "boolean", value: false }],
    ),
    {
      type: "attributed",
      attributes: [[
        bulk("key-popularity"),
        list("array", bulk("key:123"), integer(90)),
      ]],
      value: bulk("Some real reply following the attribute"),
    },
    list("push", bulk("server-cpu-usage"), integer(42)),
    bulk("Some real reply following the push reply"),
    {
      type: "verbatim",
      format: "txt",
      value: utf8("This is a verbatim\nstring"),
    },
    { type: "bigNumber", value: 1234567999999999999999999999999999999n },
  ],
});
check({
  preset: "resp()",
  by:
    "Redis 7.0.15: HELLO 3, then EVAL 'redis.setresp(3); return {double=…}' " +
    "of 0/0, -(0/0), -0.0 and 0.1",
  codec: presets.resp(),
  bytes: lines(",-nan", ",nan", ",-0", ",0.10000000000000001"),
  frames: [NaN, NaN, -0, 0.1].map(double),
  given: "cannot be written", // no sign before nan, and fewer digits
});
check({
  preset: "resp()",
  by: "redis-cli 7.0.15: SET é with a line end in its value; -3 GET é",
  codec: presets.resp(),
  bytes: lines(
    ...["*3", "$3", "SET", "$2", "é", "$4", "a", "b"],
    ...["*2", "$5", "HELLO", "$1", "3", "*2", "$3", "GET", "$2", "é"],
  ),
  frames: [
    list("array", bulk("SET"), bulk("é"), bulk("a\r\nb")),
    list("array", bulk("HELLO"), bulk("3")),
    list("array", bulk("GET"), bulk("é")),
  ],
});
const pipeMark = hex("4a35c5f3f104c53cd949fa3bfa8d0c61a89c58dc");
check({
  preset: "resp()",
  by: "redis-cli 7.0.15: --pipe of PING, with the ECHO that it adds",
  codec: presets.resp(),
  bytes: bytesOf(
    lines("*1", "$4", "PING", ""), // an empty line
    lines("*2", "$4", "ECHO", "$20"),
    pipeMark,
    lines(""),
  ),
  frames: [
    list("array", bulk("PING")),
    list("array", bulk("ECHO"), { type: "bulk", value: pipeMark }),
  ],
  given: "cannot be written",
});

const longPublish = bytesOf(
  hex("32 8101 0001 61 0001"),
  new Uint8Array(124).fill(0x78),
);
check({
  preset: "mqtt()",
  by: "mosquitto_pub 2.0.11: -q 1 -t a -m of 124 letters",
  codec: presets.mqtt(),
  bytes: bytesOf(
    hex("100d 0004 4d515454 04 02 003c 0001 70"),
    longPublish,
    hex("e000"),
  ),
  frames: [
    hex("100d00044d5154540402003c000170"),
    longPublish,
    hex("e000"),
  ],
});
check({
  preset: "mqtt()",
  by: "mosquitto 2.0.11: to mosquitto_sub -q 1 -t a",
  codec: presets.mqtt(),
  bytes: bytesOf(hex("20020000 9003000101"), longPublish),
  frames: [hex("20020000"), hex("9003000101"), longPublish],
});
check({
  preset: "mqtt()",
  by: "mosquitto_sub 2.0.11: -V mqttv5 -q 2 -t b, with a will",
  codec: presets.mqtt(),
  bytes: hex(
    "101a 0004 4d515454 05 06 003c 03 210001 0001 73 00 0001 77 0003 627965" +
      "8207 0001 00 0001 62 02 50020001 70020001 e000",
  ),
  frames: [
    hex("101a00044d5154540506003c03210001000173000001770003627965"),
    hex("820700010000016202"),
    hex("50020001"),
    hex("70020001"),
    hex("e000"),
  ],
});
check({
  preset: "mqtt()",
  by: "mosquitto 2.0.11: to mosquitto_sub -V mqttv5 -q 2 -t b",
  codec: presets.mqtt(),
  bytes: hex(
    "2009 00 00 06 22000a 210014 9004 0001 00 02" +
      "340c 0001 62 0001 04 03000174 4849 62020001",
  ),
  frames: [
    hex("200900000622000a210014"),
    hex("900400010002"),
    hex("340c000162000104030001744849"),
    hex("62020001"),
  ],
});
check({
  preset: "mqtt()",
  by: "mosquitto_pub 2.0.11: -V mqttv31 -r -t c -m HI",
  codec: presets.mqtt(),
  bytes: hex(
    "100f 0006 4d5149736470 03 02 003c 0001 70 3105 0001 63 4849 e000",
  ),
  frames: [
    hex("100f00064d51497364700302003c000170"),
    hex("31050001634849"),
    hex("e000"),
  ],
});

const greeting =
  "0a352e352e352d31302e31312e31392d4d6172696144422d302b64656231327531000400" +
  "0000523861624677473b00fef7080200ff81150000000000001d000000307e4d4348226d" +
  "235f393c61006d7973716c5f6e61746976655f70617373776f726400";
const column = "03646566000000013100000c3f0001000000038100000000";
check({
  preset: "mysqlPackets()",
  by: "MariaDB 10.11.19: the greeting, the log-in, and the result of select 1",
  codec: presets.mysqlPackets(),
  bytes: hex(
    `64000000 ${greeting} 07000002 00000002000000` +
      `02000001 0101 18000002 ${column} 05000003 fe00000200` +
      "02000004 0131 05000005 fe00000200",
  ),
  frames: [
    { sequence: 0, body: hex(greeting) },
    { sequence: 2, body: hex("00000002000000") },
    { sequence: 1, body: hex("0101") },
    { sequence: 2, body: hex(column) },
    { sequence: 3, body: hex("fe00000200") },
    { sequence: 4, body: hex("0131") },
    { sequence: 5, body: hex("fe00000200") },
  ],
});
const handshake =
  "84a2bf000000100021000000000000000000000000000000000000001d0000007500006d" +
  "7973716c5f6e61746976655f70617373776f7264007e035f6f73054c696e75780c5f636c" +
  "69656e745f6e616d650a6c69626d617269616462045f70696404373931360f5f636c6965" +
  "6e745f76657273696f6e06332e332e3230095f706c6174666f726d067838365f36340c70" +
  "726f6772616d5f6e616d65056d7973716c0c5f7365727665725f686f7374093132372e30" +
  "2e302e31";
check({
  preset: "mysqlPackets()",
  by: "the client of MariaDB 10.11.19: -u u -e 'select 1'",
  codec: presets.mysqlPackets(),
  bytes: hex(`b8000001 ${handshake} 09000000 0373656c6563742031 01000000 01`),
  frames: [
    { sequence: 1, body: hex(handshake) },
    { sequence: 0, body: utf8("\x03select 1") },
    { sequence: 0, body: hex("01") },
  ],
});
check({
  preset: "mysqlPackets()",
  by: "MariaDB 10.11.19: the error of select nothing",
  codec: presets.mysqlPackets(),
  bytes: bytesOf(
    hex("2d000001 ff1e04"),
    utf8("#42S22Unknown column 'nothing' in 'SELECT'"),
  ),
  frames: [{
    sequence: 1,
    body: bytesOf(
      hex("ff1e04"),
      utf8("#42S22Unknown column 'nothing' in 'SELECT'"),
    ),
  }],
});

const noBody = hex("");
check({
  preset: "stomp()",
  by: "stomp.py 8.0.0: Connection12, the last message with a zero byte in it",
  codec: presets.stomp(),
  bytes: utf8(
    "STOMP\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n\0" +
      "SUBSCRIBE\nack:auto\ndestination:/queue/a\nid:1\n\n\0" +
      "SEND\ncontent-length:2\ndestination:/queue/a\n" +
      "k:a\\cb\\\\c\\nd\n\nHI\0" +
      "SEND\ncontent-length:4\ndestination:/queue/a\n\na\0é\0" +
      "DISCONNECT\nreceipt:r\n\n\0",
  ),
  frames: [
    {
      command: "STOMP",
      headers: {
        "accept-version": "1.2",
        host: "/",
        login: "guest",
        passcode: "guest",
      },
      body: noBody,
    },
    {
      command: "SUBSCRIBE",
      headers: { ack: "auto", destination: "/queue/a", id: "1" },
      body: noBody,
    },
    {
      command: "SEND",
      headers: {
        "content-length": "2",
        destination: "/queue/a",
        k: "a:b\\c\nd",
      },
      body: utf8("HI"),
    },
    {
      command: "SEND",
      headers: { "content-length": "4", destination: "/queue/a" },
      body: utf8("a\0é"),
    },
    { command: "DISCONNECT", headers: { receipt: "r" }, body: noBody },
  ],
});
check({
  preset: "stomp()",
  by: "ActiveMQ 5.17.2: to stomp.py",
  codec: presets.stomp(),
  bytes: utf8(
    "CONNECTED\nserver:ActiveMQ/5.17.2\nheart-beat:0,0\n" +
      "session:ID:vm-45153-1795713816726-3:1\nversion:1.2\n\n\0\n" +
      "MESSAGE\ncontent-length:2\nexpires:0\ndestination:/queue/a\n" +
      "k:a\\cb\\\\c\\nd\nsubscription:1\npriority:4\n" +
      "message-id:ID\\cvm-45153-1795713816726-3\\c1\\c-1\\c1\\c1\n" +
      "timestamp:1795713832028\n\nHI\0\n" +
      "RECEIPT\nreceipt-id:r\n\n\0\n",
  ),
  frames: [
    {
      command: "CONNECTED",
      headers: {
        server: "ActiveMQ/5.17.2",
        "heart-beat": "0,0",
        session: "ID:vm-45153-1795713816726-3:1",
        version: "1.2",
      },
      body: noBody,
    },
    {
      command: "MESSAGE",
      headers: {
        "content-length": "2",
        expires: "0",
        destination: "/queue/a",
        k: "a:b\\c\nd",
        subscription: "1",
        priority: "4",
        "message-id": "ID:vm-45153-1795713816726-3:1:-1:1:1",
        timestamp: "1795713832028",
      },
      body: utf8("HI"),
    },
    { command: "RECEIPT", headers: { "receipt-id": "r" }, body: noBody },
  ],
  given: "cannot be written", // the line end behind each frame
});
check({
  preset: "stomp()",
  by: "RabbitMQ 3.10.8: to stomp.py",
  codec: presets.stomp(),
  bytes: utf8(
    "CONNECTED\nserver:RabbitMQ/3.10.8\n" +
      "session:session-ZJl_eYCemtTYbxbvRO9T7A\nheart-beat:0,0\n" +
      "version:1.2\n\n\0\n" +
      "MESSAGE\nsubscription:1\ndestination:/queue/a\n" +
      "message-id:T_1@@session-ZJl_eYCemtTYbxbvRO9T7A@@2\n" +
      "redelivered:false\ncontent-length:4\n\na\0é\0\n" +
      "RECEIPT\nreceipt-id:r\n\n\0\n",
  ),
  frames: [
    {
      command: "CONNECTED",
      headers: {
        server: "RabbitMQ/3.10.8",
        session: "session-ZJl_eYCemtTYbxbvRO9T7A",
        "heart-beat": "0,0",
        version: "1.2",
      },
      body: noBody,
    },
    {
      command: "MESSAGE",
      headers: {
        subscription: "1",
        destination: "/queue/a",
        "message-id": "T_1@@session-ZJl_eYCemtTYbxbvRO9T7A@@2",
        redelivered: "false",
        "content-length": "4",
      },
      body: utf8("a\0é"),
    },
    { command: "RECEIPT", headers: { "receipt-id": "r" }, body: noBody },
  ],
  given: "cannot be written",
});

const jqValues = [{ a: 1, b: [true, null, "é"] }, "x", 3];
check({
  preset: "jsonSeq()",
  by: `jq 1.6: -n --seq '{a:1,b:[true,null,"é"]},"x",3'`,
  codec: presets.jsonSeq(),
  bytes: utf8(
    '\x1e{\n  "a": 1,\n  "b": [\n    true,\n    null,\n    "é"\n  ]\n}\n' +
      '\x1e"x"\n\x1e3\n',
  ),
  frames: jqValues,
  given: "cannot be written", // it is spread over lines
});
check({
  preset: "jsonSeq()",
  by: `jq 1.6: -nc --seq '{a:1,b:[true,null,"é"]},"x",3,null'`,
  codec: presets.jsonSeq(),
  bytes: utf8(
    '\x1e{"a":1,"b":[true,null,"é"]}\n\x1e"x"\n\x1e3\n\x1enull\n',
  ),
  frames: [...jqValues, null],
});
check({
  preset: "jsonSeq()",
  by: "jq 1.6: -n --seq -j '[1],[2]', without the line feeds",
  codec: presets.jsonSeq(),
  bytes: utf8("\x1e[\n  1\n]\x1e[\n  2\n]"),
  frames: [[1], [2]],
  given: "cannot be written",
});
check({
  preset: "ndjson()",
  by: String.raw`jq 1.6: -nc '{}, [], "", "\u0000\u2028"', and "é😀" with -a`,
  codec: presets.ndjson(),
  bytes: utf8('{}\n[]\n""\n"\\u0000\u2028"\n"\\u00e9\\ud83d\\ude00"\n'),
  frames: [{}, [], "", "\0\u2028", "é😀"],
  given: "cannot be written", // the letters of the last as escapes
});
check({
  preset: "ndjson()",
  by: "jq 1.6: -nc 'nan,-0,[infinite],1e17,0.1'",
  codec: presets.ndjson(),
  bytes: utf8("null\n-0\n[1.7976931348623157e+308]\n1e+17\n0.1\n"),
  frames: [null, -0, [1.7976931348623157e308], 1e17, 0.1],
  given: "cannot be written", // 1e+17 has its digits in JavaScript
});

check({
  preset: "modbusTcp()",
  by: "pymodbus 3.0.0rc1: the client reads registers and coils, and writes one",
  codec: presets.modbusTcp(),
  bytes: hex(
    "0001 0000 0006 01 0300020002 0002 0000 0006 11 0600021234" +
      "0003 0000 0006 01 0100000003 0004 0000 0006 01 0313880001",
  ),
  frames: [
    { transactionId: 1, unit: 1, pdu: hex("0300020002") },
    { transactionId: 2, unit: 17, pdu: hex("0600021234") },
    { transactionId: 3, unit: 1, pdu: hex("0100000003") },
    { transactionId: 4, unit: 1, pdu: hex("0313880001") },
  ],
});
check({
  preset: "modbusTcp()",
  by: "pymodbus 3.0.0rc1: the server answers, the last time with an error",
  codec: presets.modbusTcp(),
  bytes: hex(
    "0001 0000 0007 01 030400020003 0002 0000 0006 11 0600021234" +
      "0003 0000 0004 01 010105 0004 0000 0003 01 8302",
  ),
  frames: [
    { transactionId: 1, unit: 1, pdu: hex("030400020003") },
    { transactionId: 2, unit: 17, pdu: hex("0600021234") },
    { transactionId: 3, unit: 1, pdu: hex("010105") },
    { transactionId: 4, unit: 1, pdu: hex("8302") },
  ],
});
check({
  preset: "modbusTcp()",
  by: "mbpoll 1.4.11 with libmodbus 3.1.6: two coils to write",
  codec: presets.modbusTcp(),
  bytes: hex("0001 0000 0008 01 0f000000020101"),
  frames: [{ transactionId: 1, unit: 1, pdu: hex("0f000000020101") }],
});
/** 125 registers, each with its number, but one that was written before. */
const registers = Array.from(
  { length: 125 },
  (_, i) => (i === 2 ? 0x1234 : i).toString(16).padStart(4, "0"),
).join("");
check({
  preset: "modbusTcp()",
  by: "pymodbus 3.0.0rc1: the longest reply, to mbpoll -r 1 -c 125",
  codec: presets.modbusTcp(),
  bytes: hex(`0001 0000 00fd 01 03fa ${registers}`),
  frames: [{ transactionId: 1, unit: 1, pdu: hex(`03fa ${registers}`) }],
});

const getAddress = "138eaae8 00000000 00000002 000186a0 00000004 00000003" +
  "00000000 00000000 00000000 00000000 000186a0 00000002" +
  "00000003 74637000 0000000f 3132372e302e302e312e302e31313100" +
  "00000008 6c69627469727063";
const dump = "138eac9d 00000000 00000002 000186a0 00000002 00000004" +
  "00000000 00000000 00000000 00000000";
check({
  preset: "oncRpc()",
  by: "rpcinfo -p of rpcbind 1.2.6, its two calls",
  codec: presets.oncRpc(),
  bytes: hex(`80000058 ${getAddress} 80000028 ${dump}`),
  frames: [hex(getAddress), hex(dump)],
});
const address = "138eaae8 00000001 00000000 00000000 00000000 00000000" +
  "0000000f 3132372e302e302e312e302e31313100";
const mappings = "138eac9d 00000001 00000000 00000000 00000000 00000000" +
  "00000001 000186a0 00000004 00000006 0000006f" +
  "00000001 000186a0 00000003 00000006 0000006f" +
  "00000001 000186a0 00000002 00000006 0000006f" +
  "00000001 000186a0 00000004 00000011 0000006f" +
  "00000001 000186a0 00000003 00000011 0000006f" +
  "00000001 000186a0 00000002 00000011 0000006f 00000000";
check({
  preset: "oncRpc()",
  by: "rpcbind 1.2.6, to rpcinfo -p",
  codec: presets.oncRpc(),
  bytes: hex(`8000002c ${address} 80000094 ${mappings}`),
  frames: [hex(address), hex(mappings)],
});
const echoCall = "38ed1236 00000000 00000002 20000001 00000001 00000001" +
  "00000000 00000000 00000000 00000000 00000078";
const echoReply = "38ed1236 00000001 00000000 00000000 00000000 00000000" +
  "00000078";
const letters = (count: number) => "78".repeat(count);
check({
  preset: "oncRpc({ maxFragmentLength: 96 })",
  by: "libtirpc 1.3.3: a call and its reply, with buffers of 100 bytes",
  codec: presets.oncRpc({ maxFragmentLength: 96 }),
  bytes: hex(
    `00000060 ${echoCall} ${letters(52)} 80000044 ${letters(68)}` +
      `00000060 ${echoReply} ${letters(68)} 80000034 ${letters(52)}`,
  ),
  frames: [
    hex(echoCall + letters(120)),
    hex(echoReply + letters(120)),
  ],
});

check({
  preset: "syslogAny()",
  by: "logger of util-linux 2.38.1: -T --octet-count, with --rfc3164 for two " +
    "lines and with --rfc5424=notime,nohost,notq",
  codec: presets.syslogAny(),
  bytes: utf8(
    "31 <13>Nov 26 17:10:17 vm app: one31 <13>Nov 26 17:10:17 vm app: two" +
      "26 <13>1 - - app - - - 你好",
  ),
  frames: [
    utf8("<13>Nov 26 17:10:17 vm app: one"),
    utf8("<13>Nov 26 17:10:17 vm app: two"),
    utf8("<13>1 - - app - - - 你好"),
  ],
});
check({
  preset: "syslogAny()",
  by: "logger of util-linux 2.38.1: -T, with the same",
  codec: presets.syslogAny(),
  bytes: utf8(
    "<13>Nov 26 17:10:17 vm app: one\n<13>Nov 26 17:10:17 vm app: two\n" +
      "<13>1 - - app - - - 你好\n",
  ),
  frames: [
    utf8("<13>Nov 26 17:10:17 vm app: one"),
    utf8("<13>Nov 26 17:10:17 vm app: two"),
    utf8("<13>1 - - app - - - 你好"),
  ],
  given: "cannot be written", // the encoder counts octets
});
const deflated = hex(
  "7a78dab33134b63354d005c2c4820230adab509559a050310a06150000c303c105",
);
check({
  preset: "syslogAny()",
  by:
    'rsyslogd 8.2302.0: TCP_Framing="octet-counted", with a line feed in one ' +
    "message and with ZipLevel for the last",
  codec: presets.syslogAny(),
  bytes: bytesOf(
    utf8(
      "27 <13>1 - - app - - - counted31 <13>1 - - app - - - counted a\nb33 ",
    ),
    deflated,
  ),
  frames: [
    utf8("<13>1 - - app - - - counted"),
    utf8("<13>1 - - app - - - counted a\nb"),
    deflated,
  ],
});
check({
  preset: "syslogAny()",
  by: 'rsyslogd 8.2302.0: TCP_Framing="traditional"',
  codec: presets.syslogAny(),
  bytes: utf8("<13>1 - - app - - - lines\n<13>1 - - app - - - lines two\n"),
  frames: [
    utf8("<13>1 - - app - - - lines"),
    utf8("<13>1 - - app - - - lines two"),
  ],
  given: "cannot be written",
});

check({
  preset: "nmea()",
  by: "pynmea2 1.15.0: GGA and RMC",
  codec: presets.nmea(),
  bytes: lines(
    "$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D",
    "$GNRMC,120000,A,5230.0,N,01320.0,E,0.0,0.0,261126,,,A*69",
  ),
  frames: [
    "$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000",
    "$GNRMC,120000,A,5230.0,N,01320.0,E,0.0,0.0,261126,,,A",
  ],
});
check({
  preset: "nmea()",
  by: "pynmea2 1.15.0: RMC with checksum=False",
  codec: presets.nmea(),
  bytes: lines("$GNRMC,120000,A,5230.0,N,01320.0,E,0.0,0.0,261126,,,A"),
  frames: ["$GNRMC,120000,A,5230.0,N,01320.0,E,0.0,0.0,261126,,,A"],
  given: "cannot be written", // without a checksum
});
check({
  preset: "nmea()",
  by: "gpsd 3.22: one fix of a u-blox receiver",
  codec: presets.nmea(),
  bytes: lines(
    "$GPZDA,120000.00,26,11,2026,00,00*67",
    "$GPGGA,120000.00,5230.0000,N,01315.0000,E,1,00,,34.00,M,41.140,M,,*44",
    "$GPRMC,120000.00,A,5230.0000,N,01315.0000,E,0.0000,0.000,261126,4.0,E*6D",
    "$GPGSA,A,3,,,,,,,,,,,,,,,*1C",
  ),
  frames: [
    "$GPZDA,120000.00,26,11,2026,00,00",
    "$GPGGA,120000.00,5230.0000,N,01315.0000,E,1,00,,34.00,M,41.140,M,,",
    "$GPRMC,120000.00,A,5230.0000,N,01315.0000,E,0.0000,0.000,261126,4.0,E",
    "$GPGSA,A,3,,,,,,,,,,,,,,,",
  ],
});

check({
  preset: "hl7Mllp()",
  by: "mllp_send of python-hl7 0.4.5: a file of two messages",
  codec: presets.hl7Mllp(),
  bytes: utf8(
    "\vMSH|^~\\&|A|B|C|D|202611261200||ADT^A01|1|P|2.3\rPID|||1||Döe^J\x1c\r" +
      "\vMSH|^~\\&|A|B|C|D|202611261200||ADT^A01|2|P|2.3\rPID|||2\x1c\r",
  ),
  frames: [
    utf8("MSH|^~\\&|A|B|C|D|202611261200||ADT^A01|1|P|2.3\rPID|||1||Döe^J"),
    utf8("MSH|^~\\&|A|B|C|D|202611261200||ADT^A01|2|P|2.3\rPID|||2"),
  ],
});
check({
  preset: "hl7Mllp()",
  by: "hl7.mllp of python-hl7 0.4.5: the acknowledgements of a server",
  codec: presets.hl7Mllp(),
  bytes: utf8(
    "\vMSH|^~\\&|C|D|A|B|20261126171247||ACK^A01^ACK|9|P|2.3\rMSA|AA|1\r\x1c\r" +
      "\vMSH|^~\\&|C|D|A|B|20261126171247||ACK^A01^ACK|9|P|2.3\rMSA|AA|2\r\x1c\r",
  ),
  frames: [
    utf8("MSH|^~\\&|C|D|A|B|20261126171247||ACK^A01^ACK|9|P|2.3\rMSA|AA|1\r"),
    utf8("MSH|^~\\&|C|D|A|B|20261126171247||ACK^A01^ACK|9|P|2.3\rMSA|AA|2\r"),
  ],
});

check({
  preset: "nativeMessaging()",
  by: "Firefox ESR 153.7.0 and Chromium 156.0.8078.108: two messages",
  codec: presets.nativeMessaging(),
  bytes: bytesOf(
    hex("2a000000"),
    utf8('{"text":"HI 你","list":[1,0.5,null,true]}'),
    hex("17000000"),
    utf8('{"got":{"reply":"你"}}'),
  ),
  frames: [
    { text: "HI 你", list: [1, 0.5, null, true] },
    { got: { reply: "你" } },
  ],
});
check({
  preset: "memcached()",
  by: "memcached 1.6.18: set, gets a b, get a a, incr a and decr n",
  codec: presets.memcached(),
  bytes: utf8(
    "STORED\r\nVALUE a 7 2 1\r\nHI\r\nEND\r\n" +
      "VALUE a 7 2\r\nHI\r\nVALUE a 7 2\r\nHI\r\nEND\r\n" +
      "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n0\r\n",
  ),
  frames: [
    { name: "STORED", words: [] },
    {
      name: "END",
      words: [],
      items: [{ name: "VALUE", words: ["a", "7", "1"], data: utf8("HI") }],
    },
    {
      name: "END",
      words: [],
      items: [
        { name: "VALUE", words: ["a", "7"], data: utf8("HI") },
        { name: "VALUE", words: ["a", "7"], data: utf8("HI") },
      ],
    },
    {
      name: "CLIENT_ERROR",
      words: "cannot increment or decrement non-numeric value".split(" "),
    },
    { name: "0", words: [] },
  ],
});
check({
  preset: "memcached()",
  by: "memcached 1.6.18: mg, ms, md, mn and me",
  codec: presets.memcached(),
  bytes: utf8("VA 1 f0 t-1\r\nx\r\nEN\r\nHD\r\nHD\r\nMN\r\nEN\r\n"),
  frames: [
    { name: "VA", words: ["f0", "t-1"], data: utf8("x") },
    ...["EN", "HD", "HD", "MN", "EN"].map((name) => ({ name, words: [] })),
  ],
});
const natsInfo = '{"server_name":"a","version":"2.9.10","proto":1,' +
  '"go":"go1.19.8","host":"127.0.0.1","port":23112,"headers":true,' +
  '"max_payload":1048576,"client_id":4,"client_ip":"127.0.0.1"}';
check({
  preset: "nats()",
  by: "nats-server 2.9.10: INFO, with a name that is shortened here",
  codec: presets.nats(),
  bytes: utf8(`INFO ${natsInfo} \r\n`),
  frames: [{ op: "INFO", options: JSON.parse(natsInfo) }],
  // With a space behind the options.
  given: "cannot be written",
});
check({
  preset: "nats()",
  by: "nats-server 2.9.10: verbose, PUB, HPUB, a request to nobody, FOO",
  codec: presets.nats(),
  bytes: utf8(
    "+OK\r\nPONG\r\nMSG a.b 1 _R.1 2\r\nHI\r\n" +
      "HMSG a.c 1 18 20\r\nNATS/1.0\r\nX: y\r\n\r\nHI\r\n" +
      "HMSG _I.7 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n" +
      "-ERR 'Unknown Protocol Operation'\r\n",
  ),
  frames: [
    { op: "+OK" },
    { op: "PONG" },
    { op: "MSG", subject: "a.b", sid: "1", reply: "_R.1", payload: utf8("HI") },
    {
      op: "MSG",
      subject: "a.c",
      sid: "1",
      headers: utf8("NATS/1.0\r\nX: y\r\n\r\n"),
      payload: utf8("HI"),
    },
    {
      op: "MSG",
      subject: "_I.7",
      sid: "1",
      headers: utf8("NATS/1.0 503\r\n\r\n"),
      payload: utf8(""),
    },
    { op: "-ERR", error: "Unknown Protocol Operation" },
  ],
});
