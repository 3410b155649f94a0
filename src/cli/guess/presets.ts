import { hexOf } from "../../codec/bytes/hex.ts";
import { parseFormat } from "../../format/parse_format.ts";
import type { MemcachedMessage } from "../../presets/memcached.ts";
import type { RespValue } from "../../presets/resp_values.ts";
import type { Candidate } from "./candidate.ts";
import { type Cut, cutAll } from "./cut.ts";
import type { Observed } from "./observed.ts";

/** A protocol whose frames show what they are. */
interface Signature {
  readonly preset: string;
  readonly name: string;
  /** How a direction begins, a character for each byte. */
  readonly begins?: RegExp;
  /** The same, its first 32 bytes in hexadecimal. */
  readonly beginsHex?: RegExp;
  /** How many bits a frame is worth that cannot be another protocol's. */
  readonly bits: number;
  /** What else must be so. */
  isIt?(cut: Cut, start: string): boolean;
}

/** What many text protocols say. */
const COMMON = /^(OK|ERROR|VERSION|version|quit|RESET|\d+)$/;

const MEMCACHED =
  /^(get|gets|gat|gats|set|add|replace|append|prepend|cas|delete|incr|decr|touch|stats|version|verbosity|flush_all|quit|mg|ms|md|ma|mn|me|STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|OK|END|VALUE|STAT|ERROR|CLIENT_ERROR|SERVER_ERROR|VERSION|HD|VA|EN|NF|NS|EX|MN|RESET|\d+)$/;

const signatures: readonly Signature[] = [
  {
    preset: "resp",
    name: "Redis (RESP)",
    begins: /^([*$]-?\d+|:[+-]?\d+|[+-][^\r\n]*|[#_,%~>!=(|][^\r\n]*)\r\n/,
    bits: 14,
    // POP3 and others begin their answers with + and -, too.
    isIt: ({ values }) =>
      (values as readonly RespValue[]).some(({ type }) =>
        type !== "string" && type !== "error"
      ),
  },
  {
    preset: "nats",
    name: "NATS",
    begins:
      /^(INFO |CONNECT \{|H?PUB |SUB |UNSUB |H?MSG |PING\r|PONG\r|\+OK\r|-ERR ')/i,
    bits: 16,
  },
  {
    preset: "stomp",
    name: "STOMP",
    begins:
      /^(CONNECT|STOMP|CONNECTED|SEND|SUBSCRIBE|UNSUBSCRIBE|MESSAGE|RECEIPT|ERROR|ACK|NACK|BEGIN|COMMIT|ABORT|DISCONNECT)\r?\n[^\0]*\n\r?\n/,
    bits: 30,
  },
  {
    preset: "memcached",
    name: "memcached",
    begins: /^[A-Za-z_\d]+( [^\r\n]*)?\r\n/,
    bits: 16,
    isIt: ({ values }, start) =>
      !/^\d/.test(start) &&
      (values as readonly MemcachedMessage[]).some(({ name }) =>
        !COMMON.test(name)
      ) &&
      (values as readonly MemcachedMessage[]).every(({ name }) =>
        MEMCACHED.test(name)
      ),
  },
  {
    preset: "syslogOctetCounting",
    name: "syslog with octet counting",
    begins: /^[1-9]\d{0,5} </,
    bits: 20,
  },
  {
    preset: "jsonSeq",
    name: "a JSON text sequence (RFC 7464)",
    beginsHex: /^1e /,
    bits: 16,
    // A line feed ends each text. Without, the byte 1e is only a delimiter.
    isIt: (_cut, start) => start.includes("\n\x1e"),
  },
  {
    preset: "nmea",
    name: "NMEA 0183",
    begins: /^[$!][A-Z]{2,}[^\r\n]*\*[\dA-Fa-f]{2}\r?\n/,
    bits: 20,
  },
  {
    preset: "p1",
    name: "the P1 port of a smart meter",
    begins: /^\/[^\n]*\n/,
    bits: 40,
  },
  {
    preset: "hl7Mllp",
    name: "HL7 over MLLP",
    beginsHex: /^0b 4d 53 48 7c/,
    bits: 40,
  },
  {
    preset: "awsEventStream",
    name: "an AWS event stream",
    beginsHex: /^00 /,
    bits: 64,
  },
  {
    preset: "dlmsHdlc",
    name: "DLMS over HDLC",
    beginsHex: /^(7e )+a[0-7] /,
    bits: 24,
  },
  {
    preset: "gitPktLine",
    name: "Git's pkt-line",
    begins:
      /^00[\da-f]{2}(git-|# service|want |have |[\da-f]{40}|version |command=|ACK |NAK|unpack |ok |ERR )/,
    bits: 14,
  },
  {
    preset: "mqtt",
    name: "MQTT",
    beginsHex: /^(10 (.. ){1,4}00 0[46] 4d 51|20 02 0[01] |20 [0-7]. 0[01] )/,
    bits: 14,
    isIt: ({ values }) => (values as readonly Uint8Array[]).every(isMqtt),
  },
];

/** The candidates that are protocols, each decoded as a whole. */
export function presetCandidates(observed: Observed): Candidate[] {
  const { streams } = observed;
  const starts = streams.map(({ bytes }) => ({
    text: String.fromCharCode(...bytes.subarray(0, 4_096)),
    hex: hexOf(bytes.subarray(0, 32)),
  }));
  return signatures.flatMap(
    ({ preset, name, begins, beginsHex, bits, isIt }) => {
      const isBegun = starts.some(({ text, hex }) =>
        begins?.test(text) ?? beginsHex?.test(hex)
      );
      if (!isBegun) return [];
      const expression = `preset:${preset}`;
      const cut = cutAll(parseFormat(expression), streams);
      if (cut === undefined || cut.frames === 0) return [];
      if (isIt?.(cut, starts[0]!.text) === false) return [];
      return [{
        expression,
        bits: 60 + (20 + bits) * cut.frames,
        evidence: [`All bytes are ${name}: ${cut.frames} messages`],
        isSure: true,
      }];
    },
  );
}

/** Whether the flags of a packet are those of its type. */
function isMqtt([first = 0, length = 0]: Uint8Array): boolean {
  const flags = first & 15;
  switch (first >> 4) {
    case 3:
      return (flags & 6) !== 6;
    case 6:
    case 8:
    case 10:
      return flags === 2 && length >= 2;
    case 12:
    case 13:
      return flags === 0 && length === 0;
    default:
      return flags === 0;
  }
}
