import {
  checkCount,
  checkKind,
  checkOptions,
  checkTimeLimit,
} from "../checks.ts";
import type { Decoder } from "../codec/types.ts";
import { RECEIVE_HIGH_WATER_MARK } from "../defaults.ts";
import { callFrom, here } from "../net/adapters/async_context.ts";
import type { Channel } from "../net/channel.ts";
import { isPromise } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { nextTask } from "../net/timer.ts";
import { Body } from "./body.ts";
import { BrokenDecoder } from "./broken_decoder.ts";
import type { Sender } from "./sender.ts";
import { receiveKinds } from "./settings.ts";
import { Stopping } from "./stopping.ts";
import {
  type ByteTaker,
  type Each,
  type FrameTaker,
  givingUp,
  type Taker,
  TakerLine,
} from "./takers.ts";
import type { ReceiveFrameOptions } from "./types.ts";

/** What is told of what arrives, to hold a peer to its rate. */
export interface Meter {
  /** A chunk has arrived, and what was whole of it has been handed out. */
  charge(): void;
  /** The peer is to be held back no longer. */
  end(): void;
}

/**
 * The receiving half of a link. It decodes each chunk when it arrives, and hands out
 * the frames. The frames that the program sends meanwhile are then written at once.
 *
 * Incoming bytes go to the first of these: the body that is being read; the calls
 * that wait for one frame; the handler of `forEach`, unless it works on a frame. If
 * there is none, the bytes are kept, and the transport is paused above 64 KiB.
 */
export class Receiver<Out> {
  /** How many frames have been handed out. */
  frames = 0;
  /** How many chunks have arrived. */
  chunks = 0;
  /** How many bytes have arrived. */
  bytes = 0;
  /** Whether the program works for the peer while it receives: see `Framed.busy`. */
  busy = false;
  /** Holds the peer to a rate, if it has one. */
  meter: Meter | undefined;

  readonly #channel: Channel;
  readonly #sender: Sender<never>;
  #decoder: Decoder<Out>;
  #takers: TakerLine<Out> | undefined;
  #each: Each<Out> | undefined;
  #nextEach: Each<Out>[] | undefined;
  #body: Body | undefined;
  #running = false;
  /** Whether the loop over the frames for `forEach` must stop after this frame. */
  #interrupted = false;
  /** Whether the bytes that have arrived contain no more whole frame. */
  #drained = true;
  /** Whether the peer is not read because of its rate. */
  #held = false;
  /** Whether no more bytes are accepted, because of the end, an error or `stop`. */
  #over = false;
  /** Whether the decoder has been told of the end. */
  #decoderEnded = false;
  /** The error that ended receiving, if there is one. */
  #failure: unknown;
  #stopping: Stopping | undefined;

  constructor(
    channel: Channel,
    decoder: Decoder<Out>,
    sender: Sender<never>,
  ) {
    this.#channel = channel;
    this.#decoder = decoder;
    this.#sender = sender;
  }

