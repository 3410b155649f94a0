import {
  choice,
  count,
  duration,
  file,
  type Flag,
  size,
  text,
  texts,
  toggle,
} from "./flag_kinds.ts";
import { type Notation, notations } from "./notations.ts";

/** All flags, by their names in code: `--in-flight` is `inFlight`. */
export interface Flags {
  readonly frame?: string;
  readonly max?: number;
  readonly allowCode?: boolean;
  readonly in?: Notation;
  readonly out?: Notation;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly pin?: string;
  readonly clientCa?: string;
  readonly timeout?: number;
  readonly echo?: boolean;
  readonly reply?: string;
  readonly broadcast?: boolean;
  readonly exec?: readonly string[];
  readonly origin?: readonly string[];
  readonly once?: boolean;
  readonly expect?: string;
  readonly skipBad?: boolean;
  readonly limit?: number;
  readonly fault?: string;
  readonly seed?: number;
  readonly bandwidth?: number;
  readonly record?: string;
  readonly quiet?: boolean;
  readonly as?: "client" | "server";
  readonly timing?: "recorded" | "immediate";
  readonly speed?: number;
  readonly compare?: boolean;
  readonly connection?: number;
  readonly connections?: number;
  readonly size?: number;
  readonly inFlight?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly warmUp?: number;
  readonly name?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly hdr?: boolean;
  readonly svg?: string;
  readonly vectors?: readonly string[];
  readonly decoder?: boolean;
  readonly color?: "auto" | "always" | "never";
  readonly help?: boolean;
}

/** What each flag is: parsing, help, completions and the manual come from here. */
export const flags: {
  readonly [Name in keyof Flags]-?: Flag<Required<Flags>[Name]>;
} = {
  frame: text(
    "EXPRESSION",
    "the frame format, such as 'length(4) | json' or preset:lsp; with --allow-code a file",
    { short: "f" },
  ),
  max: size("the longest frame in bytes (default 1MiB)"),
  allowCode: toggle(
    "allow --frame to name a .ts or .js file whose default export is a codec",
  ),
  in: choice(notations, "how frames are written that are sent", { short: "i" }),
  out: choice(notations, "how frames are written that arrive", { short: "o" }),
  ca: file("certificates of the authorities that are trusted (PEM)"),
  cert: file("certificate of this side (PEM)"),
  key: file("private key of --cert (PEM)"),
  serverName: text("NAME", "the name that the server's certificate must have"),
  pin: text(
    "SHA256",
    "the SHA-256 digest that the server's certificate must have, trusted as it is",
  ),
  clientCa: file("require certificates of clients, issued by these (PEM)"),
  timeout: duration("how long to wait (default 10s, for conform 2s)"),
  echo: toggle("send each frame back"),
  reply: text("FRAME", "answer each frame with this one"),
  broadcast: toggle("send each frame to all other connections"),
  exec: texts(
    "NAME=PROGRAM",
    "run PROGRAM when a frame says NAME, and answer with what it prints; repeatable",
  ),
  origin: texts(
    "ORIGIN",
    "let pages of this origin connect, such as https://example.org; null for files, '*' for all; repeatable",
  ),
  once: toggle("serve one connection and exit"),
  expect: text("FRAME", "exit with 1 if the reply is another one"),
  skipBad: toggle("pass over bytes that are no frame and go on behind them"),
  limit: count("stop after this many frames", 1, { short: "n" }),
  fault: text(
    "LIST",
    "faults to make, such as drop=1%,delay=50ms..200ms,cut=1..3",
  ),
  seed: count(
    "the seed of what is random; the same seed, the same faults, cuts and cases",
    0,
  ),
  bandwidth: size("how many bytes a second pass, each way", { name: "rate" }),
  record: file("write all frames there, as JSON Lines"),
  quiet: toggle("show no frames", { short: "q" }),
  as: choice(["client", "server"], "which side of the recording to play"),
  timing: choice(
    ["recorded", "immediate"],
    "when frames are sent (default immediate)",
  ),
  speed: count("play so many times faster than recorded", 1),
  compare: toggle("print what differs from the recording, and exit with 1", {
    name: "expect",
  }),
  connection: count("play only this connection of the recording", 1),
  connections: count("how many connections (default 10)", 1, { short: "c" }),
  size: size("how many bytes a request has (default 64)"),
  inFlight: count("requests in flight on each connection (default 1)", 1),
  rate: count(
    "requests a second in all, due at fixed times (default as fast as it goes)",
    1,
    { short: "r" },
  ),
  duration: duration("how long it takes (default 10s, for guess 5s)"),
  warmUp: duration("how long to run before counting (default 1s)"),
  name: text("NAME", "what the code is called, in PascalCase (default Frames)"),
  json: toggle("print JSON"),
  csv: toggle("print comma-separated values"),
  hdr: toggle("print the percentile distribution of HdrHistogram"),
  svg: file("write a picture of the percentiles there"),
  vectors: texts(
    "FILE",
    "test vectors to use in place of those that come with the command; repeatable",
  ),
  decoder: toggle(
    "exec:PROGRAM answers in the line protocol of docs/vectors.md",
  ),
  color: choice(
    ["auto", "always", "never"],
    "colours (default auto: on a terminal, without NO_COLOR)",
  ),
  help: toggle("print help", { short: "h" }),
};

/** Flags that every verb has. */
export const COMMON: readonly (keyof Flags)[] = ["color", "help"];

/**
 * The name of a flag on the command line. No verb has two flags of one name, but
 * `--rate` of one verb can be another than that of the next.
 */
export function flagName(name: keyof Flags): string {
  return flags[name].name ??
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
