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
  readonly #held = new Map<string, HeldClaim>();
  /** What is or may be in registers and is to be removed, by its name. */
  readonly #left = new Map<string, string>();

  constructor(engine: Engine, nodeId: string, nodes: Nodes) {
    this.#engine = engine;
    this.#nodeId = nodeId;
    this.#nodes = nodes;
  }

  async claim(name: string, note: string): Promise<Claim | undefined> {
    if (this.#held.has(name)) return undefined;
    const value = `${this.#nodeId} ${note}`;
    const claim: HeldClaim = new HeldClaim(
      name,
      value,
      () => this.#release(claim),
    );
    // Now, so that another call for the name does not get it as well.
    this.#held.set(name, claim);
    try {
      if (await this.#take(name, value)) {
        this.#left.delete(name);
        return claim;
      }
    } catch (error) {
      this.#left.set(name, value);
      this.#held.delete(name);
      throw error;
    }
    this.#held.delete(name);
    return undefined;
  }

  async holder(name: string): Promise<Holder | undefined> {
    const value = await this.#engine.swap(name, undefined, undefined);
    if (value === undefined) return undefined;
    const nodeId = nodeOf(value);
    if (this.#nodes.isDead(nodeId)) return undefined;
    return { nodeId, note: value.slice(nodeId.length + 1) };
  }

  /**
   * Finds out which names were lost, and removes what is left over, after a time in
   * which this node may have seemed dead.
   */
  async verify(): Promise<void> {
    await eachOf(this.#left, async ([name, value]) => {
      if (!this.#held.has(name)) {
        await this.#engine.swap(name, value, undefined);
      }
      this.#left.delete(name);
    });
    await eachOf(this.#held.values(), async (claim) => {
      const { name, value } = claim;
      // If this node seemed dead, another one has removed the name, or taken it.
      if (await this.#engine.swap(name, undefined, value) === value) return;
      if (this.#held.get(name) !== claim) return;
      this.#held.delete(name);
      claim.lose();
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
    const holder = await this.#engine.swap(name, undefined, value);
    if (holder === value) return true;
    if (holder === undefined || !this.#nodes.isDead(nodeOf(holder))) {
      return false;
    }
    return await this.#engine.swap(name, holder, value) === value;
  }

  async #release({ name, value }: HeldClaim): Promise<void> {
    if (this.#held.get(name)?.value !== value) return;
    this.#held.delete(name);
    this.#left.set(name, value);
    await this.#engine.swap(name, value, undefined);
    this.#left.delete(name);
  }
}

class HeldClaim implements Claim {
  readonly name: string;
  /** What is in the register. */
  readonly value: string;
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
    callListener((reason) => this.#lost.abort(reason), undefined);
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
