/** What is to be said about a preset. */
export interface PresetNote {
  /** What it is, in a line. */
  readonly summary: string;
  /** Where the protocol is documented; `undefined` for formats of tutorials. */
  readonly source?: string;
  /** The bytes of a frame: fields with `|` between, each a name and what it has. */
  readonly wire: string;
  /** The bytes of an example, a character a byte. */
  readonly example: string;
  /** The expression of the example, where the name alone is none. */
  readonly expression?: string;
}

/** The presets, in the order in which they are listed. */
export const presetNotes: Readonly<Record<string, PresetNote>> = {
  awsEventStream: {
    summary: "Event streams of AWS: Transcribe, Bedrock, S3 Select",
    source: "https://smithy.io/2.0/aws/amazon-eventstream.html",
    wire:
      "length: 4 bytes, of all | length: 4 bytes, of headers | checksum: CRC-32 of both | header: headers | body: payload | checksum: CRC-32 of all",
    example:
      "\0\0\0\x18\0\0\0\x06\xdc\xd1\xa6\x1f\x01a\x07\0\x01bHI&\x08\x19\xf6",
  },
  csharpDemo: {
    summary: "A tutorial of sockets: C# client, Python server",
    wire:
      "length: 4 bytes, little-endian, counts itself | body: length - 4 bytes",
    example: "\x10\0\0\0Hello world!",
  },
  dlmsHdlc: {
    summary: "HDLC frames of electricity meters (DLMS/COSEM)",
    source: "Green Book of the DLMS User Association, section 8.4",
    wire:
      "start: 7e | length: 2 bytes, the lower 11 bits | header: addresses, control | checksum: 2 bytes, of the header | body: information | checksum: 2 bytes | end: 7e",
    example: "~\xa0\x0a\0\x02\0#!\x93\x18q~",
  },
  dnsTcp: {
    summary: "DNS over TCP and TLS",
    source: "https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2",
    wire: "length: 2 bytes, big-endian | body: length bytes",
    example: "\0\x04\x82\xf7\x01\x20",
  },
  dotnetString: {
    summary: "Strings of .NET: BinaryWriter.Write(string)",
    source:
      "https://learn.microsoft.com/dotnet/api/system.io.binarywriter.write7bitencodedint",
    wire: "length: 1 to 5 bytes, LEB128 | body: length bytes, UTF-8",
    example: "\x03\xe4\xbd\xa0",
  },
  erlang: {
    summary: "Erlang and Elixir: {packet, 1}, {packet, 2}, {packet, 4}",
    source: "https://www.erlang.org/doc/apps/kernel/inet.html#setopts/2",
    wire: "length: packet bytes, big-endian | body: length bytes",
    example: "\0\0\0\x02HI",
    expression: "preset:erlang(4)",
  },
  gbkOutput: {
    summary: "A tutorial of a remote shell for Windows: text in GBK",
    wire: "length: 4 bytes, little-endian | body: length bytes, GBK",
    example: "\x08\0\0\0\xd6\xb4\xd0\xd0\xb3\xc9\xb9\xa6",
  },
  gitPktLine: {
    summary: "Lines of packets of git",
    source: "https://git-scm.com/docs/gitprotocol-common#_pkt_line_format",
    wire:
      "length: 4 hexadecimal digits, counts itself | body: length - 4 bytes",
    example: "000eversion 2\n",
  },
  gob: {
    summary: "Messages of Go's encoding/gob",
    source: "https://pkg.go.dev/encoding/gob#hdr-Encoding_Details",
    wire: "length: 1 to 9 bytes, a gob unsigned integer | body: length bytes",
    example: "\x05\x0c\0\x02HI",
  },
  grpc: {
    summary: "Messages of gRPC, as in DATA frames of HTTP/2",
    source: "https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md",
    wire:
      "header: 1 byte, 1 if compressed | length: 4 bytes, big-endian | body: length bytes",
    example: "\0\0\0\0\x02HI",
  },
  hl7Mllp: {
    summary: "HL7 messages of hospitals, over MLLP",
    source:
      "https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF",
    wire: "start: 0b | body: the message | end: 1c 0d",
    example: "\x0bMSH|^~\\&|A|B\rPID|1\r\x1c\r",
  },
  iso8583: {
    summary: "ISO 8583 messages of payment cards",
    source:
      "https://jpos.org/doc/javadoc/org/jpos/iso/channel/package-summary.html",
    wire: "length: 2 bytes, or 4 digits | body: length bytes",
    example: "\0\x040800",
  },
  javaUtf: {
    summary: "Strings of Java: DataOutputStream.writeUTF",
    source:
      "https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/io/DataInput.html#modified-utf-8",
    wire: "length: 2 bytes, big-endian | body: length bytes, modified UTF-8",
    example: "\0\x05A\xc0\x80\xc3\xa9",
  },
  jsonSeq: {
    summary: "JSON text sequences (application/json-seq)",
    source: "https://www.rfc-editor.org/rfc/rfc7464",
    wire: "start: 1e | body: JSON | end: line feed",
    example: '\x1e{"a":1}\n',
  },
  kafka: {
    summary: "Requests and responses of Kafka",
    source: "https://kafka.apache.org/protocol.html#protocol_common",
    wire: "length: 4 bytes, big-endian, signed | body: length bytes",
    example: "\0\0\0\x0c\0\x12\0\x02\0\0\0\0\0\x02me",
  },
  lsp: {
    summary: "Language Server Protocol, Debug Adapter Protocol",
    source:
      "https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol",
    wire:
      "length: Content-Length: digits | delimiter: empty line | body: length bytes, JSON",
    example: 'Content-Length: 33\r\n\r\n{"jsonrpc":"2.0","method":"exit"}',
  },
  memcached: {
    summary: "Commands and replies of memcached, as text",
    source: "https://docs.memcached.org/protocols/basic/",
    wire: "header: a line of words | body: data, where the line has its length",
    example: "VALUE a 7 2\r\nHI\r\nEND\r\n",
  },
  minecraft: {
    summary: "Packets of Minecraft, Java Edition",
    source:
      "https://minecraft.wiki/w/Java_Edition_protocol/Packets#Packet_format",
    wire: "length: 1 to 3 bytes, LEB128 | body: length bytes",
    example: "\x01\0",
  },
  mnetSocket: {
    summary: "MNetSocket, a tutorial of sockets in Python",
    wire:
      "length: 4 bytes | command: 4 bytes | reply: 4 bytes | body: length bytes, JSON",
    example: '\x07\0\0\0\x02\0\0\0\x01\0\0\0{"a":1}',
    expression: "preset:mnetSocket(little)",
  },
  modbusTcp: {
    summary: "Modbus over TCP",
    source:
      "https://modbus.org/docs/Modbus_Messaging_Implementation_Guide_V1_0b.pdf",
    wire:
      "header: transaction, protocol: 2 bytes each | length: 2 bytes, big-endian, counts the unit | header: unit: 1 byte | body: length - 1 bytes",
    example: "\0\x01\0\0\0\x06\x01\x03\0\0\0\x01",
  },
  mqtt: {
    summary: "Packets of MQTT, all versions",
    source: "https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html",
    wire:
      "header: 1 byte, type and flags | length: 1 to 4 bytes, LEB128 | body: length bytes",
    example: "0\x05\0\x01aHI",
  },
  mysqlPackets: {
    summary: "Packets of MySQL and MariaDB, joined",
    source:
      "https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html",
    wire:
      "length: 3 bytes, little-endian | header: 1 byte, a sequence number | body: length bytes",
    example: "\x01\0\0\0\x01",
  },
  nativeMessaging: {
    summary: "Native messaging of Chrome, Edge and Firefox",
    source:
      "https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host-protocol",
    wire: "length: 4 bytes, little-endian | body: length bytes, JSON",
    example: '\x0d\0\0\0{"text":"HI"}',
  },
  nats: {
    summary: "Messages between clients and servers of NATS",
    source: "https://docs.nats.io/reference/reference-protocols/nats-protocol",
    wire:
      "header: a line of words | body: payload, where the line has its length",
    example: "MSG FOO.BAR 9 11\r\nHello World\r\n",
  },
  ndjson: {
    summary: "Newline-delimited JSON (NDJSON, JSON Lines)",
    source: "https://jsonlines.org",
    wire: 'body: JSON | delimiter: "\\n", "\\r\\n"',
    example: '{"a":1}\n',
  },
  netty: {
    summary: "Netty's LengthFieldBasedFrameDecoder",
    source:
      "https://netty.io/4.1/api/io/netty/handler/codec/LengthFieldBasedFrameDecoder.html",
    wire:
      "header: lengthFieldOffset bytes | length: lengthFieldLength bytes | body: length + lengthAdjustment bytes",
    example: "\0\0\0\x02HI",
    expression:
      "preset:netty(lengthFieldOffset=0, lengthFieldLength=4, initialBytesToStrip=4) | max 64KiB",
  },
  nmea: {
    summary: "NMEA 0183 sentences of GPS receivers and ships",
    source: "https://gpsd.gitlab.io/gpsd/NMEA.html",
    wire:
      'start: "$" or "!" | body: fields | delimiter: "*" | checksum: 2 hexadecimal digits | end: line end',
    example: "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D\r\n",
  },
  oncRpc: {
    summary: "Records of ONC RPC over TCP: NFS, portmapper",
    source: "https://www.rfc-editor.org/rfc/rfc5531#section-11",
    wire:
      "length: 4 bytes, big-endian, highest bit: last fragment | body: length bytes",
    example: "\x80\0\0\x03HI!",
  },
  p1: {
    summary: "Telegrams of smart meters: DSMR 4 and 5, ESMR",
    source:
      "https://www.netbeheernederland.nl/_upload/Files/Slimme_meter_15_a727fce1f1.pdf",
    wire:
      'start: "/" | body: lines | end: "!" | checksum: 4 hexadecimal digits, CRC-16 | end: "\\r\\n"',
    example: "/ISk5\\2MT382-1000\r\n\r\n1-3:0.2.8(50)\r\n!5106\r\n",
  },
  postgres: {
    summary: "Messages of PostgreSQL, version 3 of the protocol",
    source:
      "https://www.postgresql.org/docs/current/protocol-message-formats.html",
    wire:
      "header: 1 byte, the type | length: 4 bytes, big-endian, counts itself | body: length - 4 bytes",
    example: "Z\0\0\0\x05I",
  },
  protobufDelimited: {
    summary: "Delimited messages of Protocol Buffers",
    source: "https://protobuf.dev/programming-guides/techniques/#streaming",
    wire: "length: 1 to 10 bytes, LEB128 | body: length bytes",
    example: "\x04\x0a\x02HI",
  },
  redisLines: {
    summary: "Inline commands and simple replies of Redis, as lines",
    source:
      "https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands",
    wire: 'body: text | delimiter: "\\r\\n"',
    example: "+PONG\r\n",
  },
  resp: {
    summary: "Requests and replies of Redis and Valkey, RESP2 and RESP3",
    source: "https://redis.io/docs/latest/develop/reference/protocol-spec/",
    wire:
      'header: 1 byte, the type | length: digits, where it has one | delimiter: "\\r\\n" | body: the value, or values',
    example: "*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n",
  },
  stomp: {
    summary: "Frames of STOMP: ActiveMQ, RabbitMQ",
    source: "https://stomp.github.io/stomp-specification-1.2.html",
    wire:
      "command: a line | header: lines | delimiter: empty line | body: bytes | end: 00",
    example: "SEND\ndestination:/queue/a\n\nhello queue a\0",
  },
  syslogAny: {
    summary: "Syslog over TCP, with lengths or with line feeds",
    source: "https://www.rfc-editor.org/rfc/rfc6587#section-3.4",
    wire:
      'length: digits and a space, or nothing | body: the message | delimiter: "\\n" without a length',
    example: "5 <13>a",
  },
  syslogOctetCounting: {
    summary: "Syslog over TCP and TLS, with lengths",
    source: "https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1",
    wire: "length: decimal digits | delimiter: space | body: length bytes",
    example: "5 <13>a",
  },
  tokioUtil: {
    summary: "LengthDelimitedCodec of tokio-util (Rust)",
    source:
      "https://docs.rs/tokio-util/latest/tokio_util/codec/length_delimited/",
    wire: "length: 4 bytes, big-endian | body: length bytes",
    example: "\0\0\0\x02HI",
  },
  tpkt: {
    summary: "ISO transport over TCP: RDP, S7",
    source: "https://www.rfc-editor.org/rfc/rfc1006#section-6",
    wire:
      "header: 03 00 | length: 2 bytes, big-endian, counts all | body: length - 4 bytes",
    example: "\x03\0\0\x07\x02\xf0\x80",
  },
  twistedInt16: {
    summary: "Int16StringReceiver of Twisted (Python)",
    source:
      "https://docs.twisted.org/en/stable/api/twisted.protocols.basic.Int16StringReceiver.html",
    wire: "length: 2 bytes, big-endian | body: length bytes",
    example: "\0\x02HI",
  },
  twistedInt32: {
    summary: "Int32StringReceiver of Twisted (Python)",
    source:
      "https://docs.twisted.org/en/stable/api/twisted.protocols.basic.Int32StringReceiver.html",
    wire: "length: 4 bytes, big-endian | body: length bytes",
    example: "\0\0\0\x02HI",
  },
  twistedNetstring: {
    summary: "NetstringReceiver of Twisted (Python)",
    source:
      "https://docs.twisted.org/en/stable/api/twisted.protocols.basic.NetstringReceiver.html",
    wire:
      'length: decimal digits | delimiter: ":" | body: length bytes | terminator: ","',
    example: "2:HI,",
  },
};