  /** Whether the program waits for a frame. */
  get waiting(): boolean {
    return this.#body === undefined &&
      (this.#hasTakers ||
        (this.#each !== undefined && !this.#each.busy));
  }

  /** Whether a body is being read. */
  get readingBody(): boolean {
    return this.#body !== undefined && this.#body.left > 0;
  }

  /** The body that the program waits for bytes of. */
  get awaitedBody(): Body | undefined {
    return this.#body?.wanting ? this.#body : undefined;
  }

  /** How many bytes of a frame have arrived that is not whole yet. */
  get pendingBytes(): number {
    return this.#decoder.pendingBytes;
  }

  /** How many bytes have arrived that have not been handed out. */
  get unreadBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  /** How many bytes the frames had that have been handed out. */
  get bytesUsed(): number {
    return this.bytes - this.#decoder.bufferedBytes;
  }

  /** Whether the peer is not read because of its rate. */
  get held(): boolean {
    return this.#held;
  }

  /** Whether the bytes that have arrived contain no more whole frame. */
  get drained(): boolean {
    return this.#drained;
  }

  /** Whether no more frames are decoded than have arrived. */
  get over(): boolean {
    return this.#over;
  }

  /** Why no more frames can come, where that is an error. */
  get failure(): unknown {
    return this.#failure;
  }

  data(chunk: Uint8Array): void {
    if (this.#over) return;
    this.chunks++;
    this.bytes += chunk.length;
    this.#decoder.push(chunk);
    this.#drained = false;
    this.#run();
    this.#flush();
    if (this.meter !== undefined) this.meter.charge();
  }

  /** Has the peer not read for its rate, or read again. */
  hold(held: boolean): void {
    this.#held = held;
    this.#flow();
    // It was paused for that alone, and may have left meanwhile.
    const { bufferedBytes } = this.#decoder;
    if (!held && bufferedBytes <= RECEIVE_HIGH_WATER_MARK) {
      this.#channel.resume();
    }
  }

  /** The peer has closed its side. */
  end(): void {
    if (this.over) return;
    this.#decoderEnded = true;
    this.#decoder.end();
    this.#drained = false;
    this.#endReading();
    this.#runAndFlush();
  }

  /** Ends receiving after the frames that have arrived whole. */
  cut(): void {
    if (this.readingBody) {
      // The body is incomplete because of this side, not because of the peer.
      this.#failure ??= new NetError(
        "CONNECTION_CLOSED",
        "The connection was closed here before all bytes had been received",
      );
    }
    this.#endReading();
    this.#run();
  }

  /** No more bytes come: the frames that have arrived whole are still handed out. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.#endReading();
    this.#run();
  }

  /** Ends receiving at once, and drops the bytes that have arrived. */
  drop(error: unknown): void {
    this.#decoder.takeUnread();
    this.#decoder = new BrokenDecoder(error);
    this.#interrupted = true;
    this.fail(error);
  }

  receive(options?: ReceiveFrameOptions): Promise<Out | undefined> {
    return new Promise<Out | undefined>((resolve, reject) => {
      if (options !== undefined) {
        checkOptions("receive", options, receiveKinds);
        const { timeoutMs = Infinity, signal } = options;
        checkTimeLimit("timeoutMs", timeoutMs);
        signal?.throwIfAborted();
      }
      const taker: FrameTaker<Out> = {
        take: resolve,
        end: () => resolve(undefined),
        fail: reject,
      };
      this.#ask(
        options === undefined
          ? taker
          : givingUp(taker, options, (one) => this.#leave(one)),
      );
    });
  }

  next(): Promise<IteratorResult<Out, undefined>> {
    // The frames behind the first of a chunk take no turn in line.
    if (this.#isFree()) {
      try {
        const value = this.take();
        if (value !== undefined) return Promise.resolve({ done: false, value });
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return new Promise((resolve, reject) => {
      this.#ask({
        take: (value) => resolve({ done: false, value }),
        end: () => resolve({ done: true, value: undefined }),
        fail: reject,
      });
    });
  }

  /** Wakes a taker when there may be frames to `take`. */
  ready(taker: ByteTaker): void {
    if (this.#isFree()) taker.wake();
    else this.#ask(taker);
  }

  /** Takes a frame that has arrived, outside of the line. */
  take(): Out | undefined {
    let frame: Out | undefined;
    try {
      frame = this.#decoder.next();
    } catch (error) {
      throw this.#failed(error);
    }
    if (frame === undefined) this.#drained = true;
    else this.frames++;
    return frame;
  }

  forEach(handle: (frame: Out) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      checkKind("the handler", handle, "function");
      const place = here();
      const isAsync = handle.constructor.name === "AsyncFunction";
      const each = { handle, isAsync, place, resolve, reject, busy: false };
      if (this.#each === undefined) this.#each = each;
      else (this.#nextEach ??= []).push(each);
      this.#runAndFlush();
    });
  }

  /** Has what comes after the last frame handed out decoded by another codec. */
  switchDecoder(decoder: Decoder<Out>): void {
    const unread = this.#decoder.takeUnread();
    this.#decoder = decoder;
    decoder.push(unread);
    if (this.#decoderEnded) decoder.end();
    this.#drained = false;
    this.#interrupted = true;
    // Somebody may wait already, for what is a frame only now.
    queueMicrotask(() => this.#runAndFlush());
  }

  /** Takes the bytes that nobody has used. */
  takeUnread(): Uint8Array {
    return this.#decoder.takeUnread();
  }

  receiveBytes(length: number): ReadableStream<Uint8Array> {
    checkCount("length", length, 0);
    const waits = this.#hasTakers ||
      (this.#each !== undefined && !this.#each.busy && !this.#running);
    if (this.readingBody || waits) {
      throw new TypeError("Cannot receive bytes: a frame is being waited for");
    }
    const body = new Body(length, { wake: () => this.#runAndFlush() });
    if (length > 0) {
      this.#body = body;
      this.#interrupted = true;
    }
    return body.stream;
  }

  /** Ends receiving when the frames in flight have been handed out. */
  stop(): void {
    if (this.over) return;
    // What is in flight is handed out now, or never.
    this.meter?.end();
    this.#stopping ??= new Stopping(this, this.#channel);
  }

  get #hasTakers(): boolean {
    return this.#takers?.isEmpty === false;
  }

  /** Whether there may be frames, and nobody to whom they belong. */
  #isFree(): boolean {
    return !this.#drained && !this.#hasTakers &&
      this.#each === undefined && this.#body === undefined;
  }

  #ask(taker: Taker<Out>): void {
    (this.#takers ??= new TakerLine()).add(taker);
    this.#interrupted = true;
    if (this.#running) return;
    this.#run();
    this.#sender.flush();
  }

  #leave(taker: Taker<Out>): boolean {
    if (this.#takers?.leave(taker) !== true) return false;
    this.#flow();
    return true;
  }

  /** Hands out what has arrived, and writes what was sent meanwhile. */
  #runAndFlush(): void {
    if (this.#running) return;
    this.#run();
    this.#flush();
  }

  /** Writes what was sent, where the program is done with what has arrived. */
  #flush(): void {
    const each = this.#each;
    if (each !== undefined && !each.busy) this.#sender.flush();
    // A program that takes the frames one by one has not seen them yet. What it sends
    // is written when it asks for more, or in a later turn.
    else this.#sender.schedule();
  }

  /** Hands out what has arrived. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#sender.held = true;
    while (this.#step());
    this.#sender.held = this.#running = false;
    this.#flow();
  }

  /** Serves the first in line once; `false` if there is nothing for it. */
  #step(): boolean {
    const body = this.#body;
    if (body !== undefined) return body.left > 0 && this.#feed(body);
    const takers = this.#takers;
    if (takers?.isEmpty === false) return takers.serve(this);
    const each = this.#each;
    if (each === undefined || each.busy) return false;
    // An async function is called from where `forEach` was called, which then is
    // known behind each of its awaits, too. For any other that costs too much.
    if (each.isAsync && each.place !== undefined) {
      return each.place.runInAsyncScope(() => this.#serveEach(each));
    }
    const before = callFrom(each.place);
    const more = this.#serveEach(each);
    callFrom(before);
    return more;
  }

  #feed(body: Body): boolean {
    const { bufferedBytes, frameOffset } = this.#decoder;
    if (this.#over && bufferedBytes < body.left) {
      // At once, since the program may never read the bytes that have arrived.
      this.#decoder.takeUnread();
      body.fail(
        this.#failure ??
          this.#failed(body.truncated(frameOffset, bufferedBytes)),
      );
    } else if (!body.wanting || !body.take(this.#decoder)) return false;
    if (body.left > 0) return true;
    // In a later task, so that its reader sees the end of the body first.
    nextTask(() => {
      if (this.#body === body) this.#body = undefined;
      this.#runAndFlush();
    });
    return false;
  }

  #serveEach(each: Each<Out>): boolean {
    const decoder = this.#decoder;
    const { handle } = each;
    this.#interrupted = false;
    let handling = false;
    try {
      for (
        let frame = decoder.next();
        frame !== undefined;
        frame = decoder.next()
      ) {
        this.frames++;
        handling = true;
        const result = handle(frame);
        handling = false;
        if (result !== undefined && isPromise(result)) {
          this.#await(each, result);
          return true;
        }
        if (this.#interrupted) return true;
      }
      this.#drained = true;
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#over) return false;
      this.#endEach();
      each.resolve();
    } catch (error) {
      this.#endEach();
      each.reject(handling ? error : this.#failed(error));
    }
    return true;
  }

  #await(each: Each<Out>, result: PromiseLike<unknown>): void {
    each.busy = true;
    result.then(() => {
      each.busy = false;
      this.#runAndFlush();
    }, (error: unknown) => {
      each.busy = false;
      this.#endEach();
      each.reject(error);
      this.#runAndFlush();
    });
  }

  #endEach(): void {
    this.#each = this.#nextEach?.shift();
  }

  /** An error of the format ends receiving. `closed` reports it. */
  #failed(error: unknown): unknown {
    if (error !== this.#failure) {
      this.#failure = error;
      this.#endReading();
      this.#channel.note(error);
    }
    return error;
  }

  #endReading(): void {
    this.#over = true;
    this.#stopping?.end();
  }

  /** Pauses the transport if too much waits to be read, and resumes it if not. */
  #flow(): void {
    if (this.#over) return this.#channel.resume();
    if (this.#held) return this.#channel.pause();
    const wants = this.#body?.wanting ?? this.waiting;
    if (wants) this.#channel.resume();
    else if (this.#decoder.bufferedBytes > RECEIVE_HIGH_WATER_MARK) {
      this.#channel.pause();
    }
  }
}
