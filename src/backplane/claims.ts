import { callListener } from "./listeners.ts";
import type { Engine } from "./engine.ts";
import type { Claim, Holder } from "./types.ts";

/** How many names are looked at, at a time. */
const AT_A_TIME = 64;

/** Who is alive. */
interface Nodes {
  readonly ids: ReadonlySet<string>;
  isDead(nodeId: string): boolean;
}

/**
 * The names that this node has. A register of the engine holds the id of the node, and
 * is valid as long as the node is alive: so a lease costs one beat a node, and not one a
 * name.
 */
export class Claims {
  readonly #engine: Engine;
  readonly #nodeId: string;
  readonly #nodes: Nodes;
  #count = 0;
  readonly #held = new Map<string, HeldClaim>();
  /** What is or may be in registers and is to be removed: names by their values. */
  readonly #left = new Map<string, string>();

  constructor(engine: Engine, nodeId: string, nodes: Nodes) {
    this.#engine = engine;
    this.#nodeId = nodeId;
    this.#nodes = nodes;
  }

  async claim(name: string, note: string): Promise<Claim | undefined> {
    if (this.#held.has(name)) return undefined;
    // Another one each time: what removes an old claim must not remove a new one.
    const value = `${this.#nodeId} ${++this.#count} ${note}`;
    const claim: HeldClaim = new HeldClaim(
      name,
      value,
      () => this.#release(claim),
    );
    // Now, so that another call for the name does not get it as well.
    this.#held.set(name, claim);
    try {
      if (await this.#take(name, value)) {
        claim.isTaken = true;
        return claim;
      }
      this.#forget(claim);
    } catch (error) {
      this.#left.set(value, name);
      this.#forget(claim);
      throw error;
    }
    return undefined;
  }

  async holder(name: string): Promise<Holder | undefined> {
    const value = await this.#engine.swap(name, undefined, undefined);
    if (value === undefined) return undefined;
    const nodeId = nodeOf(value);
    if (this.#nodes.isDead(nodeId)) return undefined;
    const count = value.indexOf(" ", nodeId.length + 1);
    return { nodeId, note: value.slice(count + 1) };
  }

  /**
   * Finds out which names were lost, and removes what is left over, after a time in
   * which this node may have seemed dead.
   */
  async verify(): Promise<void> {
    await eachOf(this.#left, ([value, name]) => this.#remove(name, value));
    await eachOf(this.#held.values(), async (claim) => {
      const { name, value, isTaken } = claim;
      if (!isTaken) return;
      // If this node seemed dead, another one has removed the name, or taken it.
      if (await this.#engine.swap(name, undefined, value) !== value) {
        if (this.#forget(claim)) claim.lose();
      } else if (this.#held.get(name) !== claim) {
        // It was released meanwhile.
        await this.#remove(name, value);
      }
    });
  }

  /** Removes the names of dead nodes: one node does it for all. */
  async sweep(): Promise<void> {
    const [first] = [...this.#nodes.ids].sort();
    if (first !== this.#nodeId) return;
    const dead: [string, string][] = [];
    for await (const [name, value] of this.#engine.registers()) {
      if (this.#nodes.isDead(nodeOf(value))) dead.push([name, value]);
    }
    await eachOf(dead, async ([name, value]) => {
      await this.#engine.swap(name, value, undefined);
    });
  }

  /** Gives all names back. */
  async releaseAll(): Promise<void> {
    await eachOf(this.#held.values(), (claim) => claim.release());
  }

  async #take(name: string, value: string): Promise<boolean> {
    let holder: string | undefined;
    for (;;) {
      const now = await this.#engine.swap(name, holder, value);
      if (now === value) return true;
      // Another node may free the name of a dead one in this moment.
      if (now !== undefined && !this.#isFree(now)) return false;
      holder = now;
    }
  }

  /** Whether what a register has is valid no more. */
  #isFree(value: string): boolean {
    return this.#left.has(value) || this.#nodes.isDead(nodeOf(value));
  }

  async #release(claim: HeldClaim): Promise<void> {
    if (!this.#forget(claim)) return;
    this.#left.set(claim.value, claim.name);
    await this.#remove(claim.name, claim.value);
  }

  async #remove(name: string, value: string): Promise<void> {
    await this.#engine.swap(name, value, undefined);
    this.#left.delete(value);
  }

  /** Whether it was held until now. */
  #forget(claim: HeldClaim): boolean {
    return this.#held.get(claim.name) === claim &&
      this.#held.delete(claim.name);
  }
}

class HeldClaim implements Claim {
  readonly name: string;
  /** What is in the register. */
  readonly value: string;
  /** Whether the register has been seen with the value. */
  isTaken = false;
  readonly release: () => Promise<void>;
  readonly #lost = new AbortController();

  constructor(name: string, value: string, release: () => Promise<void>) {
    this.name = name;
    this.value = value;
    this.release = release;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  lose(): void {
    callListener(() => this.#lost.abort());
  }
}

function nodeOf(value: string): string {
  return value.slice(0, value.indexOf(" "));
}

/** Does something with each, a number of them at a time. */
async function eachOf<T>(
  all: Iterable<T>,
  act: (one: T) => Promise<void>,
): Promise<void> {
  const rest = [...all];
  while (rest.length > 0) await Promise.all(rest.splice(0, AT_A_TIME).map(act));
}
