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

/** Files and compressed data: how they begin, in characters. */
const files: readonly (readonly [string, RegExp])[] = [
  ["gzip", /^\x1f\x8b\x08/],
  ["Zstandard", /^\x28\xb5\x2f\xfd/],
  ["XZ", /^\xfd7zXZ\0/],
  ["bzip2", /^BZh[1-9]1AY/],
  ["PNG", /^\x89PNG\r\n/],
  ["JPEG", /^\xff\xd8\xff[\xc0-\xfe]/],
  ["GIF", /^GIF8[79]a/],
  ["PDF", /^%PDF-/],
  ["ZIP", /^PK\x03\x04/],
  ["ELF", /^\x7fELF/],
  ["pcap", /^(\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4)/],
  ["pcapng", /^\x0a\x0d\x0d\x0a/],
  [
    "text in UTF-16",
    /^(\xff\xfe|\xfe\xff|([\t\r\n -~]\0){8}|(\0[\t\r\n -~]){8})/,
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
      if (!begins.test(evidence.startText)) continue;
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
