import { MAX_REMEMBERED_IDS } from "../../defaults.ts";

/** Gives the id of a request that is to be sent, after the one before. */
export type NextId<T, Id> = (last: Id | undefined, frame: T) => Id;

/** The ids of requests on the wire, and which requests of the peer they belong to. */
export class IdTable<T, Id> {
  readonly #nextId: NextId<T, Id>;
  #last: Id | undefined;
  readonly #open = new Map<Id, number>();
  /** The ids of the open requests, by the numbers of the requests. */
  readonly #idOf = new Map<number, Id>();
  /** The requests that were given up, from the oldest on. */
  readonly #givenUp = new Map<Id, number>();
  /** The requests that were answered last, from the oldest on. */
  readonly #answered = new Map<Id, number>();

  constructor(nextId: NextId<T, Id>) {
    this.#nextId = nextId;
  }

  /** An id for a request that is not in use; `undefined` where all are. */
  next(frame: T): Id | undefined {
    let id = this.#nextId(this.#last, frame);
    if (!this.#isInUse(id)) return id;
    const tried = new Set<Id>();
    // One of so many ids is free, unless they come again.
    for (let used = this.#open.size + this.#givenUp.size; used > 0; used--) {
      tried.add(id);
      id = this.#nextId(id, frame);
      if (!this.#isInUse(id)) return id;
    }
    for (const givenUp of this.#givenUp.keys()) {
      if (tried.has(givenUp)) return givenUp;
    }
    return undefined;
  }

  #isInUse(id: Id): boolean {
    return this.#open.has(id) || this.#givenUp.has(id);
  }

  /** Takes note of a request that has been sent. */
  open(id: Id, number: number): void {
    this.#last = id;
    this.#givenUp.delete(id);
    this.#answered.delete(id);
    this.#open.set(id, number);
    this.#idOf.set(number, id);
  }

  /** The request that an id belongs to, or did. */
  numberOf(id: Id): number | undefined {
    return this.#open.get(id) ?? this.#givenUp.get(id) ??
      this.#answered.get(id);
  }

  /** Takes note of the last reply to a request. */
  answered(id: Id): void {
    const number = this.numberOf(id);
    if (number === undefined) return;
    this.#open.delete(id);
    this.#idOf.delete(number);
    this.#givenUp.delete(id);
    remember(this.#answered, id, number);
  }

  /** Keeps the id of a request that is open no more for its late reply. */
  giveUp(number: number): void {
    const id = this.#idOf.get(number);
    if (id === undefined) return;
    this.#open.delete(id);
    this.#idOf.delete(number);
    remember(this.#givenUp, id, number);
  }
}

function remember<Id>(ids: Map<Id, number>, id: Id, number: number): void {
  ids.delete(id);
  ids.set(id, number);
  if (ids.size <= MAX_REMEMBERED_IDS) return;
  const [oldest] = ids.keys();
  ids.delete(oldest!);
}
