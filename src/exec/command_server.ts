import type { Codec } from "../codec/types.ts";
import type { FramedConnection } from "../framed/framed.ts";
import type { Address } from "../net/address.ts";
import { deferred } from "../net/deferred.ts";
import { after } from "../net/timer.ts";
import { serve } from "../server/serve.ts";
import type { Server } from "../server/types.ts";
import {
  type CommandRunner,
  type CommandServerOptions,
  reportError,
} from "./command_runner.ts";
import type { Caller } from "./types.ts";

/** A server of commands that is listening. */
export interface CommandServer extends AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** Settles when the server, its connections and all runs have ended. */
  readonly closed: Promise<void>;
  /**
   * Accepts nobody any more, ends all runs, tells their clients, and closes. No
   * process of a run is left after. Can be called again at any time.
   */
  close(): Promise<void>;
}

/** A connection on which commands come in. */
export interface Session {
  /** Serves the client until it is gone. */
  run(): Promise<void>;
  /** Ends all runs, since the server closes. */
  close(): void;
}

/** Serves connections that have processes. */
export async function serveSessions<T>(
  options: CommandServerOptions,
  runner: CommandRunner,
  codec: Codec<T>,
  sessionOf: (connection: FramedConnection<T>, caller: Caller) => Session,
  maxSendBuffer?: number,
): Promise<CommandServer> {
  const { address, signal, network, onError = reportError } = options;
  const { maxConnections = 100, writeTimeoutMs = 30_000 } = options;
  const sessions = new Set<Session>();
  let count = 0;
  const server = await serve<T, T>({
    address,
    codec,
    maxConnections,
    writeTimeoutMs,
    // A client that waits for output says nothing; sessions know when.
    idleTimeoutMs: Infinity,
    ...(maxSendBuffer !== undefined && { maxSendBuffer }),
    ...(network && { network }),
    onError,
  }, async (connection) => {
    const session = sessionOf(connection, {
      address: connection.remoteAddress,
      connection: ++count,
      authenticated: false,
    });
    sessions.add(session);
    try {
      await session.run();
    } finally {
      sessions.delete(session);
    }
  });
  return new RunningCommandServer(server, runner, signal, () => {
    for (const session of sessions) session.close();
  });
}

/** How much longer than the processes connections may take to end. */
const CLOSE_GRACE_MS = 2_000;

/** A server whose connections have processes that must end with it. */
class RunningCommandServer implements CommandServer {
  readonly address: Address;
  readonly closed: Promise<void>;
  readonly #close: () => Promise<void>;

  constructor(
    server: Pick<Server<never, unknown>, "address" | "closed" | "close">,
    runner: CommandRunner,
    signal: AbortSignal | undefined,
    closeSessions: () => void,
  ) {
    this.address = server.address;
    // A connection may be gone before its runs are. One that cannot be ended from
    // here, as another user's, is not waited for.
    this.closed = server.closed.then(async () => {
      const grace = deferred<void>();
      const callOff = after(
        runner.killGraceMs + CLOSE_GRACE_MS,
        grace.resolve,
      );
      await Promise.race([runner.ended(), grace.promise]);
      callOff();
    });
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

  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
