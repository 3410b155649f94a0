/** Operands and flags that several verbs have. */

import type { Flags } from "../flags.ts";
import type { Operand } from "../verb_row.ts";

/** Whom to connect to. */
export const address: Operand = {
  name: "ADDRESS",
  help: "tcp://HOST:PORT, tls://, ws://, wss://, unix:PATH, exec:PROGRAM or -",
};
/** Where to listen. */
export const listenAddress: Operand = {
  name: "LISTEN",
  help: "where to listen, such as tcp://:2000, which is loopback only",
};
/** Where bytes come from. */
export const inputFile: Operand = {
  name: "FILE",
  help:
    "a file, a capture (pcap, pcapng), a recording, or - for standard input",
  optional: true,
  offers: "files",
};
/** The flags that choose a format. */
export const format: readonly (keyof Flags)[] = ["frame", "max", "allowCode"];
/** The flags of TLS of a client. */
export const clientTls: readonly (keyof Flags)[] = [
  "ca",
  "cert",
  "key",
  "serverName",
  "pin",
];
/** The flags of TLS of a server. */
export const serverTls: readonly (keyof Flags)[] = ["cert", "key", "clientCa"];
