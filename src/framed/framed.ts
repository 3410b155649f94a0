import type { Codec } from "../codec/types.ts";
import type { Address } from "../net/address.ts";
import { SocketConnection } from "../net/connection.ts";
import { NetError } from "../net/errors.ts";
import type { CloseInfo, Connection } from "../net/types.ts";
import { FrameReceiver } from "./receiver.ts";
import { FrameSender } from "./sender.ts";
import {
  type ByteDuplex,
  type ClosableChannel,
  StreamChannel,
} from "./stream_channel.ts";
import type { FramedOptions } from "./types.ts";

/** The halves of framed bytes, for the watchdog of a server. */
export let halvesOf: (framed: Framed<never, unknown>) => {
  readonly sender: FrameSender<never>;
  readonly receiver: FrameReceiver<unknown>;
};

/** How long a peer may take no bytes of a connection that is being closed. */
const CLOSE_TIMEOUT_MS = 30_000;

/**
 * Frames in both directions over a byte stream, made by {@linkcode framed}. It
 * is an async iterable of the frames that come in; leaving the loop closes
 * nothing and leaves the rest unread, for a later one.
 *
 * @typeParam In What is sent.
 * @typeParam Out What is received.
 */
export class Framed<In, Out = In>
  implements AsyncIterable<Out>, AsyncDisposable {
  static {
    halvesOf = (framed) => ({
      sender: framed.#sender,
      receiver: framed.#receiver,
    });
  }

  readonly #channel: ClosableChannel;
  readonly #sender: FrameSender<In>;
  readonly #receiver: FrameReceiver<Out>;
  #readable: ReadableStream<Out> | undefined;
  #writable: WritableStream<In> | undefined;
  #closing: Promise<void> | undefined;

  /** Use {@linkcode framed}. */
  constructor(
    channel: ClosableChannel,
    codec: Codec<In, Out>,
    options: FramedOptions,
  ) {
    const { highWaterMark = 65_536, maxSendBuffer = 16_777_216 } = options;
    this.#channel = channel;
    this.#sender = new FrameSender(channel, codec.encoder(), {
      highWaterMark,
      maxSendBuffer,
    });
    this.#receiver = new FrameReceiver(channel, codec.decoder(), this.#sender);
    void channel.closed.then(({ error }) => {
      this.#sender.fail(error ?? closedError());
    });
  }

  /** Settles once when the byte stream has ended, and never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#channel.closed;
  }

  /**
   * Whether the program works on something for the peer in the background, while
   * it goes on receiving: as long as that is so, `idleTimeoutMs` does not count.
   *
   * @default {false}
   */
  get busy(): boolean {
    return this.#receiver.busy;
  }

  set busy(busy: boolean) {
    this.#receiver.busy = busy;
  }

  /** How many frames have come in and been handed out. */
  get framesReceived(): number {
    return this.#receiver.frames;
  }

  /** How many chunks of bytes these frames came in. */
  get chunksReceived(): number {
    return this.#receiver.chunks;
  }

  /** How many bytes have been sent that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#sender.bufferedBytes;
  }

  /**
   * Sends a frame. It is encoded at once, and written together with all that is
   * sent until the next task, or until more is received.
   *
   * @param frame The frame.
   * @returns `undefined` while there is room for more; otherwise a promise that
   * resolves when there is again, and rejects when the connection fails. So
   * `await connection.send(frame)` is always right.
   * @throws {FrameError} If the format cannot carry the frame; nothing is sent.
   * @throws {NetError} If the connection has failed, this side of it is closed,
   * or more waits to be sent than `maxSendBuffer`.
   */
  send(frame: In): Promise<void> | undefined {
    return this.#sender.send(frame);
  }

  /**
   * Receives the next frame. Calls made before one has arrived are answered in
   * their order.
   *
   * @returns The frame, or `undefined` at the end of the stream.
   * @throws {FrameError} If the bytes that came in are not a frame.
   * @throws {NetError} If the connection has failed.
   */
  receive(): Promise<Out | undefined> {
    return this.#receiver.receive();
  }

  /**
   * Calls a function with every frame until the stream ends. The fastest way to
   * handle frames: where the function returns `undefined`, no promise is made
   * for a frame; where it returns a promise, the next frame waits for it.
   *
   * @param handle What to do with a frame.
   * @throws {FrameError} If the bytes that came in are not a frame.
   * @throws {NetError} If the connection has failed.
   */
  forEach(
    handle: (frame: Out) => Promise<unknown> | undefined | void,
  ): Promise<void> {
    return this.#receiver.forEach(handle);
  }

  /**
   * The next bytes as they arrive, as they are: the body of a frame that is too
   * large for the memory, whose header has been received as a frame. The next
   * frame waits until they have been read, or passed over because the stream was
   * cancelled.
   *
   * @example
   * ```ts
   * import { framed, lengthPrefixed } from "@framewire/framewire";
   * import { assertEquals } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
   * const loop = framed({ readable, writable }, lengthPrefixed().header);
   *
   * const sending = (async () => {
   *   await loop.send(3);
   *   await loop.sendBytes([Uint8Array.of(1, 2), Uint8Array.of(3)], 3);
   *   await loop.closeWrite();
   * })();
   * for await (const length of loop) {
   *   const bytes = await Array.fromAsync(loop.receiveBytes(length));
   *   assertEquals(bytes.flatMap((chunk) => [...chunk]), [1, 2, 3]);
   * }
   * await sending;
   * ```
   *
   * @param length How many bytes.
   * @returns The bytes; the stream errors with `FRAME_TRUNCATED` where they end
   * too early.
   * @throws {TypeError} If a frame is being waited for.
   */
  receiveBytes(length: number): ReadableStream<Uint8Array> {
    return this.#receiver.receiveBytes(length);
  }

  /**
   * Sends bytes as they are, with backpressure: the body of a frame whose header
   * has been sent as a frame. Nothing else can be sent meanwhile. Where the
   * source fails, or does not have the length announced, the connection is
   * aborted: the peer would take the next frame for the rest of this one.
   *
   * @param source The bytes.
   * @param length How many there are.
   * @throws {FrameError} If there are fewer, or more.
   */
  async sendBytes(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    length: number,
  ): Promise<void> {
    // Where that is refused, nothing has been sent that would need an end.
    this.#sender.beginBytes();
    try {
      await this.#sender.sendBytes(source, length);
    } catch (error) {
      this.abort(error);
      throw error;
    }
  }

  /**
   * Goes on with another frame format, after a handshake for example: what comes
   * behind the last frame received, and what is sent from now on. Nothing is
   * lost. `this` has the new types in what is returned.
   *
   * @example
   * ```ts
   * import { framed, lengthPrefixed, lines } from "@framewire/framewire";
   * import { assertEquals } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
   * const greeting = framed({ readable, writable }, lines());
   * await greeting.send("HELLO binary");
   * assertEquals(await greeting.receive(), "HELLO binary");
   *
   * const binary = greeting.switchCodec(lengthPrefixed());
   * await binary.send(Uint8Array.of(10));
   * assertEquals(await binary.receive(), Uint8Array.of(10));
   * ```
   *
   * @param codec The new format.
   * @returns The same object.
   */
  switchCodec<NewIn, NewOut>(
    codec: Codec<NewIn, NewOut>,
  ): Framed<NewIn, NewOut> {
    const framed = this as unknown as Framed<NewIn, NewOut>;
    framed.#sender.switchEncoder(codec.encoder());
    framed.#receiver.switchDecoder(codec.decoder());
    return framed;
  }

  /** The frames that come in. */
  [Symbol.asyncIterator](): AsyncIterator<Out, undefined, void> {
    return { next: () => this.#receiver.next() };
  }

  /** The frames that come in, as a stream. */
  get readable(): ReadableStream<Out> {
    return this.#readable ??= new ReadableStream<Out>({
      pull: async (controller) => {
        const frame = await this.receive();
        if (frame === undefined) controller.close();
        else controller.enqueue(frame);
      },
      cancel: () => this.#receiver.stop(),
    }, { highWaterMark: 0 });
  }

  /**
   * The frames that go out, as a stream. Closing it closes this side only;
   * aborting it aborts the connection.
   */
  get writable(): WritableStream<In> {
    return this.#writable ??= new WritableStream<In>({
      write: (frame) => this.send(frame),
      close: () => this.closeWrite(),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Half-close: tells the peer, after all that was sent, that no more will come.
   * Receiving goes on.
   */
  async closeWrite(): Promise<void> {
    this.#sender.refuse(closedError());
    await this.#sender.flushed();
    this.#sender.fail(closedError());
    await this.#channel.closeWrite();
  }

  /**
   * Closes in good order: all that was sent is written first. A peer that takes
   * none of it for 30 seconds is cut. Whether it went well is told by `closed`.
   * Can be called again at any time.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Ends the connection now; what was not sent yet is dropped. */
  abort(reason?: unknown): void {
    this.#channel.abort(reason);
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const sender = this.#sender;
    sender.refuse(closedError());
    let writes = -1;
    const watch = setInterval(() => {
      if (sender.writes === writes) this.abort(notTakenError());
      writes = sender.writes;
    }, CLOSE_TIMEOUT_MS / 2);
    // Where this fails, the channel is closed already and `closed` says why.
    await sender.flushed().catch(() => undefined);
    clearInterval(watch);
    await this.#channel.close();
  }
}

