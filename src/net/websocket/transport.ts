import { LINGER_MS } from "../../defaults.ts";
import { Delivery } from "../adapters/delivery.ts";
import { closedError } from "../adapters/runtime_errors.ts";
import type { Address } from "../address.ts";
import { NetError } from "../errors.ts";
import { type Ticker, tickerFor } from "../ticker.ts";
import { after } from "../timer.ts";
import type { TlsInfo } from "../tls_types.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { FrameReader, type PeerClose } from "./frame_reader.ts";
import { controlFrame, FrameWriter, type Piece } from "./frame_writer.ts";
import { CloseCode, type FrameSettings, Opcode } from "./frames.ts";

const NO_PAYLOAD = new Uint8Array(0);

/** The close codes that are an end in good order. */
const GOOD_CODES: readonly number[] = [
  CloseCode.normal,
  CloseCode.goingAway,
  CloseCode.none,
];

/** What a WebSocket is made of, after its opening handshake. */
export interface OpenedSocket {
  /** The connection below. */
  readonly below: Transport;
  /** Has what arrives below delivered to a sink, from now on. */
  readonly deliverTo: (sink: TransportSink) => void;
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly settings: FrameSettings & { readonly pingMs: number };
}

/**
 * A WebSocket, after its opening handshake, as a transport over another one.
 *
 * | what happens | the peer is sent | the sink is told |
 * | --- | --- | --- |
 * | `closeWrite` | close 1000 | nothing; `data` goes on until the peer's close |
 * | the peer's close, in good order | the same close; writes are refused from then on | `end` |
 * | the peer's close with another code | the same close, an end below | `fail`, `WS_CLOSED` |
 * | the peer breaks a rule | close 1002, 1007 or 1009, an end below | `fail`, `WS_PROTOCOL` or `MESSAGE_TOO_LARGE` |
 * | an end below without a close | nothing | `fail`, `WS_TRUNCATED` |
 * | no answer to a ping | nothing | `fail`, `TIMED_OUT` |
 * | `close` | close 1000; a reset where a message is cut by it | nothing |
 * | `abort` | a reset | nothing |
 *
 * A WebSocket has no half-close: what is sent to a peer after its close is not read by
 * it, so it is refused here.
 */
export class WebSocketTransport implements Transport, TransportSink {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #below: Transport;
  readonly #delivery = new Delivery();
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #isClient: boolean;
  readonly #pingMs: number;
  readonly #ticker: Ticker | undefined;
  #bytesTaken = 0;
  #opened = false;
  #paused = false;
  #released = false;
  /** What has come from below before `open`, or when it was paused. */
  #held: (() => void)[] = [];

  /** What is written below now; never rejects. */
  #underWay: Promise<void> | undefined;
  /** How many calls of `write` are under way. */
  #writes = 0;
  #pongIsDue = false;
  /** Settles when our close is written. */
  #closeSent: Promise<void> | undefined;
  /** Why writes are refused. */
  #refusal: NetError | undefined;
  /** Whether a write has failed below: the sink is told of it even after the end. */
  #writeFailed = false;
  /** The failure that is told when the peer has had the time to read our close. */
  #fault: NetError | undefined;
  #callOff: (() => void) | undefined;
  #silentMs = 0;
  #pinged = false;

  /** Takes over a connection. */
  constructor(
    { below, deliverTo, localAddress, remoteAddress, settings }: OpenedSocket,
  ) {
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.#below = below;
    this.#reader = new FrameReader(settings);
    this.#writer = new FrameWriter(settings);
    this.#isClient = settings.isClient;
    this.#pingMs = settings.pingMs;
    if (settings.pingMs < Infinity) this.#ticker = tickerFor(settings.pingMs);
    deliverTo(this);
    below.pause();
  }

