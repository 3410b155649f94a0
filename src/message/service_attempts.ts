import { withinTime } from "../net/within_time.ts";
import type { Commands } from "./commands.ts";
import { MessageError, wasNotHandled } from "./errors.ts";
import type { Peer } from "./peer.ts";
import type { Session, Sessions } from "./service_sessions.ts";
import { isClosing } from "./task.ts";

const NO_NODES: ReadonlySet<string> = new Set<string>();

/** The attempts of one request, or of one stream: each is with another node. */
export class ServiceAttempts<C extends Commands, X> {
  readonly #sessions: Sessions<C, X>;
  readonly #key: string | undefined;
  readonly #tried = new Set<string>();
  /** Why the last attempt has failed. */
  #failure: unknown;
  /** Whether a node that was tried may be tried once more, if there is no other. */
  #mayReturn = false;

  constructor(sessions: Sessions<C, X>, key: string | undefined) {
    this.#sessions = sessions;
    this.#key = key;
  }

  /**
   * Begins the next attempt, which must be ended.
   *
   * @throws The failure of the one before, if no node is left, and what
   * `Sessions.take` throws.
   */
  next(): ServiceAttempt<C, X> {
    const sessions = this.#sessions;
    const session = sessions.take(this.#key, this.#tried) ??
      (this.#mayReturn ? sessions.take(this.#key, NO_NODES) : undefined);
    if (session === undefined) throw this.#failure;
    this.#mayReturn = false;
    this.#tried.add(session.nodeId);
    return new ServiceAttempt(sessions, session);
  }

  /** The node has not handled it: another one is to. */
  goElsewhere(failure: unknown): void {
    this.#failure = failure;
  }

  /** The node may have handled it, and it does no harm to handle it twice. */
  repeat(failure: unknown): void {
    this.#failure = failure;
    this.#mayReturn = true;
  }
}

/** An attempt with one node. */
export class ServiceAttempt<C extends Commands, X> {
  readonly #sessions: Sessions<C, X>;
  readonly #session: Session<C, X>;
  /** Whether something was given to the connection while it was open. */
  #wasSent = false;

  constructor(sessions: Sessions<C, X>, session: Session<C, X>) {
    this.#sessions = sessions;
    this.#session = session;
  }

  /** Whether the session is open, so that `opened` need not be waited for. */
  get isOpen(): boolean {
    return this.#session.line !== undefined;
  }

  /** Waits until the session is open. */
  async opened(
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { nodeId, opened } = this.#session;
    const to = { transport: "node", nodeId } as const;
    await withinTime(
      to,
      timeoutMs,
      signal,
      (stop) =>
        new Promise((resolve, reject) => {
          stop.addEventListener("abort", () => reject(stop.reason));
          opened.then(resolve, reject);
        }),
    );
  }

  /** The peer of the session, which is open: to send at once. */
  peer(): Peer<C, X> {
    const { peer, calls } = this.#session.line!;
    this.#wasSent = !calls.ended;
    return peer;
  }

  /** Whether the node certainly has not handled what has failed with an error. */
  wasNotHandled(error: unknown): boolean {
    return !this.#wasSent || wasNotHandled(error);
  }

  /** Whether it is not known if the node has handled what has failed with an error. */
  wasLost(error: unknown): boolean {
    if (error instanceof MessageError) return isClosing(error);
    return this.#session.line?.calls.ended === true;
  }

  end(): void {
    this.#sessions.settled(this.#session);
  }
}
