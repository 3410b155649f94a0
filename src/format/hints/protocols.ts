import { asLength, quoted, type Recogniser } from "./evidence.ts";

/**
 * Peers of another protocol, by what they send first. Only where the decoder could
 * make no sense of it: the codec of such a protocol has other errors.
 */
export const protocols: readonly Recogniser[] = [
  // RFC 6455, section 4.1: an HTTP request with `Upgrade: websocket`, or its answer.
  said(
    "webSocket",
    /^(GET |HTTP\/1\.1 101)[^]*\r\nUpgrade: *websocket\r/i,
    "the opening handshake of WebSocket: the peer needs a WebSocket server, or a proxy that takes the messages out",
  ),
  // RFC 9112, section 3, and the preface of HTTP/2 (RFC 9113, section 3.4).
  said(
    "httpRequest",
    /^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|CONNECT|TRACE|PRI) (\/|\*|https?:|[^ \r\n]+ HTTP\/)/,
    "an HTTP request: the peer takes this port for a web server",
  ),
  // RFC 9112, section 4. A web server refuses what it does not understand with 400.
  said(
    "httpResponse",
    /^HTTP\/[12](\.[01])? \d\d\d/,
    "the answer of an HTTP server: the peer is a web server or a proxy",
  ),
  // RFC 8446, section 5.1: record type, version, length, then the type of handshake.
  sent(
    "tlsClientHello",
    /^16 03 0[0-4] [0-3]. .. 01/,
    "a TLS handshake, the hello of a client: the peer speaks TLS, and this side does not",
  ),
  sent(
    "tlsServerHello",
    /^16 03 0[0-4] [0-3]. .. 02/,
    "a TLS handshake, the hello of a server: the peer speaks TLS, and this side does not",
  ),
  // RFC 8446, section 6: what a TLS server answers to plain bytes.
  sent(
    "tlsAlert",
    /^15 03 0[0-4] 00 02( 0[12]|$)/,
    "an alert of TLS: plain bytes were sent to a TLS port",
  ),
  // RFC 4253, section 4.2.
  said("ssh", /^SSH-[12]\.\d+-/, "the banner of an SSH peer"),
  // The PROXY protocol of HAProxy, version 1.
  said(
    "proxyText",
    /^PROXY (TCP4|TCP6|UNKNOWN)[ \r]/,
    "a PROXY protocol header (version 1): a load balancer sends the client's address first",
  ),
  // The same, version 2.
  sent(
    "proxyBinary",
    /^0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a/,
    "a PROXY protocol header (version 2): a load balancer sends the client's address first",
  ),
  // AMQP 0-9-1, section 4.2.2, and AMQP 1.0, section 2.2.
  sent(
    "amqp",
    /^41 4d 51 50 0[0-3] 0. 0. 0./,
    "the protocol header of AMQP: the peer is an AMQP client, or a broker that wants this version",
  ),
  // MQTT 3.1.1 and 5.0, section 3.1: the length of the rest, then the name.
  sent(
    "mqtt",
    /^10 ([89a-f]. ){0,3}[0-7]. 00 (04 4d 51 54 54|06 4d 51 49 73 64 70)/,
    "a CONNECT packet of MQTT: the peer is an MQTT client",
  ),
  // The Redis serialization protocol: a command is an array of bulk strings.
  said(
    "redisCommand",
    /^\*\d+\r\n\$\d+\r\n/,
    "a command in the protocol of Redis",
  ),
  said(
    "redisAnswer",
    /^(-(ERR|NOAUTH|WRONGPASS|DENIED) |\+PONG\r\n)/,
    "the answer of a Redis server",
  ),
  // PostgreSQL, message formats: StartupMessage 3.0, SSLRequest.
  sent(
    "postgres",
    /^00 00 0[0-7] .. (00 03 00 00 (75 73 65 72|64 61 74 61)|04 d2 16 2f)/,
    "what a PostgreSQL client sends first",
  ),
  // MySQL: the handshake, packet 0 with protocol version 10 and a version in digits.
  sent(
    "mysql",
    /^.. 00 00 00 0a 3\d (3\d )?2e 3\d/,
    "the greeting of a MySQL or MariaDB server",
  ),
  said("nats", /^INFO \{"server_id"/, "the greeting of a NATS server"),
  // RFC 5321, section 4.2, and RFC 959: a server greets first, with 220.
  said(
    "smtp",
    /^220[ -][^\r\n]*\b(E?SMTP|FTP)\b/,
    "the greeting of a mail or FTP server",
  ),
];

/** Recognises a peer by the beginning of what it sends, a character for each byte. */
function said(name: string, pattern: RegExp, what: string): Recogniser {
  return {
    name,
    recognise(evidence) {
      const { startText, isMisread } = evidence;
      if (!isMisread || !pattern.test(startText)) return undefined;
      return `The bytes ${quoted(startText)}${asLength(evidence)} are ${what}`;
    },
  };
}

/** The same, in hexadecimal. */
function sent(name: string, pattern: RegExp, what: string): Recogniser {
  return {
    name,
    recognise(evidence) {
      const { startHex, isMisread } = evidence;
      if (!isMisread || !pattern.test(startHex)) return undefined;
      const bytes = startHex.slice(0, 23);
      return `The bytes ${bytes}${asLength(evidence)} are ${what}`;
    },
  };
}