  get tls(): TlsInfo | undefined {
    return this.#below.tls;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    if (!this.#released) this.#ticker?.add(this);
    if (!this.#paused) this.#flow();
  }

  pause(): void {
    this.#paused = true;
    if (this.#fault === undefined) this.#below.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#opened) this.#flow();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    const isOver = this.#refusal !== undefined || this.#closeSent !== undefined;
    if (isOver) return Promise.reject(this.#refusal ?? closedError());
    if (bytes.length === 0) return undefined;
    const writing = this.#inTurn(() => {
      const pieces = this.#writer.pieces(bytes);
      try {
        return this.#writePieces(pieces);
      } catch (error) {
        return Promise.reject(error);
      }
    });
    if (writing === undefined) return undefined;
    return this.#untilWritten(writing);
  }

  closeWrite(): Promise<void> {
    const isOver = this.#delivery.stopped || this.#fault !== undefined;
    if (isOver) return Promise.reject(this.#refusal);
    if (this.#writer.isInMessage) {
      this.abort();
      return Promise.reject(
        new NetError("WS_TRUNCATED", "The last message was not whole"),
      );
    }
    const closing = this.#sendClose(CloseCode.normal);
    // A peer that is gone after its close has ended in good order.
    return this.#reader.close === undefined ? closing : closing.catch(ignore);
  }

  close(): void {
    if (this.#released) return;
    const isCut = this.#writes > 0 || this.#writer.isInMessage ||
      this.#fault !== undefined || this.#writeFailed;
    if (isCut) return this.abort();
    if (this.#refusal === undefined) {
      this.#sendClose(CloseCode.normal).catch(ignore);
    }
    this.#release();
    if (this.#underWay === undefined) return this.#below.close();
    const callOff = after(LINGER_MS, () => this.#below.close());
    void this.#underWay.then(() => {
      callOff();
      this.#below.close();
    });
  }

  abort(): void {
    this.#release();
    this.#below.abort();
  }

  data(chunk: Uint8Array): void {
    if (this.#fault !== undefined) return;
    if (!this.#opened || this.#held.length > 0) {
      this.#held.push(() => this.#receive(chunk));
    } else this.#receive(chunk);
  }

  end(): void {
    this.#inOrder(() => {
      if (this.#fault !== undefined) return this.#tellFault();
      if (this.#reader.close !== undefined) return;
      this.#fail(
        new NetError(
          "WS_TRUNCATED",
          "The peer ended the connection without a close frame: what it sent last may be missing",
        ),
      );
    });
  }

  fail(error: unknown): void {
    this.#writeFailed ||= this.#writes > 0;
    this.#inOrder(() => {
      if (this.#fault !== undefined) return this.#tellFault();
      if (this.#reader.close !== undefined && !this.#writeFailed) return;
      this.#fail(error);
    });
  }

  /** Looks for a peer that is gone. */
  tick(ms: number): void {
    // A peer that is not read, does not read, or has closed its side, cannot answer.
    const isHeldBack = this.#paused || this.#underWay !== undefined;
    if (isHeldBack || this.#reader.close !== undefined) this.#silentMs = 0;
    else this.#silentMs += ms;
    if (this.#silentMs > 2 * this.#pingMs) {
      this.#fail(
        new NetError(
          "TIMED_OUT",
          `The peer did not answer a ping in ${this.#pingMs} ms (pingMs)`,
          { limit: "pingMs" },
        ),
      );
    } else if (this.#silentMs > this.#pingMs && !this.#pinged) {
      this.#pinged = true;
      this.#sendControl(Opcode.ping, () => NO_PAYLOAD);
    }
  }

  /** Delivers what is held, in a later turn, and then what comes. */
  #flow(): void {
    queueMicrotask(() => {
      while (this.#held.length > 0 && !this.#paused && !this.#released) {
        this.#held.shift()?.();
      }
      if (!this.#paused && !this.#released) this.#below.resume();
    });
  }

  /** Tells of what is no data, behind all data and not while paused. */
  #inOrder(event: () => void): void {
    const isHeld = !this.#opened || this.#paused || this.#held.length > 0;
    if (isHeld) this.#held.push(event);
    else event();
  }

  #receive(chunk: Uint8Array): void {
    const reader = this.#reader;
    this.#silentMs = 0;
    this.#pinged = false;
    if (reader.close !== undefined || reader.fault !== undefined) return;
    this.#delivery.data(reader.push(chunk));
    if (this.#released) return;
    const { ping, close, fault } = this.#reader;
    if (ping !== undefined) this.#sendPong();
    if (close !== undefined) this.#peerClosed(close);
    if (fault !== undefined) this.#failLater(fault.error, fault.code);
  }

  /** Answers the latest ping. A flood of pings waits for one pong only. */
  #sendPong(): void {
    if (this.#pongIsDue) return;
    this.#pongIsDue = true;
    this.#sendControl(Opcode.pong, () => {
      const payload = this.#reader.ping;
      this.#pongIsDue = false;
      this.#reader.ping = undefined;
      return payload ?? NO_PAYLOAD;
    });
  }

