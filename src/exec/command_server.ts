import type { Address } from "../net/address.ts";
import { deferred } from "../net/deferred.ts";
import type { ServerCertificates } from "../net/tls_types.ts";
import { after } from "../net/timer.ts";
import { serveProtocol } from "../server/serve.ts";
import type { ServerStats } from "../server/stats.ts";
import type { Server, ServerLifecycle, ServerState } from "../server/types.ts";
import { Admission, type AdmissionLimits } from "./admission.ts";
import type { CommandRunner, CommandServerOptions } from "./command_runner.ts";
import { CommandSession } from "./command_session.ts";
import { CommandError } from "./errors.ts";
import { handshakeWire, type WireFrame } from "./wire.ts";

/** A server of commands that is listening. */
export interface CommandServer extends ServerLifecycle, AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** Settles when the server, its connections and all runs have ended. */
  readonly closed: Promise<void>;
  /**
   * What the connections of the server have done so far, as plain data: see
   * {@linkcode ServerStats}. Clients whose connection was ended with a
   * {@linkcode CommandError} are counted as refused, by its code; those above
   * `maxConnections` by that name. The `audit` hook is told of runs.
   */
  stats(): ServerStats;
  /**
   * Takes other certificates for the connections to come; see
   * `Listener.setCertificate`.
   *
   * @throws {TypeError} If they cannot be used, or the server has no TLS.
   */
  setCertificate(certificates: ServerCertificates): void;
  /**
   * Stops accepting connections, ends all runs, tells their clients, and closes.
   * No process of a run is left afterwards. Can be called again at any time.
   */
  close(): Promise<void>;
}

/** The settings that all connections of a server share. */
export interface SessionSettings extends AdmissionLimits {
  readonly secret: Uint8Array | undefined;
  readonly handshakeTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** Serves the connections of clients, whose runs end with them. */
export async function serveSessions(
  options: CommandServerOptions,
  runner: CommandRunner,
  settings: SessionSettings,
): Promise<CommandServer> {
  const {
    address,
    signal,
    network,
    onError,
    writeTimeoutMs,
    tls,
    reusePort,
    proxyProtocol,
    observe,
  } = options;
  const { secret, maxConnections, handshakeTimeoutMs } = settings;
  const admission = secret === undefined ? undefined : new Admission(settings);
  const sessions = new Set<CommandSession>();
  let count = 0;
  const server = await serveProtocol<WireFrame, WireFrame>({
    address,
    codec: handshakeWire,
    // With a secret, `admission` counts them.
    maxConnections: admission === undefined
      ? maxConnections
      : Number.MAX_SAFE_INTEGER,
    ...(writeTimeoutMs !== undefined && { writeTimeoutMs }),
    // A client that waits for output sends nothing. The session has a timer for
    // clients without a run.
    idleTimeoutMs: Infinity,
    handshakeTimeoutMs,
    ...(tls && { tls }),
    ...(proxyProtocol && { proxyProtocol }),
    ...(reusePort !== undefined && { reusePort }),
    ...(network && { network }),
    ...(onError && { onError }),
    ...(observe && { observe }),
  }, async (connection) => {
    const session = new CommandSession(connection, runner, {
      ...settings,
      admit: () => admission?.admit(connection),
    }, {
      address: connection.remoteAddress,
      connection: ++count,
      authenticated: false,
    });
    sessions.add(session);
    admission?.arrive(connection);
    try {
      await session.run();
    } finally {
      sessions.delete(session);
    }
  }, { refusal });
  return new RunningCommandServer(server, runner, signal, () => {
    for (const session of sessions) session.close();
  });
}

/** The reason of a refusal, which is the client's doing. */
function refusal(error: unknown): string | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const { code } = error;
  return code === "TOO_MANY_CONNECTIONS" ? "maxConnections" : code;
}

/** How much longer than the processes connections may take to end. */
const CLOSE_GRACE_MS = 2_000;

type ListeningServer = Pick<
  Server<never, unknown>,
  keyof ServerLifecycle | "address" | "close" | "setCertificate" | "stats"
>;

/** A server whose connections have processes that must end with it. */
class RunningCommandServer implements CommandServer {
  readonly address: Address;
  readonly closed: Promise<void>;
  readonly drained: Promise<void>;
  readonly #server: ListeningServer;
  readonly #close: () => Promise<void>;
  #isClosed = false;

  constructor(
    server: ListeningServer,
    runner: CommandRunner,
    signal: AbortSignal | undefined,
    closeSessions: () => void,
  ) {
    this.address = server.address;
    this.#server = server;
    // A connection may end before its runs do. A process that cannot be ended from
    // here, such as one of another user, is not waited for.
    this.closed = server.closed.then(async () => {
      const grace = deferred<void>();
      const callOff = after(
        runner.killGraceMs + CLOSE_GRACE_MS,
        grace.resolve,
      );
      await Promise.race([runner.ended(), grace.promise]);
      callOff();
    });
    this.drained = server.drained.then(() => runner.ended());
    void this.closed.then(() => this.#isClosed = true);
    this.#close = async () => {
      closeSessions();
      await server.close({ graceMs: runner.killGraceMs + CLOSE_GRACE_MS });
      await this.closed;
    };
    const onAbort = () => void this.close();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    void this.closed.then(() => signal?.removeEventListener("abort", onAbort));
  }

  get state(): ServerState {
    if (this.#isClosed) return "closed";
    // The connections may have ended before the runs.
    return this.#server.state === "open" ? "open" : "closing";
  }

  stats(): ServerStats {
    return this.#server.stats();
  }

  setCertificate(certificates: ServerCertificates): void {
    this.#server.setCertificate(certificates);
  }

  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
