import type { Codec, Decoder } from "../codec/types.ts";
import { filter } from "../codec/views/filter.ts";
import type { Channel } from "../net/channel.ts";
import type { ChannelUser } from "../net/channel_user.ts";
import { NetError } from "../net/errors.ts";
import type { Transport } from "../net/transport.ts";
import type { CloseInfo } from "../net/types.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import type { LinkSettings } from "./settings.ts";
import type { ConnectionStats } from "./stats.ts";
import { Watch } from "./time_limits.ts";

/**
 * The link between a transport and a program. It decodes inside the callback of the
 * transport, gathers the frames that are sent, and enforces the time limits.
 *
 * Reading and writing each have a state of their own. A row is an event; `-` leaves
 * that side as it is. `Channel` has the table of what the peer is sent and of what
 * `closed` says.
 *
 * | event | reading | writing | a call that waits for a frame gets | unsent bytes |
 * | --- | --- | --- | --- | --- |
 * | the peer's FIN | ended | - | the whole frames, then the end; `FRAME_TRUNCATED` inside a frame | are written |
 * | the peer's reset, a broken network | failed | failed | the whole frames, then the `NetError` | are dropped |
 * | a write that fails | - | failed | the whole frames, then the `NetError` that the transport reports | are dropped |
 * | bytes that are not a frame | failed | - | the frames before them, then the `FrameError` | are written |
 * | a handler of `forEach` throws | - | - | `forEach` rejects; the next call gets the next frame | are written |
 * | `stop` | ended when quiet | - | the frames in flight, then the end | are written |
 * | `closeWrite` | - | closed | as before | are written, then FIN |
 * | `close` | ended when it would pause | closed | as before; the whole frames, then the end | are written, then FIN |
 * | `abort`, and each time limit | failed | failed | the reason, at once | are dropped |
 * | `startTls` | for TLS | refused until it is done | is refused while a call waits | are written before |
 * | `detach` | ended | closed | `detach` is refused while a call waits | are written |
 *
 * The reader of a body (`receiveBytes`) gets the same as a call that waits for a
 * frame. So do calls that are made after the event.
 */
export class Link<In, Out> implements ChannelUser {
  readonly channel: Channel;
  readonly sender: Sender<In>;
  readonly receiver: Receiver<Out>;
  codec: Codec<In, Out>;
  readonly #watch: Watch | undefined;
  readonly #heartbeat: Heartbeat | undefined;

  /**
   * Makes the link of a channel. The channel is taken last, so that it stays usable
   * if the codec throws.
   */
  constructor(
    takeChannel: () => Channel,
    codec: Codec<In, Out>,
    settings: LinkSettings<In, Out>,
  ) {
    const encoder = codec.encoder();
    const decoder = this.#decoderOf(codec, settings);
    this.codec = codec;
    const channel = this.channel = takeChannel();
    channel.closeTimeoutMs = settings.closeTimeoutMs;
    this.sender = new Sender(channel, encoder, settings);
    this.receiver = new Receiver(channel, decoder, this.sender);
    this.#watch = Watch.begin(settings, channel, this.receiver, this.sender);
    this.#heartbeat = this.#begin(settings);
    channel.use(this);
  }

  /** The decoder of a codec, which hands out no answers to pings. */
  #decoderOf(
    codec: Codec<In, Out>,
    { heartbeat }: LinkSettings<In, Out>,
  ): Decoder<Out> {
    const isPong = heartbeat?.isPong;
    return isPong === undefined
      ? codec.decoder()
      : filter(codec, (frame) => !isPong(frame)).decoder();
  }

  #begin({ heartbeat }: LinkSettings<In, Out>): Heartbeat | undefined {
    if (heartbeat === undefined) return undefined;
    const { channel, sender, receiver } = this;
    const { ping, everyMs, timeoutMs } = heartbeat;
    return new Heartbeat({
      everyMs,
      timeoutMs,
      limit: "heartbeat.timeoutMs",
      sent: () => channel.bytesTaken,
      received: () => receiver.chunks,
      // Then no answer can arrive, or no ping can be sent.
      isHolding: () => channel.paused || !sender.takesFrames,
      ping: () => {
        if (!sender.takesFrames) return;
        try {
          // Where the promise rejects, the connection has ended.
          void sender.send(ping());
        } catch (error) {
          channel.abort(error);
        }
      },
      abort: (error) => channel.abort(error),
    });
  }

  stats(): ConnectionStats {
    const { sender, receiver } = this;
    return {
      framesReceived: receiver.frames,
      framesSent: sender.frames,
      bytesReceived: receiver.bytesUsed,
      bytesSent: sender.bytes,
      unreadBytes: receiver.unreadBytes,
      queuedBytes: sender.bufferedBytes,
    };
  }

  switchCodec<NewIn, NewOut>(codec: Codec<NewIn, NewOut>): void {
    const link = this as unknown as Link<NewIn, NewOut>;
    const encoder = codec.encoder();
    // Its frames are of the format before.
    this.#heartbeat?.stop();
    link.receiver.switchDecoder(codec.decoder());
    link.sender.switchEncoder(encoder);
    link.codec = codec;
  }

  failedWith(error: unknown): boolean {
    const failures = [
      this.receiver.failure,
      this.sender.failure,
      this.channel.info?.error,
    ];
    let cause = error;
    while (cause !== undefined && cause !== null) {
      if (failures.includes(cause)) return true;
      cause = cause instanceof Error ? cause.cause : undefined;
    }
    return false;
  }

  async detach(): Promise<{ transport: Transport; unread: Uint8Array }> {
    if (this.receiver.waiting || this.receiver.readingBody) {
      throw new TypeError("Cannot detach: a frame is being waited for");
    }
    await this.sender.finish();
    this.#watch?.end();
    this.#heartbeat?.stop();
    this.receiver.meter?.end();
    const unread = this.receiver.takeUnread();
    this.receiver.drop(
      new NetError("CONNECTION_CLOSED", "The connection was detached"),
    );
    return { transport: this.channel.detach(), unread };
  }

  data(chunk: Uint8Array): void {
    this.receiver.data(chunk);
  }

  end(): void {
    this.receiver.end();
  }

  cut(): void {
    this.receiver.cut();
  }

  closed({ by, error }: CloseInfo): void {
    this.#watch?.end();
    this.#heartbeat?.stop();
    this.receiver.meter?.end();
    if (error === undefined) return this.sender.end();
    this.sender.fail(error);
    if (by === "local") this.receiver.drop(error);
    else this.receiver.fail(error);
  }

  finish(): Promise<void> {
    return this.sender.finish();
  }
}
