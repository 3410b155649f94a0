import { checkOptions, type OptionKinds, pickOptions } from "../checks.ts";
import { CONNECT_TIMEOUT_MS } from "../defaults.ts";
import { framed, type FramedConnection } from "../framed/framed_connection.ts";
import type { AddressLike } from "../net/address.ts";
import { connect } from "../net/connect.ts";
import { NetError } from "../net/errors.ts";
import { connectKinds } from "../net/option_kinds.ts";
import { after } from "../net/timer.ts";
import type { ConnectOptions, Network } from "../net/types.ts";
import {
  isProof,
  makeNonce,
  makeProof,
  type Secret,
  secretBytes,
} from "./authentication.ts";
import {
  type CommandClient,
  ConnectedClient,
  lost,
  refusalOf,
} from "./command_client.ts";
import { CommandError } from "./errors.ts";
import {
  broken,
  type Control,
  handshakeWire,
  isControl,
  PROTOCOL,
  textOf,
  wire,
  type WireFrame,
} from "./wire.ts";

/** Options of {@linkcode connectCommands}. */
export interface ConnectCommandsOptions extends ConnectOptions {
  /** Where to connect to. */
  address: AddressLike;
  /**
   * The secret that the server must know, too. It is never sent. A server that
   * does not prove that it knows it is refused.
   */
  secret?: Secret;
  /**
   * What to connect with: a memory network, for tests. By default, the sockets
   * of the runtime.
   */
  network?: Pick<Network, "connect">;
}

const kinds: OptionKinds<ConnectCommandsOptions> = {
  address: "checked",
  secret: "checked",
  network: ["connect"],
  ...connectKinds,
};

/**
 * Connects to a server of commands.
 *
 * @example
 * ```ts
 * import { connectCommands, serveCommands } from "@framewire/framewire/exec";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveCommands({
 *   address: { port: 0 },
 *   commands: { copy: { file: "/bin/cat", input: true } },
 * });
 * await using client = await connectCommands({ address: server.address });
 * const run = client.run("copy", [], { input: "hello" });
 * for await (const { stream, data } of run) {
 *   assertEquals(stream, "stdout");
 *   assertEquals(new TextDecoder().decode(data), "hello");
 * }
 * assertEquals((await run.exit).code, 0);
 * ```
 *
 * @param options Where to, the secret, and how long it may take.
 * @returns The client.
 * @throws {CommandError} If the server, or this client, does not know the secret.
 * @throws {NetError} If nobody listens there, or the time limit has passed.
 * @throws {TypeError} If the address or the secret is none, or there is no such
 * option.
 * @throws {RangeError} If `timeoutMs` is not more than 0, or the secret is short.
 */
export async function connectCommands(
  options: ConnectCommandsOptions,
): Promise<CommandClient> {
  checkOptions("connectCommands", options, kinds);
  const { address, secret, network = { connect } } = options;
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const bytes = secret === undefined ? undefined : secretBytes(secret);
  const connection = framed(
    await network.connect(
      address,
      pickOptions<ConnectOptions>(options, connectKinds),
    ),
    handshakeWire,
  );
  const onAbort = () => connection.abort(signal?.reason);
  const callOff = after(timeoutMs, () => {
    const error = new NetError(
      "TIMED_OUT",
      `Cannot connect: the server did not greet in ${timeoutMs} ms (timeoutMs)`,
      { limit: "timeoutMs" },
    );
    connection.abort(error);
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    await handshake(connection, bytes);
    return new ConnectedClient(connection.switchCodec(wire));
  } catch (error) {
    connection.abort(error);
    throw error;
  } finally {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  }
}

async function handshake(
  connection: FramedConnection<WireFrame>,
  secret: Uint8Array | undefined,
): Promise<void> {
  const hello = await receiveControl(connection, "hello");
  if (textOf(hello, "protocol") !== PROTOCOL) {
    throw broken("it speaks another one");
  }
  const asks = textOf(hello, "authentication") === "hmac-sha-256";
  if (secret === undefined) {
    if (!asks) return;
    throw new CommandError(
      "AUTHENTICATION_REQUIRED",
      "Cannot connect: the server asks for a secret",
    );
  }
  if (!asks) {
    throw new CommandError(
      "AUTHENTICATION_REQUIRED",
      "Cannot connect: the server does not ask for the secret, and so cannot show that it knows it",
    );
  }
  const serverNonce = textOf(hello, "nonce");
  const nonce = makeNonce();
  await connection.send({
    type: "authenticate",
    nonce,
    proof: makeProof(secret, "client", serverNonce, nonce),
  });
  const welcome = await receiveControl(connection, "welcome");
  const expected = makeProof(secret, "server", serverNonce, nonce);
  if (isProof(textOf(welcome, "proof"), expected)) return;
  throw new CommandError(
    "AUTHENTICATION_FAILED",
    "Cannot connect: the server does not know the secret",
  );
}

async function receiveControl(
  connection: FramedConnection<WireFrame>,
  type: string,
): Promise<Control> {
  const frame = await connection.receive();
  if (frame === undefined) throw lost();
  if (isControl(frame)) {
    if (frame.type === type) return frame;
    if (frame.type === "refused") throw refusalOf(frame);
  }
  throw broken(`it sends something else than ${type}`);
}
