import { randomNumbers } from "../net/adapters/memory_faults.ts";
import { concat } from "../net/bytes.ts";
import { after, nextTask } from "../net/timer.ts";
import type { Connection } from "../net/types.ts";
import type { RelayFaults } from "./relay_faults.ts";
import { withinPause } from "./within_pause.ts";

/** The part of a second whose bytes are passed on at once, where there is a rate. */
const PIECES_PER_SECOND = 20;

/** What is told of the bytes of one direction as they come, before they go on. */
export interface DirectionWatcher {
  /** More bytes. */
  data(chunk: Uint8Array): void;
  /** The end. */
  end(): void;
  /** A failure of either side: nothing follows. */
  fail(): void;
}

/** The bytes from one side to the other, and what is done to them. */
export class Direction {
  readonly #faults: RelayFaults;
  readonly #watcher: DirectionWatcher | undefined;
  readonly #random: () => number;
  /** Resolves when the relay is closed. */
  readonly #closing: Promise<void>;
  /** How many bytes are passed on before something happens. */
  #left: number;

  constructor(
    faults: RelayFaults,
    seed: number,
    closing: Promise<void>,
    watcher?: DirectionWatcher,
  ) {
    this.#faults = faults;
    this.#watcher = watcher;
    this.#random = randomNumbers(seed);
    this.#closing = closing;
    const {
      resetAfterBytes = Infinity,
      stallAfterBytes = Infinity,
      dropAfterBytes = Infinity,
    } = faults;
    this.#left = Math.min(resetAfterBytes, stallAfterBytes, dropAfterBytes);
  }

  /** Passes all on, up to the end, or up to what happens. */
  async pass(from: Connection, to: Connection): Promise<void> {
    const reader = from.readable.getReader();
    try {
      const writer = to.writable.getWriter();
      if (this.#left > 0) await this.#passOn(reader, writer);
      if (this.#left > 0) {
        this.#watcher?.end();
        return await writer.close();
      }
    } catch {
      // A failure of one side is told to the other as one, whatever it was.
      this.#watcher?.fail();
      return abort(from, to);
    }
    // A write is done before the system has its bytes.
    await new Promise<void>(nextTask);
    const { stallAfterBytes = Infinity, dropAfterBytes = Infinity } =
      this.#faults;
    const first = Math.min(stallAfterBytes, dropAfterBytes);
    if (first >= (this.#faults.resetAfterBytes ?? Infinity)) {
      return abort(from, to);
    }
    if (dropAfterBytes === first) await drop(reader);
    await this.#closing;
  }

  async #passOn(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ): Promise<void> {
    for await (const chunk of gathered(reader, this.#faults.gatherMs ?? 0)) {
      this.#watcher?.data(chunk);
      for (const piece of this.#pieces(chunk)) {
        await this.#wait(piece.length);
        await writer.write(piece);
        this.#left -= piece.length;
      }
      if (this.#left === 0) return;
    }
  }

  *#pieces(chunk: Uint8Array): Generator<Uint8Array> {
    const { maxChunkLength = Infinity, bytesPerSecond = Infinity } =
      this.#faults;
    const most = Math.ceil(bytesPerSecond / PIECES_PER_SECOND);
    for (let at = 0; at < chunk.length && this.#left > 0;) {
      const length = Math.min(
        maxChunkLength === Infinity
          ? Infinity
          : 1 + Math.floor(this.#random() * maxChunkLength),
        most,
        this.#left,
      );
      yield chunk.subarray(at, at + length);
      at += length;
    }
  }

  /** Waits as long as a piece has to. */
  async #wait(length: number): Promise<void> {
    const { maxDelayMs = 0, bytesPerSecond = Infinity, maxChunkLength } =
      this.#faults;
    const ms = this.#random() * maxDelayMs + length / bytesPerSecond * 1_000;
    if (ms > 0) await new Promise<void>((resolve) => void after(ms, resolve));
    // So that the other side can read a piece before the next one is there.
    else if (maxChunkLength !== undefined) await new Promise<void>(nextTask);
  }
}

/** The chunks that come, or all that come without a pause as one. */
async function* gathered(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  pauseMs: number,
): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = [];
  let reading = reader.read();
  while (true) {
    const result = held.length === 0
      ? await reading
      : await withinPause(reading, pauseMs);
    if (result?.done === false) {
      held.push(result.value);
      reading = reader.read();
      // A failure is met when it is awaited.
      reading.catch(() => undefined);
      if (pauseMs > 0) continue;
    }
    if (held.length > 0) yield concat(held.splice(0));
    if (result?.done) return;
  }
}

function abort(from: Connection, to: Connection): void {
  from.abort();
  to.abort();
}

/** Reads up to the end or a failure, and tells nobody. */
async function drop(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The other side does not hear of a reset either.
  }
}
