import type { Codec } from "../codec/types.ts";
import { framed } from "../framed/framed_connection.ts";
import {
  type FramedDatagrams,
  framedDatagrams,
} from "../framed/framed_datagrams.ts";
import type { ConnectionStats } from "../framed/stats.ts";
import type { UdpAddress } from "../net/address.ts";
import { bindDatagram } from "../net/datagram.ts";
import { NetError } from "../net/errors.ts";
import { connectTo, placeOf } from "./addresses.ts";
import type { Program } from "./program.ts";
import { wireCodec, type WireFrame } from "./wire_codec.ts";

/** Frames to and from one peer. */
export interface Session extends AsyncDisposable {
  /**
   * Sends a frame, or bytes as they are (`WireBytes`).
   *
   * @returns A promise of room where there is none.
   */
  send(frame: unknown): Promise<void> | undefined;
  /**
   * Receives the next frame; `undefined` at the end.
   *
   * @throws {NetError} `TIMED_OUT` if none has come in time.
   */
  receive(options: { timeoutMs: number }): Promise<WireFrame | undefined>;
  /** How many frames went each way. */
  stats(): Pick<ConnectionStats, "framesSent" | "framesReceived">;
  /** The frames of the peer, in the batches in which they arrive, to its end. */
  batches(): AsyncIterable<Iterable<WireFrame>>;
  /** Tells the peer that no more frames will come. */
  closeWrite(): Promise<void>;
  /** Closes in good order. */
  close(): Promise<void>;
  /** Ends it now. */
  abort(): void;
}

/** Opens a session with the peer at an address. */
export async function openSession(
  address: string,
  codec: Codec<unknown>,
  program: Pick<Program, "flags" | "signal">,
): Promise<Session> {
  const place = placeOf(address);
  return place.kind === "udp"
    ? await datagramSession(place.address, codec, program)
    : framed(await connectTo(address, program, codec), wireCodec(codec));
}

/** Sends frames; it waits only where there is no room. */
export async function sendBatch(
  session: Session,
  frames: Iterable<unknown>,
): Promise<void> {
  for (const frame of frames) {
    const room = session.send(frame);
    if (room !== undefined) await room;
  }
}

/** How long a silent peer of datagrams is waited for when all is sent. */
const SILENCE_MS = 2_000;

async function datagramSession(
  to: UdpAddress,
  codec: Codec<unknown>,
  { flags, signal }: Pick<Program, "flags" | "signal">,
): Promise<Session> {
  const hostname = to.hostname.includes(":") ? "::" : "0.0.0.0";
  const socket = await bindDatagram(
    { transport: "udp", hostname, port: 0 },
    { signal },
  );
  const frames = framedDatagrams(socket, wireCodec(codec));
  return new DatagramSession(frames, to, flags.timeout ?? SILENCE_MS);
}

/** Frames to and from one peer, a datagram each. */
class DatagramSession implements Session {
  readonly #frames: FramedDatagrams<unknown, WireFrame>;
  readonly #to: UdpAddress;
  readonly #silenceMs: number;
  readonly #allSent: AbortController = new AbortController();
  readonly #stats = { framesSent: 0, framesReceived: 0 };

  constructor(
    frames: FramedDatagrams<unknown, WireFrame>,
    to: UdpAddress,
    silenceMs: number,
  ) {
    this.#frames = frames;
    this.#to = to;
    this.#silenceMs = silenceMs;
  }

  stats(): { framesSent: number; framesReceived: number } {
    return this.#stats;
  }

  send(frame: unknown): Promise<void> {
    this.#stats.framesSent++;
    return this.#frames.send(frame, this.#to);
  }

  async receive(
    { timeoutMs }: { timeoutMs: number },
  ): Promise<WireFrame | undefined> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!signal.aborted) {
      const [frame] = await this.#next(signal);
      if (frame !== undefined) return frame;
    }
    throw new NetError("TIMED_OUT", `No reply has come in ${timeoutMs} ms`);
  }

  async *batches(): AsyncGenerator<Iterable<WireFrame>, void> {
    const { signal } = this.#allSent;
    // A peer of datagrams has no end: when all is sent, its silence stands for one.
    while (!signal.aborted) yield await this.#next(signal);
    for (;;) {
      const frames = await this.#next(AbortSignal.timeout(this.#silenceMs));
      if (frames.length === 0) return;
      yield frames;
    }
  }

  closeWrite(): Promise<void> {
    this.#allSent.abort();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#frames.close();
  }

  abort(): void {
    this.#allSent.abort();
    this.#frames.close().catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The next frame, or none when the signal is aborted. */
  async #next(signal: AbortSignal): Promise<readonly WireFrame[]> {
    try {
      const one = await this.#frames.receive({ signal });
      if (one === undefined) this.#allSent.abort();
      if (one === undefined || one.from.port !== this.#to.port) return [];
      this.#stats.framesReceived++;
      return [one.frame];
    } catch (error) {
      if (!signal.aborted) throw error;
      return [];
    }
  }
}
