import { connectToNode } from "../backplane/node_sessions.ts";
import { unavailable } from "../backplane/errors.ts";
import type { Backplane } from "../backplane/types.ts";
import { createClient } from "../client/create_client.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import type { Observe } from "../framed/observe.ts";
import { TransportConnection } from "../net/connection.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { Calls } from "./calls.ts";
import type { Commands } from "./commands.ts";
import type { Envelope } from "./envelope.ts";
import { type DialectOptions, speechOf } from "./dialects/dialect_options.ts";
import { MessageError } from "./errors.ts";
import { coreOf, Peer, type PeerOptions } from "./peer.ts";
import { weightOf } from "./rendezvous.ts";
import { subjectOf } from "./where_to_listen.ts";

/** The connection of a client to one node. */
export interface Session<C extends Commands, X> {
  readonly nodeId: string;
  /** How many requests and streams are under way on it, or wait until it is open. */
  underWay: number;
  /** Settles when it is open, or when it could not be opened. */
  readonly opened: Promise<Line<C, X>>;
  /** What `opened` has resolved with. */
  line: Line<C, X> | undefined;
  /** Whether nothing new is sent on it. */
  isLeft: boolean;
}

/** An open session. */
interface Line<C extends Commands, X> {
  readonly peer: Peer<C, X>;
  readonly calls: Calls;
}

/** Where the sessions of a client lead to, and what its peers are made with. */
export interface SessionsOptions<C extends Commands, X> extends DialectOptions {
  readonly backplane: Backplane;
  readonly service: string;
  readonly observe?: Observe;
  readonly peer: PeerOptions<C, X>;
  /** Called with each peer that is made. */
  readonly onPeer: (peer: Peer<C, X>) => void;
}

/** The sessions of a client with the nodes that serve a name: at most one with each. */
export class Sessions<C extends Commands, X> {
  readonly #options: SessionsOptions<C, X>;
  /** Those that are used for new requests, by the id of the node. */
  readonly #current = new Map<string, Session<C, X>>();
  /** All that have not ended. */
  readonly #all = new Set<Session<C, X>>();
  /** Aborts when the client gives up what is being opened. */
  readonly #stop = new AbortController();
  #isClosing = false;
  /** Resolved, during a close, when nothing is under way. */
  #idle: Deferred<void> | undefined;

  constructor(options: SessionsOptions<C, X>) {
    this.#options = options;
  }

  /** Whether nothing new is sent. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /**
   * Takes the session with the best node for a request, which `settled` gives back.
   *
   * @param key What the same node is taken for; `undefined` for the one with the least
   * requests under way.
   * @param avoided The nodes that are not taken.
   * @returns `undefined` if all nodes are avoided.
   * @throws {NetError} If the engine is away, or the client is closed.
   * @throws {MessageError} `NO_HANDLER` if no node serves the name.
   */
  take(
    key: string | undefined,
    avoided: ReadonlySet<string>,
  ): Session<C, X> | undefined {
    const { backplane, service } = this.#options;
    if (this.#isClosing) {
      throw new NetError(
        "CONNECTION_CLOSED",
        `The client of the service "${service}" is closed`,
      );
    }
    if (backplane.state === "down") throw unavailable();
    const nodes = backplane.serving(subjectOf(service));
    if (nodes.length === 0) {
      throw noHandler(service);
    }
    const nodeId = this.#bestOf(
      nodes.filter((node) => !avoided.has(node)),
      key,
    );
    if (nodeId === undefined) return undefined;
    const session = this.#sessionWith(nodeId);
    session.underWay++;
    return session;
  }

  /** Counts a request or a stream that has ended. */
  settled(session: Session<C, X>): void {
    session.underWay--;
    this.#closeIfDone(session);
    if (this.#idle !== undefined && !this.#isBusy) this.#idle.resolve();
  }

  /** Ends in good order, in so many milliseconds. */
  async close(graceMs: number): Promise<void> {
    const until = performance.now() + graceMs;
    this.#isClosing = true;
    this.#idle = deferred();
    const callOff = after(graceMs, this.#idle.resolve);
    if (this.#isBusy) await this.#idle.promise;
    callOff();
    this.#stop.abort(
      new NetError("CONNECTION_CLOSED", "The client of the service was closed"),
    );
    const leftMs = Math.max(until - performance.now(), 0);
    await Promise.all(
      [...this.#all].map(async ({ opened }) => {
        const line = await opened.catch(() => undefined);
        await line?.peer.close({ graceMs: leftMs });
      }),
    );
  }

  get #isBusy(): boolean {
    return [...this.#all].some(({ underWay }) => underWay > 0);
  }

  #bestOf(
    nodes: readonly string[],
    key: string | undefined,
  ): string | undefined {
    let best: string | undefined;
    let most = -Infinity;
    /** How many nodes are as good. */
    let ties = 0;
    for (const node of nodes) {
      const worth = key === undefined
        ? -(this.#current.get(node)?.underWay ?? 0)
        : weightOf(key, node);
      if (worth < most) continue;
      ties = worth === most ? ties + 1 : 1;
      most = worth;
      // Each of them with the same chance.
      if (ties === 1 || Math.random() * ties < 1) best = node;
    }
    return best;
  }

  #sessionWith(nodeId: string): Session<C, X> {
    const current = this.#current.get(nodeId);
    if (current !== undefined) return current;
    const session: Session<C, X> = {
      nodeId,
      underWay: 0,
      opened: this.#open(nodeId),
      line: undefined,
      isLeft: false,
    };
    this.#current.set(nodeId, session);
    this.#all.add(session);
    void this.#watch(session);
    return session;
  }

  async #open(nodeId: string): Promise<Line<C, X>> {
    const {
      backplane,
      service,
      observe,
      onPeer,
    } = this.#options;
    const { codec, open } = speechOf(this.#options);
    const connection: FramedConnection<Envelope> = await createClient({
      address: { transport: "node", nodeId },
      network: {
        connect: async () =>
          new TransportConnection(
            await connectToNode(
              backplane,
              subjectOf(service),
              nodeId,
              this.#stop.signal,
            ).catch((error) => {
              throw isNoHandler(error) ? noHandler(service) : error;
            }),
          ),
      },
      codec,
      ...(observe && { observe }),
    });
    try {
      const peer = new Peer<C, X>(
        open(connection),
        this.#options.peer,
      );
      onPeer(peer);
      return { peer, calls: coreOf(peer).calls };
    } catch (error) {
      connection.abort(error);
      throw error;
    }
  }

  /** Follows a session until its end. */
  async #watch(session: Session<C, X>): Promise<void> {
    try {
      const line = session.line = await session.opened;
      // It settles at the end of the connection as well, before its requests reject.
      void line.peer.goaway.then(() => this.#leave(session));
      await line.peer.closed;
    } catch {
      // Those that wait for it are told.
    }
    this.#leave(session);
    this.#all.delete(session);
  }

  /** Sends nothing new on a session. It is closed when what is under way is done. */
  #leave(session: Session<C, X>): void {
    session.isLeft = true;
    if (this.#current.get(session.nodeId) === session) {
      this.#current.delete(session.nodeId);
    }
    this.#closeIfDone(session);
  }

  #closeIfDone({ isLeft, underWay, line }: Session<C, X>): void {
    if (isLeft && underWay === 0) void line?.peer.close();
  }
}

function isNoHandler(error: unknown): boolean {
  return error instanceof NetError && error.code === "NO_HANDLER";
}

function noHandler(service: string): MessageError {
  return new MessageError("NO_HANDLER", `No node serves "${service}"`);
}
