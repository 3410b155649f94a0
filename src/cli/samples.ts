import { concat } from "../net/bytes.ts";
import { connectTo } from "./addresses.ts";
import type { Direction } from "./capture/mod.ts";
import { MOST_OF_ALL, MOST_OF_SAMPLE } from "./guess/observed.ts";
import type { Sample } from "./guess/types.ts";
import type { InputProgram } from "./inputs.ts";
import type { Program } from "./program.ts";
import { type TrafficEvent, trafficOf } from "./traffic.ts";
import { counted } from "./counted.ts";

/** A sample, and which way its bytes went. */
export interface DirectedSample extends Sample {
  readonly direction: Direction;
}

/** The beginnings of the streams of a file, a capture, a recording or an input. */
export async function samplesOf(
  name: string | undefined,
  program: InputProgram,
): Promise<DirectedSample[]> {
  const gathering = new Gathering();
  for await (const batch of trafficOf(name, program)) {
    for (const event of batch) gathering.take(event);
    if (gathering.isFull) break;
  }
  const { midstream, samples } = gathering;
  if (midstream > 0) {
    program.stderr.write(
      `${
        counted(midstream, "connection")
      } passed over: the capture began after they did\n`,
    );
  }
  return samples;
}

/** What a peer sends of its own accord in a time, or until it ends. */
export async function heardFrom(
  address: string,
  program: Pick<Program, "flags" | "signal">,
  durationMs: number,
): Promise<DirectedSample[]> {
  const connection = await connectTo(address, program);
  const reader = connection.readable.getReader();
  const stop = AbortSignal.any([
    program.signal,
    AbortSignal.timeout(durationMs),
  ]);
  const cancel = () => void reader.cancel().catch(() => undefined);
  stop.addEventListener("abort", cancel);
  const heard = new Gathered("toClient");
  try {
    while (!heard.isFull) {
      const { value } = await reader.read();
      if (value === undefined) break;
      heard.add(value);
    }
    if (!stop.aborted && !heard.isFull) heard.end();
  } catch (error) {
    // What came before the connection broke is worth a guess.
    if (heard.isEmpty) throw error;
  } finally {
    stop.removeEventListener("abort", cancel);
    connection.abort();
  }
  return [heard.sample];
}

/** The beginning of a stream. */
class Gathered {
  readonly #direction: Direction;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  #isOver = false;
  #ended = false;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Whether there is more than is looked at. */
  get isFull(): boolean {
    return this.#length > MOST_OF_SAMPLE;
  }

  /** Takes bytes, and returns how many it keeps. */
  add(bytes: Uint8Array): number {
    const most = MOST_OF_SAMPLE + 1 - this.#length;
    if (this.#isOver || most <= 0) return 0;
    // The chunk is larger than what is kept of it.
    const piece = bytes.slice(0, most);
    this.#pieces.push(piece);
    this.#length += piece.length;
    return piece.length;
  }

  /** The stream has ended. */
  end(): void {
    this.#ended = !this.#isOver;
    this.#isOver = true;
  }

  /** What follows is not known. */
  cut(): void {
    this.#isOver = true;
  }

  get sample(): DirectedSample {
    const bytes = concat(this.#pieces);
    return { bytes, ended: this.#ended, direction: this.#direction };
  }
}

/** The beginnings of all streams. */
class Gathering {
  readonly #all: Gathered[] = [];
  /** The open streams, by the number of their connection and their direction. */
  readonly #streams: Map<string, Gathered> = new Map();
  readonly #midstream: Set<number> = new Set();
  #length = 0;

  /** Whether there is as much as is looked at. */
  get isFull(): boolean {
    return this.#length > MOST_OF_ALL;
  }

  /** How many connections began before the capture did. */
  get midstream(): number {
    return this.#midstream.size;
  }

  get samples(): DirectedSample[] {
    return this.#all.filter(({ isEmpty }) => !isEmpty)
      .map(({ sample }) => sample);
  }

  take(event: TrafficEvent): void {
    const { connection } = event;
    if (this.#midstream.has(connection)) return;
    switch (event.kind) {
      case "open":
        if (event.midstream) this.#midstream.add(connection);
        return;
      case "data": {
        const key = `${connection} ${event.direction}`;
        let stream = this.#streams.get(key);
        if (stream === undefined) {
          stream = new Gathered(event.direction);
          this.#all.push(stream);
          this.#streams.set(key, stream);
        }
        this.#length += stream.add(event.data);
        return;
      }
      case "gap":
      case "reset":
        return this.#streams.get(`${connection} ${event.direction}`)?.cut();
      case "end": {
        const key = `${connection} ${event.direction}`;
        this.#streams.get(key)?.end();
        this.#streams.delete(key);
        return;
      }
      case "close":
        this.#streams.delete(`${connection} toServer`);
        this.#streams.delete(`${connection} toClient`);
    }
  }
}
