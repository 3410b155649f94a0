import { readFile } from "node:fs/promises";
import type { Codec } from "../codec/types.ts";
import { childProcess } from "../net/adapters/child_process.ts";
import { stdio } from "../net/adapters/stdio.ts";
import { connect } from "../net/connect.ts";
import { TransportConnection } from "../net/connection.ts";
import { listen } from "../net/listen.ts";
import { parseAddress } from "../net/parse_address.ts";
import type { ClientTls, ServerTls } from "../net/tls_types.ts";
import type { Connection, Listener, ListenOptions } from "../net/types.ts";
import type { Address, UdpAddress } from "../net/address.ts";
import { UsageError } from "./errors.ts";
import { cannotRead } from "./file_errors.ts";
import { flagName, type Flags } from "./flags.ts";
import { webSocketOf } from "./formats.ts";
import type { Program } from "./program.ts";

/** What an address names. */
export type Place =
  | { readonly kind: "stdio" }
  | { readonly kind: "exec"; readonly program: readonly [string, ...string[]] }
  | { readonly kind: "udp"; readonly address: UdpAddress }
  | { readonly kind: "stream"; readonly address: Address };

/**
 * Reads an address: `-`, `exec:PROGRAM`, those of `parseAddress`, and `HOST:PORT` for
 * TCP.
 *
 * @throws {UsageError} If it is none.
 */
export function placeOf(text: string): Place {
  if (text === "-") return { kind: "stdio" };
  if (text.startsWith("exec:")) {
    return { kind: "exec", program: wordsOf(text.slice("exec:".length)) };
  }
  let address: Address;
  try {
    address = parseAddress(
      /^([^:/[\]]*|\[[^\]]+\]):\d+$/.test(text) ? `tcp://${text}` : text,
    );
  } catch (cause) {
    throw new UsageError(
      `Cannot read the address: expected tcp://, tls://, ws://, wss:// or udp:// with HOST:PORT, unix:PATH, exec:PROGRAM or -, got ${
        JSON.stringify(text)
      }`,
      { cause },
    );
  }
  return address.transport === "udp"
    ? { kind: "udp", address }
    : { kind: "stream", address };
}

/** Whether a text is an address rather than the name of a file. */
export function isAddress(text: string): boolean {
  return /^(tcp|tls|wss?|udp):\/\/|^(unix|exec):/.test(text);
}

/** Connects to an address that is a byte stream, for frames of a codec. */
export async function connectTo(
  text: string,
  { flags, signal }: Pick<Program, "flags" | "signal">,
  codec?: Codec<unknown>,
): Promise<Connection> {
  const place = placeOf(text);
  switch (place.kind) {
    case "stdio":
      return new TransportConnection(stdio());
    case "exec": {
      const [file, ...args] = place.program;
      return new TransportConnection(await childProcess(file, args));
    }
    case "udp":
      throw new UsageError(
        `Cannot use ${text} here: expected an address of a byte stream`,
      );
    case "stream": {
      const tls = hasTls(place.address) ? await clientTls(flags) : undefined;
      const { timeout } = flags;
      return await connect(place.address, {
        signal,
        ...(tls !== undefined && { tls }),
        ...(isWebSocket(place.address) && {
          webSocket: webSocketOf(codec, flags),
        }),
        ...(timeout !== undefined && { timeoutMs: timeout }),
      });
    }
  }
}

/** Listens at an address. Without a host name, that is the loopback interface only. */
export async function listenOn(
  text: string,
  { flags, signal }: Pick<Program, "flags" | "signal">,
  codec?: Codec<unknown>,
  onError?: (error: unknown) => void,
): Promise<Listener> {
  const { address, ...options } = await listenOptions(text, flags, codec);
  return await listen(address, {
    signal,
    ...options,
    ...(onError !== undefined && { onError }),
  });
}

/** The options of `listen` and `serve` that are those of the address. */
export async function listenOptions(
  text: string,
  flags: Flags,
  codec?: Codec<unknown>,
): Promise<
  Pick<ListenOptions, "tls" | "webSocket"> & { readonly address: Address }
> {
  const place = placeOf(text);
  if (place.kind !== "stream") {
    throw new UsageError(
      `Cannot listen on ${text}: expected the address of a socket of byte streams`,
    );
  }
  const { address } = place;
  if (flags.origin !== undefined && !isWebSocket(address)) {
    throw new UsageError(
      "Cannot use --origin: expected an address of WebSockets, ws:// or wss://",
    );
  }
  const tls = hasTls(address) ? await serverTls(flags) : undefined;
  return {
    address,
    ...(tls !== undefined && { tls }),
    ...(isWebSocket(address) && {
      webSocket: {
        ...webSocketOf(codec, flags),
        ...(flags.origin !== undefined && { origins: flags.origin }),
      },
    }),
  };
}

const TLS_FLAGS = [
  "ca",
  "cert",
  "key",
  "serverName",
  "pin",
  "clientCa",
] as const;

/**
 * Refuses flags of TLS where no address has it: what was to be protected would not be.
 *
 * @throws {UsageError} If there is such a flag.
 */
export function checkTlsFlags({ flags, operands }: Program): void {
  const name = TLS_FLAGS.find((name) => flags[name] !== undefined);
  if (name === undefined || operands.some((one) => /^(tls|wss):/.test(one))) {
    return;
  }
  throw new UsageError(
    `Cannot use --${
      flagName(name)
    }: expected an address with TLS, tls:// or wss://`,
  );
}

function isWebSocket({ transport }: Address): boolean {
  return transport === "ws" || transport === "wss";
}

function hasTls({ transport }: Address): boolean {
  return transport === "tls" || transport === "wss";
}

async function clientTls(flags: Flags): Promise<ClientTls> {
  const { ca, cert, key, serverName, pin } = flags;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      "Cannot show a certificate: expected --cert and --key, the certificate of this side and its private key",
    );
  }
  return {
    ...(ca !== undefined && { ca: await pemOf(ca) }),
    ...(cert !== undefined && { cert: await pemOf(cert) }),
    ...(key !== undefined && { key: await pemOf(key) }),
    ...(serverName !== undefined && { serverName }),
    ...(pin !== undefined && { pinned: [pin] }),
  };
}

async function serverTls(flags: Flags): Promise<ServerTls> {
  const { cert, key, clientCa } = flags;
  if (cert === undefined || key === undefined) {
    throw new UsageError(
      "Cannot listen with TLS: expected --cert and --key, the certificate of this side and its private key",
    );
  }
  return {
    cert: await pemOf(cert),
    key: await pemOf(key),
    ...(clientCa !== undefined && {
      clientCa: await pemOf(clientCa),
      clientCertificate: "required" as const,
    }),
  };
}

async function pemOf(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

/** The words of a command, which can stand in quotes. No shell has a part in it. */
export function wordsOf(command: string): readonly [string, ...string[]] {
  const words = [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)]
    .map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  const [program, ...args] = words;
  if (program === undefined) {
    throw new UsageError("Cannot start a program: expected exec:PROGRAM");
  }
  return [program, ...args];
}
