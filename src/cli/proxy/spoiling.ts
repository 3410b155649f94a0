import { after, nextTask } from "../../net/timer.ts";
import { TokenBucket } from "../../net/token_bucket.ts";
import { type Decision, Decisions } from "../faults/decisions.ts";
import type { Faults } from "../faults/faults.ts";
import { Reorder, type Reordered } from "../faults/reorder.ts";
import type { Tapped } from "./frame_tap.ts";
import type { Intake } from "./intake.ts";
import type { Outlet } from "./outlet.ts";
import type { Source } from "./source.ts";
import type { Stage } from "./stage.ts";

/** How many bytes wait before their source is held back. */
const HIGH_WATER_MARK = 1_048_576;

/** The part of a second whose bytes are passed on at once, where there is a rate. */
const PIECES_PER_SECOND = 20;

/** How long a message waits for those that are to overtake it, in milliseconds. */
const OVERTAKEN_WITHIN_MS = 200;

/** What is done to the messages of a direction, and how fast they are passed on. */
export interface SpoilingSettings {
  readonly faults: Faults;
  readonly seed: number;
  readonly bytesPerSecond: number;
  /** Whether there are no frames, so that each chunk is a message. */
  readonly countsChunks: boolean;
  /** Resets both connections. */
  reset(): void;
}

interface Message {
  readonly tapped: Tapped;
  readonly bytes: Uint8Array;
  readonly decision: Decision;
  /** What was done to it, in words. */
  readonly faults: string[];
  /** When it may be passed on. */
  dueAt: number;
}

/** Passes messages on one after the other, and spoils them on the way. */
export class Spoiling implements Stage {
  readonly #source: Source;
  readonly #intake: Intake;
  readonly #outlet: Outlet;
  readonly #settings: SpoilingSettings;
  readonly #decisions: Decisions;
  /** Those about bytes that are no messages. */
  readonly #cuts: Decisions;
  readonly #bucket: TokenBucket | undefined;
  readonly #reorder = new Reorder<Message>();
  #queue: Message[] = [];
  /** How many bytes have arrived and were not passed on. */
  #waiting = 0;
  #holds = false;
  #taken = 0;
  #passedFrames = 0;
  #passedBytes = 0;
  #isPumping = false;
  #isEnded = false;
  #isStopped = false;
  /** Ends the wait of the pump. */
  #wake: () => void = () => undefined;
  #cancelFlush: () => void = () => undefined;

