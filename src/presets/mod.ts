/**
 * Ready codecs for known peers and protocols, by their names.
 *
 * @module
 */
export { dlmsHdlc, type DlmsHdlcFrame } from "./flags.ts";
export * from "./aws_event_stream.ts";
export * from "./binary.ts";
export * from "./git_pkt_line.ts";
export * from "./gob.ts";
export * from "./json_lines.ts";
export * from "./json_seq.ts";
export * from "./memcached.ts";
export * from "./nats.ts";
export * from "./platforms.ts";
export * from "./protocols.ts";
export * from "./several.ts";
export * from "./resp.ts";
export type { RespPairs, RespValue } from "./resp_values.ts";
export * from "./stomp.ts";
export type { StompCommand, StompFrame } from "./stomp_frames.ts";
export * from "./syslog.ts";
export * from "./telegrams.ts";
export * from "./text_protocols.ts";
export * from "./tutorials.ts";
export type * from "./types.ts";