/** {@linkcode Framed} over a connection. */
export class FramedConnection<In, Out = In> extends Framed<In, Out> {
  static #count = 0;

  /** A number that no other connection of this process has. */
  readonly id: number = ++FramedConnection.#count;
  /** Where this end is. */
  readonly localAddress: Address;
  /** Where the other end is. */
  readonly remoteAddress: Address;

  /** Use {@linkcode framed}. */
  constructor(
    connection: Connection,
    codec: Codec<In, Out>,
    options: FramedOptions,
  ) {
    super(channelOf(connection), codec, options);
    this.localAddress = connection.localAddress;
    this.remoteAddress = connection.remoteAddress;
  }

  /** {@inheritDoc Framed.switchCodec} */
  override switchCodec<NewIn, NewOut>(
    codec: Codec<NewIn, NewOut>,
  ): FramedConnection<NewIn, NewOut> {
    super.switchCodec(codec);
    return this as unknown as FramedConnection<NewIn, NewOut>;
  }
}

/**
 * Puts a frame format on a byte stream: on a connection, or on any pair of Web
 * Streams. The stream belongs to the result from then on.
 *
 * @example
 * ```ts
 * import { framed, lines } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
 * const loop = framed({ readable, writable }, lines());
 * await loop.send("hello");
 * assertEquals(await loop.receive(), "hello");
 * ```
 *
 * @param duplex The connection, or the streams.
 * @param codec The frame format.
 * @param options How much may wait to be sent.
 * @returns The frames in both directions.
 * @throws {TypeError} If the streams are in use already.
 */
