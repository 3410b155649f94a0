import { Flow, type FlowContext, type ServerOf } from "./flow.ts";
import type { FlowKey } from "./flow_key.ts";
import type { TcpSegment } from "./tcp_segment.ts";
import { TcpStream } from "./tcp_stream.ts";

/** A TCP connection: both of its streams, from the handshake to the end. */
export class TcpConnection extends Flow {
  readonly #toServer: TcpStream;
  readonly #toClient: TcpStream;

  /** Opens it with its first segment, which it does not take yet. */
  constructor(
    context: FlowContext,
    key: FlowKey,
    segment: TcpSegment,
    time: number,
  ) {
    super(context, key, serverOf(segment, key));
    this.#toServer = new TcpStream(this.number, "toServer", context);
    this.#toClient = new TcpStream(this.number, "toClient", context);
    this.open(time, "tcp", key, !segment.hasSyn);
  }

  /** Whether a segment with SYN begins another connection with the same addresses. */
  isReplacedBy(segment: TcpSegment, key: FlowKey): boolean {
    const stream = this.#streamOf(key);
    return stream.isStarted
      ? !stream.startsAt(segment.sequence + 1)
      : this.isClosed;
  }

  /** Takes a segment. */
  receive(segment: TcpSegment, key: FlowKey, time: number): void {
    if (this.isClosed) {
      if (segment.length > 0) this.context.counters.retransmissions++;
      return;
    }
    if (segment.hasReset) {
      this.#reset(key, time);
      return;
    }
    const stream = this.#streamOf(key);
    const sequence = segment.sequence + (segment.hasSyn ? 1 : 0);
    const mayStart = segment.hasSyn || segment.hasFin || segment.length > 0;
    if (!stream.isStarted && mayStart) stream.start(sequence);
    if (segment.hasAck) {
      const other = stream === this.#toServer ? this.#toClient : this.#toServer;
      const { acknowledged } = segment;
      // Its receiver has had everything before: the capture began behind it.
      if (!other.isStarted) other.start(acknowledged);
      else other.acknowledge(acknowledged, time);
    }
    stream.receive(segment, sequence, time);
    if (this.#toServer.hasEnded && this.#toClient.hasEnded) this.close(time);
  }

  protected override finish(time: number): void {
    this.#toServer.finish(time);
    this.#toClient.finish(time);
  }

  #reset(key: FlowKey, time: number): void {
    this.finish(time);
    this.context.events.add({
      kind: "reset",
      connection: this.number,
      direction: this.directionOf(key),
      time,
    });
    this.close(time);
  }

  #streamOf(key: FlowKey): TcpStream {
    return this.directionOf(key) === "toServer"
      ? this.#toServer
      : this.#toClient;
  }
}

/** SYN tells who is the server. Without it, the lower port is more likely the server's. */
function serverOf(segment: TcpSegment, key: FlowKey): ServerOf {
  if (segment.hasSyn) return segment.hasAck ? "sender" : "receiver";
  if (key.firstPort === key.secondPort) return "receiver";
  return key.isFromFirst ? "sender" : "receiver";
}
