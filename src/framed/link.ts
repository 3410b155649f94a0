import type { Codec } from "../codec/types.ts";
import type { Channel } from "../net/channel.ts";
import type { ChannelUser } from "../net/channel_user.ts";
import { NetError } from "../net/errors.ts";
import type { Transport } from "../net/transport.ts";
import type { CloseInfo } from "../net/types.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import { linkSettings } from "./settings.ts";
import { Watch } from "./time_limits.ts";
import type { FramedOptions } from "./types.ts";

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

  /**
   * Makes the link of a channel. The channel is taken last, so that it stays usable
   * if an option is refused.
   *
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(
    takeChannel: () => Channel,
    codec: Codec<In, Out>,
    options: FramedOptions,
  ) {
    const settings = linkSettings(options);
    const encoder = codec.encoder();
    const decoder = codec.decoder();
    this.codec = codec;
    const channel = this.channel = takeChannel();
    channel.closeTimeoutMs = settings.closeTimeoutMs;
    this.sender = new Sender(channel, encoder, settings);
    this.receiver = new Receiver(channel, decoder, this.sender);
    this.#watch = Watch.begin(settings, channel, this.receiver, this.sender);
    channel.use(this);
  }

  switchCodec<NewIn, NewOut>(codec: Codec<NewIn, NewOut>): void {
    const link = this as unknown as Link<NewIn, NewOut>;
    const encoder = codec.encoder();
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
    this.receiver.meter?.end();
    const unread = this.receiver.takeUnread();
    this.receiver.drop(
      new NetError("CONNECTION_CLOSED", "The connection was detached"),
    );
    return { transport: this.channel.detach(), unread };
  }

  /**
   * Lays another transport over that of the link, once everything that was sent is
   * written. What arrives from now on is for the other one.
   */
  async upgrade(
    make: (below: Transport) => Promise<Transport>,
  ): Promise<void> {
    if (this.receiver.waiting || this.receiver.readingBody) {
      throw new TypeError("Cannot start TLS: a frame is being waited for");
    }
    const goOn = this.sender.suspend(
      new NetError("CONNECTION_CLOSED", "Cannot send: TLS is being started"),
    );
    const unread = this.receiver.takeUnread();
    if (unread.length > 0) {
      // They could be another's than the peer's (CVE-2011-0411).
      const error = new NetError(
        "TLS_PROTOCOL",
        `Cannot start TLS: ${unread.length} bytes came in the clear behind the last frame`,
      );
      this.channel.abort(error);
      throw error;
    }
    await this.channel.upgrade(this.sender.flushed(), make);
    goOn();
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
