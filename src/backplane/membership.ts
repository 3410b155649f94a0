import { isObject } from "../checks.ts";
import { BACKPLANE_BEAT_MS, BACKPLANE_MAX_SILENT_BEATS } from "../defaults.ts";
import { deferred } from "../net/deferred.ts";
import type { Engine } from "./engine.ts";
import { readJson } from "./notes.ts";
import { sendIfUp } from "./send_if_up.ts";

/** What a node says of itself to all others, each second. */
interface Beat {
  readonly node: string;
  /** The subjects that it serves. */
  readonly serves: readonly string[];
  /** Whether the others are to answer with a beat of theirs at once. */
  readonly asks?: true;
  /** Whether it is its last one. */
  readonly leaves?: true;
}

/** Another node. */
interface Known {
  serves: ReadonlySet<string>;
  /** How many beats of this node ago it gave a sign of life. */
  silent: number;
}

/** The channel of the beats. */
const CHANNEL = "nodes";

/**
 * The channel of the answers to a node that asks. When the engine is up again, all nodes
 * ask: answers that all hear would cost the cube of their number.
 */
function answersTo(nodeId: string): string {
  return `${CHANNEL}:${nodeId}`;
}

/** More than this between two beats of this node, and it may have seemed dead. */
const STALL_MS = 2 * BACKPLANE_BEAT_MS;

/** What this node does when something happens to the nodes. */
export interface MembershipEvents {
  /** Another node has come, or is gone. */
  onNode(nodeId: string, isAlive: boolean): void;
  /** This node may have seemed dead to others. */
  onReturn(): void;
  /** By now, every living node has been heard. */
  onComplete(): void;
}

/**
 * The nodes that are alive. Each says so once a second, and one that was silent for more
 * than four seconds is dead. Silence is counted in beats of this node: while this process
 * stands still, or the engine is away, nobody seems to die.
 */
export class Membership {
  readonly #engine: Engine;
  readonly #nodeId: string;
  readonly #events: MembershipEvents;
  readonly #ids: Set<string>;
  readonly #others = new Map<string, Known>();
  readonly #serves = new Set<string>();
  readonly #heardMyself = deferred<void>();
  #hasHeardMyself = false;
  #ended = false;
  /** For how many beats this node has heard the others, without a break. */
  #heardFor = 0;
  #beatAt: number = performance.now();
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #stops: (() => void)[] = [];

  constructor(engine: Engine, nodeId: string, events: MembershipEvents) {
    this.#engine = engine;
    this.#nodeId = nodeId;
    this.#ids = new Set([nodeId]);
    this.#events = events;
  }

  /** All that are alive. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Whether a node is dead. One that was never heard is, after a while. */
  isDead(nodeId: string): boolean {
    return nodeId !== this.#nodeId && !this.#others.has(nodeId) &&
      this.#heardFor > BACKPLANE_MAX_SILENT_BEATS;
  }

  /** The nodes that serve a subject. */
  serving(subject: string): string[] {
    const others = [...this.#others]
      .filter(([, { serves }]) => serves.has(subject))
      .map(([nodeId]) => nodeId);
    return this.#serves.has(subject) ? [this.#nodeId, ...others] : others;
  }

  /** Tells the others that this node serves a subject. */
  addSubject(subject: string): void {
    this.#serves.add(subject);
    this.#tell();
  }

  /** Tells the others that this node serves a subject no more. */
  removeSubject(subject: string): void {
    this.#serves.delete(subject);
    this.#tell();
  }

  /** Begins; resolves when the nodes that answer at once are known. */
  async start(): Promise<void> {
    for (const channel of [CHANNEL, answersTo(this.#nodeId)]) {
      this.#stops.push(
        await this.#engine.listen(channel, (bytes) => this.#take(bytes)),
      );
    }
    this.#timer = setInterval(() => this.#tick(), BACKPLANE_BEAT_MS);
    const since = performance.now();
    this.#tell({ asks: true });
    // Within a thread, the answers have come before this.
    if (this.#hasHeardMyself) return;
    const tooLong = setTimeout(this.#heardMyself.resolve, BACKPLANE_BEAT_MS);
    await this.#heardMyself.promise;
    clearTimeout(tooLong);
    const roundTripMs = performance.now() - since;
    // The answers of others take about as long as that of this node to itself.
    await new Promise((resolve) => setTimeout(resolve, 20 + 3 * roundTripMs));
  }

  /** The engine is up again, or this process goes on after it stood still. */
  resume(): void {
    this.#heardFor = 0;
    for (const known of this.#others.values()) known.silent = 0;
    this.#tell({ asks: true });
    this.#events.onReturn();
  }

  /** Tells the others that this node leaves, and ends. */
  end(): void {
    clearInterval(this.#timer);
    for (const stop of this.#stops) stop();
    this.#serves.clear();
    this.#tell({ leaves: true });
    // A beat after the last one would bring this node back.
    this.#ended = true;
  }

  #tick(): void {
    const now = performance.now();
    const stalled = now - this.#beatAt > STALL_MS;
    this.#beatAt = now;
    if (this.#engine.state === "down") return;
    // Nodes that came meanwhile may not have been heard yet.
    if (stalled) return this.resume();
    this.#tell();
    this.#heardFor++;
    for (const [nodeId, known] of this.#others) {
      if (++known.silent > BACKPLANE_MAX_SILENT_BEATS) this.#remove(nodeId);
    }
    if (this.#heardFor === BACKPLANE_MAX_SILENT_BEATS + 1) {
      this.#events.onComplete();
    }
  }

  #take(bytes: Uint8Array): void {
    const beat = readJson(bytes);
    // Others may send to the channel as well.
    if (!isBeat(beat)) return;
    const { node, serves, asks, leaves } = beat;
    if (node === this.#nodeId) {
      this.#hasHeardMyself = true;
      return this.#heardMyself.resolve();
    }
    if (leaves) return this.#remove(node);
    const known = this.#others.get(node);
    this.#others.set(node, { serves: new Set(serves), silent: 0 });
    if (asks) this.#tell({}, answersTo(node));
    if (known !== undefined) return;
    this.#ids.add(node);
    this.#events.onNode(node, true);
  }

  #remove(nodeId: string): void {
    if (!this.#others.delete(nodeId)) return;
    this.#ids.delete(nodeId);
    this.#events.onNode(nodeId, false);
  }

  #tell(more: Partial<Beat> = {}, channel: string = CHANNEL): void {
    // The next beat, or the one when the engine is up again, tells the same.
    if (this.#ended) return;
    const beat: Beat = {
      node: this.#nodeId,
      serves: [...this.#serves],
      ...more,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(beat));
    sendIfUp(this.#engine, channel, bytes);
  }
}

function isBeat(value: unknown): value is Beat {
  return isObject(value) && typeof value.node === "string" &&
    Array.isArray(value.serves);
}
