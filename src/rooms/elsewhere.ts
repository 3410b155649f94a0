import type { RoomNote } from "./notes.ts";

/** Who has come to a room, and who has gone. */
export interface Change {
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/** The members that another server has in a room. */
interface There {
  number: number;
  readonly names: Set<string>;
}

/** The members of a room that other servers have, by what those tell. */
export class Elsewhere {
  readonly #servers = new Map<string, There>();

  /** The servers that have told of members. */
  get servers(): Iterable<string> {
    return this.#servers.keys();
  }

  /** How many members there are. */
  get size(): number {
    let size = 0;
    for (const { names } of this.#servers.values()) size += names.size;
    return size;
  }

  /** The names of the members. */
  *names(): Generator<string, void, void> {
    for (const { names } of this.#servers.values()) yield* names;
  }

  /** Takes what a server tells; `undefined` if a change before it is missing. */
  take(note: Exclude<RoomNote, { type: "ask" }>): Change | undefined {
    switch (note.type) {
      case "closed":
        return this.remove(note.from);
      case "here":
        return this.#replace(note.from, note.number, note.members);
      case "changed": {
        const there = this.#servers.get(note.from);
        const before = there?.number ?? 0;
        if (note.number <= before) return NOTHING;
        if (note.number > before + 1) return undefined;
        return this.#change(note.from, note);
      }
    }
  }

  /** Removes a server, which has gone. */
  remove(server: string): Change {
    const left = [...this.#servers.get(server)?.names ?? []];
    this.#servers.delete(server);
    return { joined: [], left };
  }

  #change(
    server: string,
    { number, joined, left }: Change & { readonly number: number },
  ): Change {
    const there = this.#servers.get(server) ?? { number: 0, names: new Set() };
    this.#servers.set(server, there);
    there.number = number;
    for (const name of left) there.names.delete(name);
    for (const name of joined) there.names.add(name);
    return { joined, left };
  }

  #replace(
    server: string,
    number: number,
    members: readonly string[],
  ): Change {
    const before = this.#servers.get(server);
    // An answer may have been overtaken by the changes after it.
    if (before !== undefined && number < before.number) return NOTHING;
    const names = new Set(members);
    this.#servers.set(server, { number, names });
    return {
      joined: members.filter((name) => before?.names.has(name) !== true),
      left: [...before?.names ?? []].filter((name) => !names.has(name)),
    };
  }
}

const NOTHING: Change = { joined: [], left: [] };
