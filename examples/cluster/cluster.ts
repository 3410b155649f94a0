import { setTimeout } from "node:timers/promises";
import { startWorker, type Worker } from "./worker_process.ts";

/** How long after a crash another process is started. */
const FIRST_WAIT_MS = 100;
/** The wait doubles with each crash, up to this one. */
const LONGEST_WAIT_MS = 10_000;
/** After a process that has lived this long, the wait is the first one again. */
const HEALTHY_MS = 10_000;

/** A process, or the one that is going to take its place; none after the end. */
type Place = Promise<Worker | undefined>;

/** Processes that listen at one port; the system spreads the connections over them. */
export class Cluster {
  /** Where they listen. */
  readonly address: string;
  readonly #journal: string;
  readonly #places: Place[] = [];
  /** How long the next start in each place waits, in milliseconds. */
  readonly #waits: number[] = [];
  readonly #closing = new AbortController();

  private constructor(address: string, journal: string) {
    this.address = address;
    this.#journal = journal;
  }

  /**
   * Starts the processes. The first one takes a free port, the others the same. One
   * that crashes later is started again.
   *
   * @throws {Error} If one does not start. It has said why, on standard error.
   */
  static async start(size: number, journal: string): Promise<Cluster> {
    const first = await startWorker("tcp://127.0.0.1:0", journal);
    const cluster = new Cluster(first.address, journal);
    cluster.#fill(0, Promise.resolve(first));
    for (let i = 1; i < size; i++) {
      const next = await startWorker(first.address, journal);
      cluster.#fill(i, Promise.resolve(next));
    }
    return cluster;
  }

  /** The ids of the processes. Those that are being started again are waited for. */
  async pids(): Promise<number[]> {
    const workers = await Promise.all(this.#places);
    return workers.flatMap((worker) => worker?.pid ?? []);
  }

  /**
   * Replaces the processes one after the other. A new one listens before the old one
   * is told to end, and the next one waits until that has answered everything.
   */
  async restart(): Promise<void> {
    for (const [i, place] of this.#places.entries()) {
      const old = await place;
      const next = await startWorker(this.address, this.#journal);
      if (old === undefined || this.#places[i] !== place) {
        // It has crashed meanwhile, and is replaced already.
        await next.stop();
        continue;
      }
      this.#fill(i, Promise.resolve(next));
      await old.stop();
    }
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    this.#closing.abort();
    const workers = await Promise.all(this.#places);
    await Promise.all(workers.map((worker) => worker?.stop()));
  }

  /** Fills a place, again whenever its process has crashed. */
  #fill(i: number, place: Place): void {
    this.#places[i] = place;
    void place.then(async (worker) => {
      if (worker === undefined) return;
      const start = performance.now();
      const code = await worker.ended;
      if (this.#places[i] !== place || this.#closing.signal.aborted) return;
      const isHealthy = performance.now() - start >= HEALTHY_MS;
      if (isHealthy) this.#waits[i] = FIRST_WAIT_MS;
      const what = `Process ${worker.pid} ended with ${code}`;
      this.#fill(i, this.#startAgain(i, what));
    });
  }

  /** Starts a process after a wait, which is longer the next time. */
  async #startAgain(i: number, what: string): Place {
    const { signal } = this.#closing;
    const waitMs = this.#waits[i] ?? FIRST_WAIT_MS;
    this.#waits[i] = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    console.error(`${what}: another one is started in ${waitMs} ms`);
    try {
      await setTimeout(waitMs, undefined, { signal });
      return await startWorker(this.address, this.#journal);
    } catch (error) {
      return signal.aborted ? undefined : this.#startAgain(i, String(error));
    }
  }
}