  /** Makes it between a source and an outlet. */
  constructor(
    source: Source,
    intake: Intake,
    outlet: Outlet,
    settings: SpoilingSettings,
  ) {
    this.#source = source;
    this.#intake = intake;
    this.#outlet = outlet;
    this.#settings = settings;
    const { faults, seed, bytesPerSecond } = settings;
    const { connection, direction } = intake.way;
    const { cut } = faults;
    this.#decisions = new Decisions(faults, seed, connection, direction);
    this.#cuts = new Decisions(cut ? { cut } : {}, seed, connection, direction);
    this.#bucket = bytesPerSecond === Infinity ? undefined : new TokenBucket(
      bytesPerSecond,
      bytesPerSecond / PIECES_PER_SECOND,
    );
  }

  start(): void {
    this.#strikes();
  }

  data(chunk: Uint8Array): void {
    for (const tapped of this.#intake.data(chunk)) this.#take(tapped);
    this.#cancelFlush();
    if (!this.#reorder.isEmpty) {
      this.#cancelFlush = after(OVERTAKEN_WITHIN_MS, () => this.#flush());
    }
    this.#flushWatcher();
  }

  end(): void {
    for (const tapped of this.#intake.end()) this.#take(tapped);
    this.#isEnded = true;
    this.#cancelFlush();
    this.#flush();
  }

  fail(): void {
    this.#intake.fail();
    this.stop();
    void this.#outlet.reset();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelFlush();
    this.#wake();
  }

  #take(tapped: Tapped): void {
    const { bytes = new Uint8Array() } = tapped;
    const isMessage = tapped.isFrame || this.#settings.countsChunks;
    const decisions = isMessage ? this.#decisions : this.#cuts;
    const decision = decisions.of(++this.#taken);
    const faults: string[] = [];
    if (decision.drops) {
      this.#tellFault("drop");
      return this.#tellPassed(tapped, ["dropped"]);
    }
    let sent = bytes;
    if (decision.corruptAt !== undefined) {
      const at = Math.floor(decision.corruptAt * bytes.length);
      sent = bytes.slice();
      sent[at]! ^= decision.corruptBits;
      faults.push(`byte ${at} corrupted`);
      this.#tellFault("corrupt");
    }
    this.#waiting += bytes.length;
    this.#holdSource();
    const message = { tapped, bytes: sent, decision, faults, dueAt: 0 };
    this.#send(this.#reorder.push(message, decision.places));
  }

  #flush(): void {
    this.#send(this.#reorder.flush());
  }

  #send(all: readonly Reordered<Message>[]): void {
    const now = performance.now();
    for (const { item, isOvertaken } of all) {
      const { decision, faults } = item;
      if (isOvertaken) {
        faults.push("reordered");
        this.#tellFault("reorder");
      }
      if (decision.delayMs > 0) {
        faults.push(`delayed ${Math.round(decision.delayMs)} ms`);
        this.#tellFault("delay");
      }
      item.dueAt = now + decision.delayMs;
      this.#queue.push(item);
      if (decision.duplicates) {
        this.#tellFault("dup");
        this.#waiting += item.bytes.length;
        this.#queue.push({ ...item, faults: [...faults, "duplicate"] });
      }
    }
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    while (this.#queue.length > 0) {
      const queue = this.#queue;
      this.#queue = [];
      for (const message of queue) {
        await this.#wait(message.dueAt - performance.now());
        await this.#pass(message);
        if (this.#isStopped) return;
        this.#waiting -= message.bytes.length;
        this.#releaseSource();
      }
    }
    this.#isPumping = false;
    if (!this.#isEnded) return;
    this.#intake.tellEnd();
    this.#flushWatcher();
    void this.#outlet.end();
  }

  async #pass({ tapped, bytes, decision, faults }: Message): Promise<void> {
    const { cut } = this.#settings.faults;
    for (let at = 0; at < bytes.length && !this.#isStopped;) {
      const length = Math.min(decision.nextPiece(), this.#most, bytes.length);
      const piece = bytes.subarray(at, at + length);
      at += piece.length;
      this.#bucket?.spend(piece.length);
      await this.#wait(this.#bucket?.owedMs ?? 0);
      if (this.#isStopped) return;
      this.#outlet.write(piece);
      await this.#outlet.written;
      // The peer is to see this piece before the next one is there.
      if (cut !== undefined) await new Promise<void>(nextTask);
      this.#passedBytes += piece.length;
      if (at === bytes.length) this.#passedFrames++;
      const struck = this.#strikes();
      if (struck !== undefined) {
        faults.push(`${struck} behind ${at} bytes of it`);
      }
    }
    if (cut !== undefined) this.#tellFault("cut");
    this.#tellPassed(tapped, faults);
    this.#flushWatcher();
  }

  /** How many bytes may be passed on at once. */
  get #most(): number {
    const { faults: { reset, pause }, bytesPerSecond } = this.#settings;
    const marks = [reset, pause].map((mark) =>
      mark?.unit === "bytes" ? mark.count - this.#passedBytes : Infinity
    );
    return Math.min(Math.ceil(bytesPerSecond / PIECES_PER_SECOND), ...marks);
  }

  /** Does what is to be done at this place of the stream. */
  #strikes(): "reset" | "paused" | undefined {
    const { faults: { reset, pause } } = this.#settings;
    const passed = { bytes: this.#passedBytes, frames: this.#passedFrames };
    if (reset !== undefined && passed[reset.unit] >= reset.count) {
      this.#tellFault("reset");
      this.stop();
      this.#settings.reset();
      return "reset";
    }
    if (pause !== undefined && passed[pause.unit] >= pause.count) {
      this.#tellFault("pause");
      this.stop();
      // Nothing is read any more, so that the sender is held back.
      this.#source.hold();
      return "paused";
    }
    return undefined;
  }

  #holdSource(): void {
    if (this.#holds || this.#waiting < HIGH_WATER_MARK) return;
    this.#holds = true;
    this.#source.hold();
  }

  #releaseSource(): void {
    if (!this.#holds || this.#waiting > HIGH_WATER_MARK / 2) return;
    this.#holds = false;
    this.#source.release();
  }

  async #wait(ms: number): Promise<void> {
    if (!(ms > 0) || this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const cancel = after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #tellFault(kind: string): void {
    this.#intake.watcher.fault(this.#intake.way, kind);
  }

  #tellPassed(tapped: Tapped, faults: readonly string[]): void {
    this.#intake.watcher.passed(this.#intake.way, tapped, faults);
  }

  #flushWatcher(): void {
    const flushed = this.#intake.watcher.flush();
    if (flushed !== undefined) this.#source.holdUntil(flushed);
  }
}
