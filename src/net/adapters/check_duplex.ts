import { hasMethods, isObject, wrongType } from "../../checks.ts";
import type { ByteDuplex } from "./streams.ts";

/** Whether something is a pair of Web Streams of bytes, and nothing else. */
export function isByteDuplex(duplex: unknown): duplex is ByteDuplex {
  return isObject(duplex) && !isFramed(duplex) && !isDenoConnection(duplex) &&
    hasMethods(duplex.readable, ["getReader"]) &&
    hasMethods(duplex.writable, ["getWriter"]);
}

/** The error of what frames cannot be put on. It says what to write instead. */
export function notBytes(duplex: unknown): TypeError {
  return wrongType(
    "the byte stream",
    "a connection, a transport, or { readable, writable } of Web Streams",
    duplex,
    insteadOf(duplex),
  );
}

function insteadOf(duplex: unknown): string | undefined {
  if (typeof duplex === "string") {
    return "use createClient({ address, codec })";
  }
  if (hasMethods(duplex, ["on", "pipe"])) {
    return "write framed(nodeDuplex(stream), codec), from @framewire/framewire/net/node";
  }
  if (hasMethods(duplex, ["addEventListener", "send"])) {
    return "give { readable, writable } of its messages, see docs/transports.md";
  }
  if (hasMethods(duplex, ["getReader"])) {
    return "use readable.pipeThrough(new FrameDecoderStream(codec))";
  }
  if (hasMethods(duplex, ["write", "end"])) {
    return "use connect() or listen() in place of those of Bun";
  }
  if (!isObject(duplex)) return undefined;
  if (isFramed(duplex)) return "it has frames already: use switchCodec(codec)";
  if (isDenoConnection(duplex)) {
    return "its streams close both directions at once: use connect() or listen(), or give { readable, writable } of the Deno.Conn";
  }
  if ("opened" in duplex) return "give what its .opened resolves to";
  if (Symbol.asyncIterator in duplex) return "give one of its connections";
  return duplex.readable === null ? "open it first" : undefined;
}

function isFramed(duplex: object): boolean {
  return "switchCodec" in duplex;
}

function isDenoConnection(duplex: object): boolean {
  return "closeWrite" in duplex && "localAddr" in duplex;
}
