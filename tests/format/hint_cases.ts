/**
 * What `hintFor` says of streams that are not of the format they were taken for, and of
 * streams that are, and have been damaged or cut off.
 *
 * `deno run tests/format/hint_cases.ts` prints the table.
 */

import {
  checksum,
  cobs,
  type Codec,
  commandFrame,
  compressed,
  contentLength,
  delimited,
  FrameError,
  hdlc,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  slip,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { deflate, gzip } from "../../src/algorithms/mod.ts";
import { mqtt, postgres, resp } from "../../src/presets/mod.ts";
import { hintFor } from "../../src/format/hint_for.ts";
import { bytesOf } from "../support/byte_notation.ts";

/** A stream that a codec cannot read. */
export interface HintCase {
  readonly name: string;
  readonly codec: Codec<never, unknown>;
  readonly bytes: Uint8Array;
  /** What the hint must say; `undefined` where it must be silent. */
  readonly hint: RegExp | undefined;
}

/** What became of a case. */
export interface HintOutcome {
  readonly name: string;
  readonly error: FrameError;
  readonly hint: string | undefined;
  readonly verdict: "right" | "silent" | "wrong";
}

/** Runs a case. */
export function outcomeOf({ name, codec, bytes, hint }: HintCase): HintOutcome {
  const error = errorOf(codec, bytes);
  const got = hintFor(error, bytes);
  const verdict = got === undefined
    ? "silent"
    : hint?.test(got)
    ? "right"
    : "wrong";
  return { name, error, hint: got, verdict };
}

/** The error at which the decoder stops, when all bytes come in one chunk. */
function errorOf(codec: Codec<never, unknown>, bytes: Uint8Array): FrameError {
  const decoder = codec.decoder();
  decoder.push(bytes);
  decoder.end();
  try {
    while (decoder.next() !== undefined);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new TypeError("The stream can be read");
}

const be4 = lengthPrefixed();
const le4 = lengthPrefixed({ endian: "little" });
const be2 = lengthPrefixed({ lengthBytes: 2, maxFrameLength: 4_096 });
const be8 = lengthPrefixed({ lengthBytes: 8 });
const counted = lengthPrefixed({ lengthIncludes: "frame" });
const ndjson = json(delimited({ delimiter: "\n" }));

const clientHello =
  "16 03 01 02 00 01 00 01 fc 03 03 5b 1a 90 c4 77 0e 21 d8 6c 3f"
    .replaceAll(" ", "");

/** Streams of another format than the codec's. */
export const wrongGuesses: readonly HintCase[] = [
  guess(
    "little-endian, read big-endian",
    be4,
    "05000000 'hello'",
    /5 in little-endian, 83886080 in big-endian/,
  ),
  guess(
    "little-endian, only the length has come",
    be4,
    "2c010000",
    /300 in little-endian/,
  ),
  guess(
    "big-endian, read little-endian",
    le4,
    "00000005 'hello' 00000002 'HI'",
    /5 in big-endian, 83886080 in little-endian/,
  ),
  guess(
    "2 bytes little-endian, read big-endian",
    be2,
    "0500 'hello' 0300 'abc'",
    /5 in little-endian, 1280 in big-endian/,
  ),
  guess(
    "commandFrame() in the other byte order",
    commandFrame(),
    "02000000 02000000 01000000 'HI'",
    /2 in little-endian, 33554432 in big-endian/,
  ),
  guess(
    "2 bytes, read as 4",
    be4,
    "0005 'hello' 0003 'abc'",
    /a length of 2 bytes, big-endian: 00 05 is 5, then 00 03 is 3/,
  ),
  guess(
    "2 bytes little-endian, read as 4",
    le4,
    "0500 'hello' 0300 'abc'",
    /a length of 2 bytes, little-endian/,
  ),
  guess(
    "4 bytes little-endian, read as 2",
    lengthPrefixed({ lengthBytes: 2, endian: "little" }),
    "05000000 'hello' 03000000 'abc'",
    /a length of 4 bytes, little-endian/,
  ),
  guess(
    "4 bytes, read as 8",
    be8,
    "00000005 'hello' 00000003 'abc'",
    /a length of 4 bytes, big-endian/,
  ),
  guess(
    "a varint before text, read as 4 bytes",
    be4,
    "05 'hello' 03 'abc'",
    /a length of one byte, or a varint/,
  ),
  guess(
    "delimited Protocol Buffers, read as 4 bytes",
    be4,
    "08 0a04 'Anna' 1007 07 0a03 'Bob' 1003",
    /varint, with Protocol Buffers/,
  ),
  guess(
    "4 bytes little-endian, read as a varint",
    json(varintPrefixed()),
    "07000000 '{\"a\":1}' 07000000 '{\"b\":2}'",
    /a length of 4 bytes, little-endian/,
  ),
  guess(
    "a length that counts itself, one frame",
    be4,
    "00000009 'hello'",
    /counts its own 4 bytes: 00 00 00 09 is 9/,
  ),
  guess(
    "a length that counts itself, two frames",
    be4,
    "00000009 'hello' 00000007 'abc'",
    /counts its own 4 bytes/,
  ),
  guess(
    "a length that does not count itself",
    counted,
    "00000002 'HI' 00000003 'abc'",
    /a length of 4 bytes, big-endian: 00 00 00 02 is 2/,
  ),
  guess(
    "a length in decimal digits",
    be4,
    "'0005hello0003abc'",
    /a length of 4 decimal digits/,
  ),
  guess("netstrings, read as 4 bytes", be4, "'12:hello world!,'", /netstrings/),
  guess(
    "frames with 4 bytes, read as digits",
    lengthPrefixed({ lengthEncoding: "decimal" }),
    "00000005 'hello'",
    /a length of 4 bytes, big-endian/,
  ),
  guess(
    "frames with 4 bytes, read as lines of JSON",
    ndjson,
    "00000008 '{\"a\":1}' 0a 00000008 '{\"b\":2}' 0a",
    /a length of 4 bytes, big-endian/,
  ),
  guess(
    "TLS to a plain port",
    be4,
    `${clientHello} 00*40`,
    /TLS handshake, the hello of a client/,
  ),
  guess(
    "a TLS server answers plain bytes",
    be4,
    "15030300020246",
    /alert of TLS/,
  ),
  guess(
    "an HTTP request",
    be4,
    "'GET / HTTP/1.1' 0d0a 'Host: example.org' 0d0a 0d0a",
    /HTTP request/,
  ),
  guess(
    "an HTTP request to lines of JSON",
    ndjson,
    "'POST /rpc HTTP/1.1' 0d0a 'Host: a' 0d0a 0d0a",
    /HTTP request/,
  ),
  guess(
    "an HTTP answer",
    netstring(),
    "'HTTP/1.1 400 Bad Request' 0d0a 'Connection: close' 0d0a 0d0a",
    /HTTP server/,
  ),
  guess(
    "a WebSocket handshake",
    be4,
    "'GET /chat HTTP/1.1' 0d0a 'Host: a' 0d0a 'Upgrade: websocket' 0d0a 'Connection: Upgrade' 0d0a 0d0a",
    /WebSocket/,
  ),
  guess(
    "the banner of an SSH server",
    be4,
    "'SSH-2.0-OpenSSH_9.2p1 Debian-2' 0d0a",
    /SSH/,
  ),
  guess(
    "a PROXY header, version 1",
    contentLength(),
    "'PROXY TCP4 192.0.2.1 192.0.2.2 4711 80' 0d0a 'Content-Length: 2' 0d0a 0d0a '{}'",
    /PROXY protocol header \(version 1\)/,
  ),
  guess(
    "a PROXY header, version 2",
    be4,
    "0d0a0d0a000d0a515549540a 2111000c c0000201 c0000202 1267 0050",
    /PROXY protocol header \(version 2\)/,
  ),
  guess("an AMQP client", be4, "'AMQP' 00000901", /AMQP/),
  guess(
    "an MQTT client",
    be4,
    "100f 0004 'MQTT' 0402003c 0003 'abc'",
    /MQTT client/,
  ),
  guess("a Redis command", be4, "'*1' 0d0a '$4' 0d0a 'PING' 0d0a", /Redis/),
  guess(
    "a PostgreSQL client",
    lengthPrefixed({ lengthOffset: 1, lengthIncludes: "frame" }),
    "00000021 00030000 'user' 00 'anna' 00 'database' 00 'test' 00 00",
    /PostgreSQL/,
  ),
  guess(
    "JSON in place of a length",
    be4,
    "'{\"abc\":[1,2,3]}'",
    /JSON text \(7b 22 61 62 as a length is 2065850722\)/,
  ),
  guess(
    "lines of JSON in place of lengths",
    be4,
    "'{\"a\":1}' 0a '{\"b\":2}' 0a",
    /NDJSON/,
  ),
  guess(
    "lines of text in place of lengths",
    be4,
    "'hello there' 0a 'second line' 0a",
    /are text .* the peer sends lines/,
  ),
  guess(
    "LSP, read as 4 bytes",
    be4,
    "'Content-Length: 2' 0d0a 0d0a '{}'",
    /Content-Length, as LSP/,
  ),
  guess(
    "gzip data in place of JSON",
    json(be4),
    "00000010 1f8b08000000000000ffab564a04000000",
    /gzip/,
  ),
  guess(
    "zlib data in place of JSON",
    json(be4),
    "0000000c 789cab564a54b2aa05000000",
    /zlib/,
  ),
  guess(
    "a byte order mark before JSON",
    be4,
    "efbbbf '{\"a\":1}' 0a",
    /byte order mark of UTF-8/,
  ),
  guess(
    "UTF-16 in place of JSON",
    json(be4),
    "0000000e 7b0022006100220031007d000a00",
    /UTF-16, little-endian/,
  ),
  guess(
    "JSON in base64",
    json(delimited({ delimiter: "\n" })),
    "'eyJhIjoxLCJiIjoyfQ==' 0a",
    /JSON, from \{" on, in base64/,
  ),
  guess(
    "Python's text of a dictionary",
    ndjson,
    "'{' 27 'a' 27 ': 1}' 0a",
    /json\.dumps/,
  ),
  guess(
    "values without a delimiter",
    ndjson,
    '\'{"a":1}{"b":2}\' 0a',
    /no delimiter between values/,
  ),
  guess(
    "an empty line that ends with 0d 0a",
    ndjson,
    "'{\"a\":1}' 0d0a 0d0a",
    /empty line/,
  ),
  guess(
    "MessagePack in place of JSON",
    json(be4),
    "00000008 82 a26964 07 a16101",
    /MessagePack, a map with the key “id”/,
  ),
  guess(
    "GBK in place of UTF-8",
    lines({ fatal: true }),
    "c4e3bac3cac0bde7 0a",
    /pairs as in GBK: c4 e3 ba c3 ca c0 bd e7 are “你好世界”/,
  ),
  guess(
    "Latin-1 in place of UTF-8",
    text(be4, "utf-8", { fatal: true }),
    "0000000b 'caf' e9 ' cr' e8 'me '",
    /Latin-1: e9 is “é”/,
  ),
  guess(
    "a checksum in the other byte order",
    checksum(lengthPrefixed({ lengthBytes: 1 }), "crc32"),
    "0d '123456789' 2639f4cb",
    /2639f4cb is cbf43926 in the other byte order/,
  ),
  guess(
    "header lines that end with 0a",
    contentLength(),
    "'Content-Length: 2' 0a 0a '{}'",
    /end with 0a, and 0d 0a was expected/,
  ),
  guess(
    "lines, where a zero byte was expected",
    delimited({ delimiter: "\0" }),
    "'hello' 0a 'there' 0a",
    /text ends with 0a/,
  ),
  guess(
    "a stream that begins inside a frame, with marks",
    marked({ start: "\x02\x02", end: "\x03" }),
    "'cdef' 03 0202 'abc' 03",
    /start mark stands at byte 5/,
  ),
  guess(
    "a stream that begins inside a frame, with headers",
    contentLength(),
    "'\"a\":1}Content-Length: 2' 0d0a 0d0a '{}'",
    /header stands at byte 6/,
  ),
  guess(
    "a mail server greets",
    be4,
    "'220 mail.example.org ESMTP Postfix' 0d0a",
    /mail or FTP server/,
  ),
  guess(
    "a MySQL server greets",
    be4,
    "4a0000000a '8.0.36' 00 08000000 '12345678' 00*42",
    /MySQL/,
  ),
  guess(
    "XML in place of a length",
    be4,
    "'<?xml version=\"1.0\"?><a/>'",
    /are text/,
  ),
  guess(
    "8 bytes little-endian, read as 4",
    le4,
    "0500000000000000 'hello' 0300000000000000 'abc'",
    /a length of 8 bytes, little-endian/,
  ),
  guess(
    "a varint, read as 2 bytes",
    be2,
    "0c 'hello, world'",
    /a length of one byte, or a varint/,
  ),
  guess(
    "a varint, read as a negative one",
    varintPrefixed({ encoding: "zigzag" }),
    "05 'hello' 03 'abc'",
    /a length of one byte, or a varint/,
  ),
  guess(
    "2 bytes and a type that they count, read as 4",
    be4,
    "0003 01 'HI' 0004 02 'abc'",
    /a length of 2 bytes, big-endian/,
  ),
  guess(
    "3 bytes, read as 4",
    be4,
    "000005 'hello' 000003 'abc'",
    /a length of 3 bytes, big-endian/,
  ),
  guess(
    "HTTP for a length that is negative",
    varintPrefixed({ encoding: "zigzag" }),
    "'GET / HTTP/1.0' 0d0a 0d0a",
    /HTTP request/,
  ),
  guess(
    "deflate and gzip are confused",
    compressed(be4, deflate),
    "00000010 1f8b08000000000000ffab564a04000000",
    /gzip/,
  ),
  // What cannot be told.
  guess("lines of text for COBS", cobs(), "'hello'", undefined),
  guess("SLIP, read as HDLC", hdlc(), "c0 '123456' c0 7e", undefined),
  guess(
    "4 bytes little-endian, a frame of 64 KiB",
    be4,
    "00000100 00*60",
    undefined,
  ),
];

function guess(
  name: string,
  codec: Codec<never, unknown>,
  notation: string,
  hint: RegExp | undefined,
): HintCase {
  return { name, codec, bytes: bytesOf(notation), hint };
}

const request = "'Content-Length: 2' 0d0a 0d0a '{}'";

/** Streams of the codec's own format, cut off or damaged, and noise. */
export const noHints: readonly HintCase[] = [
  guess("a frame that is cut off", be4, "00000064 'hello'", undefined),
  guess(
    "a frame that is cut off, little-endian",
    le4,
    "64000000 'hello'",
    undefined,
  ),
  guess(
    "the second frame is cut off",
    be4,
    "00000005 'hello' 00000003 'ab'",
    undefined,
  ),
  guess("a frame of 64 KiB is cut off", be4, "00010000 'hello'", undefined),
  guess("a frame of 2 MiB is too large", be4, "00200000 00*60", undefined),
  guess(
    "a frame of 16 MiB of zeros is too large",
    be4,
    "01000000 00*60",
    undefined,
  ),
  guess(
    "a frame of 16 MiB of text is too large",
    be4,
    "01000000 'aaaaaaaaaaaaaaaaaaaaaaaa'",
    undefined,
  ),
  guess(
    "the third frame is too large",
    lengthPrefixed({ maxFrameLength: 10 }),
    "00000001 'a' 00000002 'ab' 0000000b 'hello world'",
    undefined,
  ),
  guess("a header that is cut off", be4, "0000", undefined),
  guess(
    "two bytes, a text frame of 8 KiB is cut off",
    lengthPrefixed({ lengthBytes: 2 }),
    "2041 'the beginning of a text'",
    undefined,
  ),
  guess(
    "a long text without its delimiter",
    delimited({ delimiter: "\0" }),
    `${"'the quick brown fox jumps over the lazy dog '".repeat(1)}*8`,
    undefined,
  ),
  guess("a netstring that is cut off", netstring(), "'12:hello'", undefined),
  guess("a netstring without its comma", netstring(), "'5:hello;'", undefined),
  guess(
    "a wrong checksum",
    checksum(be4, "crc32"),
    "0000000d '123456789' cbf43927",
    undefined,
  ),
  guess(
    "lines of JSON, one of them damaged",
    ndjson,
    "'{\"a\":1}' 0a '{\"b\":2' 0a '{\"c\":3}' 0a",
    undefined,
  ),
  guess(
    "a log line between lines of JSON",
    ndjson,
    "'{\"a\":1}' 0a 'started on port 80' 0a",
    undefined,
  ),
  guess(
    "JSON behind a length, damaged",
    json(be4),
    "00000007 '{\"a\";1}' 00000007 '{\"b\":2}'",
    undefined,
  ),
  guess(
    "gzip data, damaged",
    compressed(be4, gzip),
    "00000008 1f8b080000000000",
    undefined,
  ),
  guess(
    "a header with a wrong length",
    contentLength(),
    "'Content-Length: two' 0d0a 0d0a '{}'",
    undefined,
  ),
  guess(
    "a header with a wrong line",
    contentLength(),
    `'Content Type: a' 0d0a ${request}`,
    undefined,
  ),
  guess(
    "the second header is wrong",
    contentLength(),
    `${request} 'Content-Length' 0d0a 0d0a`,
    undefined,
  ),
  guess(
    "a JSON header without a length",
    jsonHeader(),
    "00000007 '{\"a\":1}' 'abc'",
    undefined,
  ),
  guess(
    "a command that is cut off",
    commandFrame(),
    "00000005 00000001 00000000 'hel'",
    undefined,
  ),
  guess(
    "a varint that is cut off",
    varintPrefixed(),
    "8008 'hello'",
    undefined,
  ),
  guess("a frame without its end", slip(), "'hello'", undefined),
  guess(
    "a frame with a wrong check sequence",
    hdlc(),
    "7e 41 f5a4 7e",
    undefined,
  ),
  guess(
    "noise before a start mark",
    marked({ start: "<", end: ">" }),
    "'ab<cd>'",
    undefined,
  ),
  guess(
    "a Redis command that is cut off",
    resp(),
    "'*1' 0d0a '$4' 0d0a 'PI'",
    undefined,
  ),
  guess(
    "a Redis command with a wrong end",
    resp(),
    "'*1' 0d0a '$4' 0d0a 'PING12'",
    undefined,
  ),
  guess(
    "a Redis command that is too large",
    resp({ maxFrameLength: 20 }),
    "'*1' 0d0a '$400' 0d0a 'PING'",
    undefined,
  ),
  guess(
    "an MQTT packet that is cut off",
    mqtt(),
    "100f 0004 'MQTT' 0402",
    undefined,
  ),
  guess(
    "a PostgreSQL message that is cut off",
    postgres(),
    "51 00000010 'SELECT'",
    undefined,
  ),
  guess(
    "half a character of UTF-8",
    lines({ fatal: true }),
    "'abc' e4bd 0a",
    undefined,
  ),
  guess(
    "bytes in place of text",
    lines({ fatal: true }),
    "80fe9103c8 0a",
    undefined,
  ),
  guess(
    "a command with a damaged length",
    commandFrame(),
    "04000000 00000001 00000000",
    undefined,
  ),
  guess(
    "a frame with 8 bytes of length, four missing",
    lengthPrefixed({ lengthBytes: 8, endian: "little" }),
    "0a00000000000000 'abcdef'",
    undefined,
  ),
  guess(
    "a header of a type and a length",
    lengthPrefixed({ lengthOffset: 1, lengthBytes: 2 }),
    "01 0003",
    undefined,
  ),
  guess(
    "a frame over a small limit",
    lengthPrefixed({ maxFrameLength: 4 }),
    "00000005 'hello'",
    undefined,
  ),
  guess(
    "a JSON header that is damaged",
    jsonHeader(),
    "0000000c '{\"length\"!2}'",
    undefined,
  ),
  guess("bytes that fit two formats", be4, "0101 41*257", undefined),
  guess(
    "a byte order mark before a damaged text",
    lines({ fatal: true }),
    "efbbbf 'a' c3 0a",
    undefined,
  ),
  guess("two bytes of length that look like zlib", be2, "789c 80fe", undefined),
  guess(
    "two bytes of length that look like JSON",
    lengthPrefixed({ lengthBytes: 2 }),
    "'{\"hello there'",
    undefined,
  ),
  guess(
    "a single pair of bytes beyond ASCII",
    lines({ fatal: true }),
    "c4e3 0a",
    undefined,
  ),
  guess(
    "a text of lines that is cut off",
    delimited({ delimiter: "\0" }),
    "'hello' 0a 'the'",
    undefined,
  ),
  guess(
    "a header with a damaged line end",
    contentLength(),
    `'Content-Length: 3' 0d4a 'abc' ${request}`,
    undefined,
  ),
];

if (import.meta.main) printTable();

function printTable(): void {
  const outcomes = wrongGuesses.map(outcomeOf);
  const silent = noHints.map(outcomeOf);
  for (const { name, verdict, hint = "" } of [...outcomes, ...silent]) {
    console.log(`${verdict}\t${name}\t${hint}`);
  }
  const count = (list: readonly HintOutcome[], verdict: string) =>
    list.filter((one) => one.verdict === verdict).length;
  for (
    const [what, list] of [["wrong guesses", outcomes], [
      "own format",
      silent,
    ]] as const
  ) {
    console.log(
      `${what}: ${list.length}, right ${count(list, "right")}, silent ${
        count(list, "silent")
      }, wrong ${count(list, "wrong")}`,
    );
  }
}