export function framed<In, Out>(
  duplex: Connection,
  codec: Codec<In, Out>,
  options?: FramedOptions,
): FramedConnection<In, Out>;
/**
 * Puts a frame format on a pair of Web Streams.
 *
 * @param duplex The streams.
 * @param codec The frame format.
 * @param options How much may wait to be sent.
 * @returns The frames in both directions.
 * @throws {TypeError} If the streams are in use already.
 */
export function framed<In, Out>(
  duplex: ByteDuplex,
  codec: Codec<In, Out>,
  options?: FramedOptions,
): Framed<In, Out>;
export function framed<In, Out>(
  duplex: ByteDuplex,
  codec: Codec<In, Out>,
  options: FramedOptions = {},
): Framed<In, Out> {
  return isConnection(duplex)
    ? new FramedConnection(duplex, codec, options)
    : new Framed(channelOf(duplex), codec, options);
}

function isConnection(duplex: ByteDuplex): duplex is Connection {
  return "localAddress" in duplex && "remoteAddress" in duplex;
}

/** Our own connections are read and written without their streams. */
function channelOf(duplex: ByteDuplex): ClosableChannel {
  return duplex instanceof SocketConnection
    ? duplex.takeChannel()
    : new StreamChannel(duplex);
}

function notTakenError(): NetError {
  return new NetError(
    "TIMED_OUT",
    `The peer took none of our bytes for ${CLOSE_TIMEOUT_MS} ms while the connection was being closed`,
  );
}

function closedError(): NetError {
  return new NetError(
    "CONNECTION_CLOSED",
    "Cannot send: this side of the connection is closed",
  );
}
