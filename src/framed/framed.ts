import { checkCodec } from "../codec/check_codec.ts";
import type { Codec } from "../codec/types.ts";
import type { ClientTls, ServerTls } from "../net/tls_types.ts";
import type { Transport } from "../net/transport.ts";
import type { CloseInfo } from "../net/types.ts";
import { batchesOf } from "./batches.ts";
import type { Link } from "./link.ts";
import { startTls } from "./start_tls.ts";
import type { ConnectionStats } from "./stats.ts";
import type { ReceiveFrameOptions, StartTlsOptions } from "./types.ts";

/** The result of {@linkcode Framed.detach}. */
export interface Detached {
  /** The transport, to be opened by its next owner. */
  readonly transport: Transport;
  /** The bytes that have arrived behind the last frame that was handed out. */
  readonly unread: Uint8Array;
}

/**
 * Frames in both directions over a byte stream, made by {@linkcode framed}. It
 * is an async iterable of the frames that come in. Leaving the loop does not close
 * the connection, and a later loop gets the frames that follow.
 *
 * @typeParam In What is sent.
 * @typeParam Out What is received.
 */
export class Framed<In, Out = In>
  implements AsyncIterable<Out>, AsyncDisposable {
  readonly #link: Link<In, Out>;
  // At hand, for what is called for every frame.
  readonly #sender: Link<In, Out>["sender"];
  readonly #receiver: Link<In, Out>["receiver"];
  #readable: ReadableStream<Out> | undefined;
  #writable: WritableStream<In> | undefined;

  /** Use {@linkcode framed}. */
  constructor(link: Link<In, Out>) {
    this.#link = link;
    this.#sender = link.sender;
    this.#receiver = link.receiver;
  }

  /** The current frame format, as given to `framed` or to the last `switchCodec`. */
  get codec(): Codec<In, Out> {
    return this.#link.codec;
  }

  /** Settles once when the byte stream has ended, and never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#link.channel.closed;
  }

  /**
   * Whether the program works for the peer in the background while it goes on
   * receiving. `idleTimeoutMs` does not count while this is set.
   *
   * @default {false}
   */
  get busy(): boolean {
    return this.#receiver.busy;
  }

  set busy(busy: boolean) {
    this.#receiver.busy = busy;
  }

  /**
   * Whether the peer is not being read because it has exceeded its rate (`rate`,
   * `addressRate` of a server). The time limits on reading do not count meanwhile.
   */
  get heldBack(): boolean {
    return this.#link.receiver.held;
  }

  /** How many frames have been handed out. */
  get framesReceived(): number {
    return this.#receiver.frames;
  }

  /** How many chunks of bytes have come in. */
  get chunksReceived(): number {
    return this.#receiver.chunks;
  }

  /** How many bytes belonged to the frames that have been handed out. */
  get bytesReceived(): number {
    return this.#receiver.bytesUsed;
  }

  /** How many bytes have been sent that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#sender.bufferedBytes;
  }

  /**
   * The numbers of this connection now, as plain data.
   *
   * @example
   * ```ts
   * import { framed, lines } from "@framewire/framewire";
   * import { assertEquals } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
   * const loop = framed({ readable, writable }, lines());
   * await loop.send("hello");
   * await loop.receive();
   * const { framesSent, framesReceived, bytesReceived } = loop.stats();
   * assertEquals([framesSent, framesReceived, bytesReceived], [1, 1, 6]);
   * ```
   */
  stats(): ConnectionStats {
    return this.#link.stats();
  }

  /**
   * Sends a frame. It is encoded at once, and written together with the other frames
   * that are sent in the same turn of the event loop. A frame of 256 KiB or more is
   * not copied: its bytes must not change until what is returned has settled.
   *
   * @param frame The frame.
   * @returns `undefined` while there is room for more; otherwise a promise that
   * resolves when there is room again, and rejects when the connection fails. So
   * `await connection.send(frame)` is always right.
   * @throws {FrameError} If the format cannot carry the frame; nothing is sent.
   * @throws {NetError} If the connection has failed, this side of it is closed, or
   * more bytes than `maxSendBuffer` wait to be sent.
   */
  send(frame: In): Promise<void> | undefined {
    return this.#sender.send(frame);
  }

  /**
   * Sends bytes that `codec.encode` has made. Many connections can be sent the same
   * bytes: only one copy is held, however many peers are slow.
   *
   * @param bytes Whole frames, which must not change afterwards.
   * @returns The same as `send`.
   * @throws {NetError} As `send` does.
   */
  sendEncoded(bytes: Uint8Array): Promise<void> | undefined {
    return this.#sender.sendEncoded(bytes);
  }

  /**
   * Receives the next frame. Calls are answered in their order. A call that gives up
   * (`signal`, `timeoutMs`) loses no frame: the next call gets it.
   *
   * After a `FrameError` nothing more can be received. The connection is still open
   * for sending: send an error message if the protocol has one, and `close`.
   *
   * @example
   * ```ts
   * import { framed, lines, NetError } from "@framewire/framewire";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
   * const loop = framed({ readable, writable }, lines());
   * await assertRejects(() => loop.receive({ timeoutMs: 1 }), NetError);
   * await loop.send("late");
   * assertEquals(await loop.receive(), "late");
   * ```
   *
   * @param options How the wait may end early.
   * @returns The frame, or `undefined` at the end of the stream.
   * @throws {FrameError} If the bytes that came in are not a frame.
   * @throws {NetError} If the connection has failed, or `TIMED_OUT` when
   * `timeoutMs` has passed.
   * @throws {TypeError} If there is no such option.
   * @throws {RangeError} If `timeoutMs` is not more than 0.
   */
  receive(options?: ReceiveFrameOptions): Promise<Out | undefined> {
    return this.#receiver.receive(options);
  }

  /**
   * Calls a function with every frame until the stream ends. This is the fastest way
   * to handle frames: no promise is made unless the function returns one, for which
   * the next frame then waits.
   *
   * @param handle Handles a frame.
   * @throws {FrameError} If the bytes that came in are not a frame.
   * @throws {NetError} If the connection has failed.
   */
  forEach(
    handle: (frame: Out) => Promise<unknown> | undefined | void,
  ): Promise<void> {
    return this.#receiver.forEach(handle);
  }

  /**
   * The frames that come in, in batches of those that arrived together: one promise
   * for a batch and none for a frame. Either loop can be left at any frame, and can
   * await at any frame. Frames that were not taken are in the next batch.
   *
   * @example
   * ```ts
   * import { framed, lines } from "@framewire/framewire";
   * import { assertEquals } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
   * const loop = framed({ readable, writable }, lines());
   * for (const line of ["one", "two", "three"]) void loop.send(line);
   * void loop.closeWrite();
   *
   * const received: string[] = [];
   * for await (const batch of loop.batches()) {
   *   for (const line of batch) received.push(line);
   * }
   * assertEquals(received, ["one", "two", "three"]);
   * ```
   *
   * @returns The batches. The loops throw what `receive` would reject with.
   */
  batches(): AsyncIterableIterator<Iterable<Out>, undefined, void> {
    return batchesOf(this.#receiver);
  }

  /**
   * Receives the next bytes without decoding them: the body of a frame that is too
   * large for the memory, after its header was received as a frame. The next frame
   * waits until all bytes have been read. If the stream is cancelled, the rest of
   * the bytes is skipped.
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
   * @returns The bytes. The stream errors with `FRAME_TRUNCATED` if the peer ends
   * before all bytes have arrived.
   * @throws {TypeError} If a call waits for a frame.
   * @throws {RangeError} If the length is not a whole number of 0 or more.
   */
  receiveBytes(length: number): ReadableStream<Uint8Array> {
    return this.#receiver.receiveBytes(length);
  }

  /**
   * Sends bytes without encoding them, with backpressure: the body of a frame whose
   * header was sent as a frame. No frame can be sent meanwhile. If the source fails,
   * or does not have the announced length, the connection is aborted, since the peer
   * would take the next frame for the rest of the body.
   *
   * @param source The bytes.
   * @param length The length that the header announced.
   * @throws {FrameError} If the source has fewer bytes, or more.
   */
  async sendBytes(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    length: number,
  ): Promise<void> {
    // If this throws, no body has begun, and the connection stays as it is.
    this.#sender.beginBytes();
    try {
      await this.#sender.sendBytes(source, length);
    } catch (error) {
      this.abort(error);
      throw error;
    }
  }

  /**
   * Changes the frame format, for example after a handshake. The bytes behind the last
   * frame that was received are decoded in the new format, and so is everything that
   * is sent from now on encoded. The result is this object with the new types.
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
   * @throws {TypeError} If it is not a codec.
   */
  switchCodec<NewIn, NewOut>(
    codec: Codec<NewIn, NewOut>,
  ): Framed<NewIn, NewOut> {
    checkCodec(codec);
    const framed = this as unknown as Framed<NewIn, NewOut>;
    framed.#link.switchCodec(codec);
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
      cancel: () => this.#link.channel.discard(),
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
   * Tells an error of this connection (the peer, the network, `abort`) from a mistake
   * of the program.
   *
   * @param error The error that was caught.
   * @returns Whether it is the error that this connection failed with, or has that
   * error among its causes.
   */
  failedWith(error: unknown): boolean {
    return this.#link.failedWith(error);
  }

  /**
   * Stops receiving once the frames that are in flight have been handed out: `receive`
   * then returns `undefined`, and loops end, as if the peer had closed its side. For
   * a program that shuts down and lets its handlers finish.
   */
  stop(): void {
    this.#receiver.stop();
  }

  /**
   * Half-close: tells the peer, after everything that was sent, that no more will
   * come. Receiving goes on.
   */
  closeWrite(): Promise<void> {
    return this.#link.channel.closeWrite();
  }

  /**
   * Closes in good order: everything that was sent is written first. A peer that
   * takes no bytes, or goes on sending, for `closeTimeoutMs` is cut. `closed` tells
   * whether closing succeeded. Can be called again at any time.
   */
  close(): Promise<void> {
    return this.#link.channel.close();
  }

  /** Ends the connection now. Unsent bytes are dropped. */
  abort(reason?: unknown): void {
    this.#link.channel.abort(reason);
  }

  /**
   * Goes on with TLS over the same byte stream, as protocols do that begin in the clear
   * (STARTTLS). The side that asks for it calls this when the other has agreed; the
   * other calls it in the same turn in which it sends that it agrees, without waiting
   * for anything between. Bytes that came in the clear behind the last frame are
   * refused with `TLS_PROTOCOL`, and end the connection. Until the handshake is done,
   * nothing can be sent.
   *
   * @example
   * ```ts
   * import { createClient, lines, serve } from "@framewire/framewire";
   * import type { ClientTls, ServerTls } from "@framewire/framewire/net";
   *
   * // A server that offers it: `tls` has the certificate and the key.
   * const listen = (tls: ServerTls) =>
   *   serve({ address: { port: 0 }, codec: lines() }, async (connection) => {
   *     if (await connection.receive() !== "STARTTLS") return;
   *     connection.send("go on");
   *     await connection.startTls("server", tls);
   *     await connection.send("in private");
   *   });
   *
   * async function ask(address: string, tls: ClientTls) {
   *   const connection = await createClient({ address, codec: lines() });
   *   await connection.send("STARTTLS");
   *   if (await connection.receive() !== "go on") throw new Error("No TLS");
   *   await connection.startTls("client", { serverName: "example.org", ...tls });
   *   return await connection.receive();
   * }
   * ```
   *
   * @param side Which side of TLS this is.
   * @param tls How it is used. A client mostly gives `serverName`: the address is that
   * of the connection.
   * @param options How long the handshake may take.
   * @returns This object.
   * @throws {TypeError} If a call waits for a frame, or an option cannot be used.
   * @throws {NetError} If the handshake fails: the connection has ended then.
   */
  async startTls<Side extends "client" | "server">(
    side: Side,
    tls: Side extends "client" ? ClientTls : ServerTls,
    options: StartTlsOptions = {},
  ): Promise<this> {
    await startTls(this.#link, side, tls, options);
    return this;
  }

  /**
   * Gives the byte stream back once everything that was sent is written, so that it
   * can be used in another way. This object can then neither send nor receive.
   *
   * @example
   * ```ts
   * import { framed, lengthPrefixed, lines } from "@framewire/framewire";
   * import { assertEquals } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
   * const text = framed({ readable, writable }, lines());
   * await text.send("HELLO");
   * assertEquals(await text.receive(), "HELLO");
   *
   * const { transport, unread } = await text.detach();
   * assertEquals(unread.length, 0);
   * const binary = framed(transport, lengthPrefixed());
   * await binary.send(Uint8Array.of(1));
   * assertEquals(await binary.receive(), Uint8Array.of(1));
   * ```
   *
   * @returns The transport, and the bytes behind the last frame.
   * @throws {TypeError} If a call waits for a frame.
   * @throws {NetError} If the connection has failed.
   */
  detach(): Promise<Detached> {
    return this.#link.detach();
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
