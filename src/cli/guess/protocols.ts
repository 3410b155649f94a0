import { FrameError } from "../../codec/errors.ts";
import { evidenceOf } from "../../format/hints/evidence.ts";
import { protocols } from "../../format/hints/protocols.ts";
import type { NamedProtocol, Sample } from "./types.ts";

/** A protocol by how it begins. */
export interface FoundProtocol extends NamedProtocol {
  /** Whether its bytes are not for a format of frames. */
  readonly isOther: boolean;
}

/** The protocols that have no expression here, or need another layer first. */
const others: ReadonlyMap<string, string> = new Map([
  ["webSocket", "WebSocket"],
  ["httpRequest", "HTTP"],
  ["httpResponse", "HTTP"],
  ["tlsClientHello", "TLS"],
  ["tlsServerHello", "TLS"],
  ["tlsAlert", "TLS"],
  ["ssh", "SSH"],
  ["proxyText", "PROXY protocol"],
  ["proxyBinary", "PROXY protocol"],
  ["amqp", "AMQP"],
]);

/** The protocols that an expression reads. */
const framed: ReadonlyMap<string, string> = new Map([
  ["mqtt", "MQTT"],
  ["redisCommand", "Redis"],
  ["redisAnswer", "Redis"],
  ["postgres", "PostgreSQL"],
  ["mysql", "MySQL"],
  ["nats", "NATS"],
  ["smtp", "SMTP or FTP"],
]);

/** Files and compressed data: how they begin, in hexadecimal. */
const files: readonly (readonly [string, RegExp])[] = [
  ["gzip", /^1f 8b 08/],
  ["Zstandard", /^28 b5 2f fd/],
  ["XZ", /^fd 37 7a 58 5a 00/],
  ["bzip2", /^42 5a 68 3[1-9] 31 41 59/],
  ["PNG", /^89 50 4e 47 0d 0a/],
  ["JPEG", /^ff d8 ff [c-f]./],
  ["GIF", /^47 49 46 38 3[79] 61/],
  ["PDF", /^25 50 44 46 2d/],
  ["ZIP", /^50 4b 03 04/],
  ["ELF", /^7f 45 4c 46/],
  ["pcap", /^(d4 c3 b2 a1|a1 b2 c3 d4)/],
  ["pcapng", /^0a 0d 0d 0a/],
  // A byte order mark, or characters of ASCII with a zero beside each.
  [
    "text in UTF-16",
    /^(ff fe|fe ff|([2-7][0-9a-f] 00 ){8}|(00 [2-7][0-9a-f] ){8})/,
  ],
];

/** Names the protocol of the first stream that begins with one. */
export function protocolOf(
  streams: readonly Sample[],
): FoundProtocol | undefined {
  for (const { bytes } of streams) {
    const error = new FrameError("HEADER_INVALID", {
      reason: "The bytes are not known",
      offset: 0,
      expected: "a known format",
      got: "other bytes",
    });
    const evidence = evidenceOf(error, 0, bytes);
    for (const { name, recognise } of protocols) {
      const sentence = recognise(evidence);
      if (sentence === undefined) continue;
      const other = others.get(name);
      return {
        name: other ?? framed.get(name) ?? name,
        evidence: sentence,
        isOther: other !== undefined,
      };
    }
    for (const [name, begins] of files) {
      if (!begins.test(evidence.startHex)) continue;
      return {
        name,
        evidence: `The bytes ${
          evidence.startHex.slice(0, 23)
        } are the beginning of ${name}`,
        isOther: true,
      };
    }
  }
  return undefined;
}
