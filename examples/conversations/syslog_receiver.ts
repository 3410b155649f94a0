/** A receiver of syslog over TCP (RFC 6587), which reads messages of RFC 5424. */

import { type AddressLike, serve, type Server, text } from "../../mod.ts";
import { syslogAny } from "../../src/presets/mod.ts";

/** A message; what its sender does not tell is `undefined`. */
export interface SyslogMessage {
  /** What it is about: 0 is the kernel, 16 to 23 are for local use. */
  readonly facility: number;
  /** From 0, an emergency, to 7, for debugging. */
  readonly severity: number;
  readonly timestamp?: string | undefined;
  readonly hostname?: string | undefined;
  readonly app?: string | undefined;
  readonly process?: string | undefined;
  readonly kind?: string | undefined;
  /** The structured data, as it came. */
  readonly data?: string | undefined;
  readonly text: string;
}

// An element of structured data has values in quotes, where `]` is written `\]`.
const element = String.raw`\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\]`;
const parts = String.raw`(\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:${element})+)`;
const format = new RegExp(`^<\\d{1,3}>1 ${parts}(?: \ufeff?(.*?))?\n?$`, "s");

/**
 * Parses a message, without the line feed that rsyslog puts at its end. In any other
 * format, such as that of RFC 3164, all behind the priority is the text; without a
 * priority, it is 13 (RFC 3164, section 4.3.3).
 */
export function parseSyslog(message: string): SyslogMessage {
  const [, priority, body] = /^<(\d{1,3})>(.*?)\n?$/s.exec(message) ?? [];
  const number = Number(priority ?? 13);
  const rank = { facility: number >> 3, severity: number & 7 };
  const [header, ...fields] = format.exec(message) ?? [];
  if (header === undefined) return { ...rank, text: body ?? message };
  const [timestamp, hostname, app, process, kind, data] = fields
    .map((field) => field === "-" ? undefined : field);
  const said = { timestamp, hostname, app, process, kind, data };
  return { ...rank, ...said, text: fields[6] ?? "" };
}

/** Receives the messages of any number of senders, those of each in their order. */
export function syslogReceiver(
  address: AddressLike,
  take: (message: SyslogMessage) => Promise<void> | void,
): Promise<Server<string>> {
  return serve(
    { address, codec: text(syslogAny()) },
    (connection) => connection.forEach((message) => take(parseSyslog(message))),
  );
}
