import {
  checkCount,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import {
  COMMAND_HANDSHAKE_TIMEOUT_MS,
  COMMAND_IDLE_TIMEOUT_MS,
  COMMAND_MAX_CONNECTIONS,
} from "../defaults.ts";
import { type Secret, secretBytes } from "./authentication.ts";
import {
  CommandRunner,
  type CommandServerOptions,
  isLocal,
} from "./command_runner.ts";
import { type CommandServer, serveSessions } from "./command_server.ts";

/** Options of {@linkcode serveCommands}. */
export interface ServeCommandsOptions extends CommandServerOptions {
  /**
   * The secret that clients must know, at least 16 bytes. It is never sent. It is
   * required to listen on anything but the loopback interface, a Unix socket or a
   * memory network, and behind a proxy (`proxyProtocol`).
   *
   * It authenticates clients. It neither encrypts nor authenticates what is sent
   * afterwards: on an untrusted network, put the connection into a tunnel.
   */
  secret?: Secret;
  /**
   * The most connections at a time that have not authenticated, where there is a
   * secret. `maxConnections` does not count those. When another one comes, one of
   * them is cut, which chance decides, so that strangers cannot keep out a client
   * that knows the secret.
   *
   * @default {a tenth of maxConnections, at least 10}
   */
  maxUnauthenticated?: number;
  /**
   * How long a client may take to authenticate, and before that for the TLS handshake,
   * and a proxy for its header (`proxyProtocol`), in milliseconds; `Infinity` for no
   * limit.
   *
   * @default {5_000}
   */
  handshakeTimeoutMs?: number;
  /**
   * How long a client may stay without a run, in milliseconds; `Infinity` for no
   * limit.
   *
   * @default {300_000}
   */
  idleTimeoutMs?: number;
}

const kinds: OptionKinds<ServeCommandsOptions> = {
  address: "checked",
  commands: "object",
  secret: "checked",
  audit: "function",
  network: ["listen"],
  tls: "checked",
  reusePort: "boolean",
  proxyProtocol: "checked",
  signal: "signal",
  onError: "function",
  observe: "function",
  maxRuns: "checked",
  maxConnections: "checked",
  maxUnauthenticated: "checked",
  handshakeTimeoutMs: "checked",
  idleTimeoutMs: "checked",
  writeTimeoutMs: "checked",
  killGraceMs: "checked",
};

/**
 * Serves commands: programs that are registered here, which clients run by name.
 * Whatever a client sends, nothing else is run, and no shell reads it.
 *
 * Output goes out as it appears, standard output and error apart. A slow client
 * exerts backpressure on the program; the server buffers at most 256 KiB a run.
 * When the client cancels or is gone, or the time is over, the whole process group
 * is ended. When a program ends, so are the processes it leaves behind in its
 * group. A process that makes itself a session of its own (`setsid`) escapes that.
 * It needs a system with process groups: not Windows.
 *
 * All runs end with this program when it exits or fails. A signal such as
 * `SIGTERM` or `SIGINT` ends this program at once, and the runs, which are not in
 * its process group, would live on: handle those signals and call `close`, or
 * abort `signal`. Runs survive a `SIGKILL` of this program.
 *
 * On Deno, a program or an argument that is the path of Deno itself is refused
 * (`START_FAILED`), since Deno would rewrite what is started.
 *
 * @example
 * ```ts
 * import {
 *   argumentList,
 *   connectCommands,
 *   serveCommands,
 * } from "@framewire/framewire/exec";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveCommands({
 *   address: { port: 0 },
 *   secret: "not this one, of course",
 *   commands: {
 *     say: { file: "/bin/echo", args: argumentList({ max: 3 }) },
 *   },
 * });
 * await using client = await connectCommands({
 *   address: server.address,
 *   secret: "not this one, of course",
 * });
 * const { stdout, exit } = await client.run("say", ["hello;", "$(id)"]).collect();
 * assertEquals(new TextDecoder().decode(stdout), "hello; $(id)\n");
 * assertEquals(exit.code, 0);
 * ```
 *
 * @param options Where, which commands, for whom, and the limits.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {CommandError} `START_FAILED` if this program may not end processes.
 * @throws {RangeError} If a limit is out of its range, or the secret is short.
 * @throws {TypeError} If others than this machine could connect and there is no
 * secret, a command is not well declared, or there is no such option.
 */
export async function serveCommands(
  options: ServeCommandsOptions,
): Promise<CommandServer> {
  checkOptions("serveCommands", options, kinds);
  const { address, secret, signal, proxyProtocol } = options;
  const {
    handshakeTimeoutMs = COMMAND_HANDSHAKE_TIMEOUT_MS,
    idleTimeoutMs = COMMAND_IDLE_TIMEOUT_MS,
  } = options;
  const { maxConnections = COMMAND_MAX_CONNECTIONS } = options;
  const {
    maxUnauthenticated = Math.max(10, Math.ceil(maxConnections / 10)),
  } = options;
  const isForOthers = !isLocal(address) || proxyProtocol !== undefined;
  if (secret === undefined && isForOthers) {
    throw new TypeError(
      "Cannot serve commands to other machines without a secret",
    );
  }
  checkTimeLimit("handshakeTimeoutMs", handshakeTimeoutMs);
  checkTimeLimit("idleTimeoutMs", idleTimeoutMs);
  checkCount("maxConnections", maxConnections, 1);
  checkCount("maxUnauthenticated", maxUnauthenticated, 1);
  signal?.throwIfAborted();
  const runner = new CommandRunner(options);
  return await serveSessions(options, runner, {
    secret: secret === undefined ? undefined : secretBytes(secret),
    handshakeTimeoutMs,
    idleTimeoutMs,
    maxConnections,
    maxUnauthenticated,
  });
}
