import { checkCount } from "../codec/bytes/limits.ts";
import { type Secret, secretBytes } from "./authentication.ts";
import {
  CommandRunner,
  type CommandServerOptions,
  isLocal,
} from "./command_runner.ts";
import { type CommandServer, serveSessions } from "./command_server.ts";
import { CommandSession } from "./command_session.ts";
import { handshakeWire } from "./wire.ts";

/** Options of {@linkcode serveCommands}. */
export interface ServeCommandsOptions extends CommandServerOptions {
  /**
   * What clients must know, at least 16 bytes; it is never sent. Required to
   * listen on anything but the loopback interface, a Unix socket or a memory
   * network.
   *
   * It says who may run commands. It hides nothing and does not guard what is
   * sent after: on a network that others can read or change, put the connection
   * into a tunnel.
   */
  secret?: Secret;
  /**
   * How long a client may take to show that it knows the secret, in
   * milliseconds.
   *
   * @default {5_000}
   */
  handshakeTimeoutMs?: number;
  /**
   * How long a client may stay without a run, in milliseconds.
   *
   * @default {300_000}
   */
  idleTimeoutMs?: number;
}

/**
 * Serves commands: programs that are registered here, which clients run by name.
 * Whatever a client sends, nothing else is run, and no shell reads it.
 *
 * Output goes out as it appears, standard output and error apart. A client that
 * does not take it holds up the program, and nothing is piled up. When the
 * client cancels, is gone, or the time is over, the whole process group ends;
 * what a program leaves behind in its group when it ends, too. A process that
 * makes itself a session of its own (`setsid`) is beyond that. Needs a system
 * with process groups: not Windows.
 *
 * All runs end with this program when it exits or fails. A signal such as
 * `SIGTERM` or `SIGINT` ends it without a word, and the runs, which are no part of
 * its process group, would live on: listen to those and call `close`, or abort
 * `signal`. Nothing helps against `SIGKILL`.
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
 * secret, or a command is not well declared.
 */
export async function serveCommands(
  options: ServeCommandsOptions,
): Promise<CommandServer> {
  const { address, secret, signal } = options;
  const { handshakeTimeoutMs = 5_000, idleTimeoutMs = 300_000 } = options;
  if (secret === undefined && !isLocal(address)) {
    throw new TypeError(
      "Cannot serve commands to other machines without a secret",
    );
  }
  checkCount("handshakeTimeoutMs", handshakeTimeoutMs, 1, 2 ** 31 - 1);
  checkCount("idleTimeoutMs", idleTimeoutMs, 1, 2 ** 31 - 1);
  signal?.throwIfAborted();
  const runner = new CommandRunner(options);
  const settings = {
    secret: secret === undefined ? undefined : secretBytes(secret),
    handshakeTimeoutMs,
    idleTimeoutMs,
  };
  return await serveSessions(
    options,
    runner,
    handshakeWire,
    (connection, caller) =>
      new CommandSession(connection, runner, settings, caller),
  );
}
