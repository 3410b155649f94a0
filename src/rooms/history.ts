import type { Position, TopicHistory } from "../backplane/engine.ts";
import { writePosition } from "./position.ts";
import type { RoomMessage } from "./protocol.ts";

/** The bytes that a message is counted for besides its line. */
const OVERHEAD = 128;

const NEW_LINE = 0x0a;

/** `}` and the end of the line. */
const END_LENGTH = 2;

/** A message of a room. */
export interface Said {
  /** The event, as the clients get it. */
  readonly line: Uint8Array;
  /** Its offset, in a room that keeps what is said. */
  readonly offset: bigint;
}

/** What a client that comes back has missed. */
export interface Past {
  /** After what it wants all; `undefined` where that is no position of the topic. */
  readonly since: Position | undefined;
  /** What the engine has after it; `undefined` where a server remembers all of it. */
  readonly kept: TopicHistory | undefined;
}

/** The last messages of a room, no more than so many bytes. */
export class History {
  readonly #maxBytes: number;
  #all: Said[] = [];
  #bytes = 0;
  /** Nothing after this offset is missing; `undefined` until a gap has ended. */
  #completeAfter: bigint | undefined = 0n;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages, the oldest first. */
  get all(): readonly Said[] {
    return this.#all;
  }

  /** Whether nothing is missing that was said after an offset. */
  hasAllAfter(offset: bigint): boolean {
    return this.#completeAfter !== undefined && offset >= this.#completeAfter;
  }

  /** Forgets all: what was said is missing, up to the next message. */
  breakOff(): void {
    this.restart(undefined);
  }

  /** Forgets all. Nothing is missing that comes after an offset. */
  restart(after: bigint | undefined): void {
    this.#all = [];
    this.#bytes = 0;
    this.#completeAfter = after;
  }

  /** Adds a message, and forgets the oldest where there is no room for it. */
  add(said: Said): void {
    this.#completeAfter ??= said.offset - 1n;
    this.#all.push(said);
    this.#bytes += sizeOf(said);
    let gone = 0;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#all[gone++]!;
      this.#bytes -= sizeOf(oldest);
      this.#completeAfter = oldest.offset;
    }
    if (gone > 0) this.#all.splice(0, gone);
  }

  /**
   * What was said after a position, up to the last message here; `undefined` if it is
   * not all.
   */
  since({ since, kept }: Past, now: Position): Said[] | undefined {
    if (since?.epoch !== now.epoch) return undefined;
    const isWhole = kept === undefined
      ? this.hasAllAfter(since.offset)
      : kept.recovered && kept.end.epoch === now.epoch &&
        this.hasAllAfter(kept.end.offset);
    if (!isWhole) return undefined;
    // What has come to the engine and not here yet will be told when it comes.
    const older = (kept?.messages ?? [])
      .filter(({ offset }) => offset <= now.offset)
      .map(({ bytes, offset }) => ({
        line: withPosition(bytes, { epoch: now.epoch, offset }),
        offset,
      }));
    const newest = older.at(-1)?.offset ?? since.offset;
    return [...older, ...this.#all.filter(({ offset }) => offset > newest)];
  }
}

function sizeOf({ line }: Said): number {
  return OVERHEAD + line.length;
}

/** The message in a line. */
export function readLine(line: Uint8Array): RoomMessage {
  return JSON.parse(new TextDecoder().decode(line)) as RoomMessage;
}

/** The line with the position of its message. */
export function withPosition(
  line: Uint8Array,
  position: Position,
): Uint8Array {
  const field = JSON.stringify(writePosition(position));
  const end = new TextEncoder().encode(`,"position":${field}}\n`);
  const start = line.length - END_LENGTH;
  const whole = new Uint8Array(start + end.length);
  whole.set(line.subarray(0, start));
  whole.set(end, start);
  return whole;
}

/** The lines of a piece. */
export function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEW_LINE, start) + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}