  #peerClosed({ code, reason }: PeerClose): void {
    if (!GOOD_CODES.includes(code)) {
      const why = reason === "" ? "" : ` ${JSON.stringify(reason)}`;
      return this.#failLater(
        new NetError(
          "WS_CLOSED",
          `The peer closed the WebSocket: ${code}${why}`,
        ),
        code,
      );
    }
    this.#sendClose(code).catch(ignore);
    this.#refusal = new NetError(
      "CONNECTION_CLOSED",
      "The peer has closed the WebSocket, which has no half-close",
    );
    this.#inOrder(() => this.#delivery.end());
  }

  /**
   * Tells the peer why, and then the sink. It waits until the peer has ended the
   * connection: one that is closed with unread bytes would lose our close.
   */
  #failLater(error: NetError, code: number): void {
    this.#fault = this.#refusal = error;
    this.#sendClose(code).then(() => this.#below.closeWrite()).catch(ignore);
    this.#callOff = after(
      LINGER_MS,
      () => this.#inOrder(() => this.#tellFault()),
    );
    this.#below.resume();
  }

  #tellFault(): void {
    this.#callOff?.();
    if (!this.#released) this.#fail(this.#fault);
  }

  #fail(error: unknown): void {
    this.#ticker?.delete(this);
    this.#refusal = error instanceof NetError
      ? error
      : new NetError("NETWORK_ERROR", "The connection broke", { cause: error });
    this.#delivery.fail(this.#refusal);
  }

  #release(): void {
    this.#released = true;
    this.#delivery.stop();
    this.#ticker?.delete(this);
    this.#callOff?.();
    this.#held = [];
    this.#refusal = closedError();
  }

  /** Sends our close, once. What the peer does not take is told by the connection below. */
  #sendClose(code: number): Promise<void> {
    return this.#closeSent ??= (async () => {
      const payload = code === CloseCode.none
        ? NO_PAYLOAD
        : Uint8Array.of(code >> 8, code);
      const frame = controlFrame(Opcode.close, payload, this.#isClient);
      await this.#inTurn(() => this.#below.write(frame));
    })();
  }

  #sendControl(opcode: number, payload: () => Uint8Array): void {
    if (this.#closeSent !== undefined) return;
    this.#inTurn(() =>
      this.#below.write(controlFrame(opcode, payload(), this.#isClient))
    )?.catch(ignore);
  }

  /** Writes below when nothing else is written there. */
  #inTurn(write: () => Promise<void> | undefined): Promise<void> | undefined {
    const writing = this.#underWay === undefined
      ? write()
      : this.#underWay.then(write);
    if (writing === undefined) return undefined;
    const settled = writing.then(() => undefined, () => undefined)
      .then(() => {
        if (this.#underWay === settled) this.#underWay = undefined;
      });
    this.#underWay = settled;
    return writing;
  }

  /** Writes pieces as long as the connection below takes them at once. */
  #writePieces(pieces: Generator<Piece>): Promise<void> | undefined {
    for (;;) {
      const { value: piece } = pieces.next();
      if (!piece) return undefined;
      const taken = this.#below.write(piece.bytes);
      if (taken !== undefined) return this.#writeRest(piece, taken, pieces);
      this.#bytesTaken += piece.taken;
    }
  }

  async #writeRest(
    first: Piece,
    taken: Promise<void>,
    pieces: Generator<Piece>,
  ): Promise<void> {
    await taken;
    this.#bytesTaken += first.taken;
    for (const piece of pieces) {
      await this.#below.write(piece.bytes);
      this.#bytesTaken += piece.taken;
    }
  }

  async #untilWritten(writing: Promise<void>): Promise<void> {
    this.#writes++;
    try {
      await writing;
    } catch (error) {
      if (this.#released) throw closedError();
      this.#writeFailed = true;
      // The program has sent what cannot be sent. All else is told from below.
      const isOurs = error instanceof NetError &&
        error.code === "MESSAGE_TOO_LARGE";
      if (isOurs) this.#failLater(error, CloseCode.internalError);
      throw error;
    } finally {
      this.#writes--;
    }
  }
}

/** For what fails with the connection below, which tells of its failure itself. */
function ignore(): void {}
