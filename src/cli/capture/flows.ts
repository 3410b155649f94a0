import type { Counters } from "./capture_stats.ts";
import type { EventQueue } from "./event_queue.ts";
import type { FlowContext } from "./flow.ts";
import { FlowKey } from "./flow_key.ts";
import { FlowTable } from "./flow_table.ts";
import { HeldBytes } from "./held_bytes.ts";
import { IpPacket, TCP } from "./ip_packet.ts";
import { ipOffset, NOT_IP, UNKNOWN_LINK_TYPE } from "./link_layer.ts";
import { TcpConnection } from "./tcp_connection.ts";
import { TcpSegment } from "./tcp_segment.ts";
import { faultOfDatagram, UdpFlow } from "./udp_flow.ts";

/** What a reader keeps at most. */
export interface CaptureLimits {
  /**
   * How many connections are followed at the same time, and how many flows of
   * datagrams; 65,536 by default. Past it, one without packets for long is closed.
   */
  readonly maxConnections?: number;
  /**
   * How many bytes of all connections wait for those ahead of them, 16 MiB by default;
   * each segment that waits counts 1,024 more. Past it, the gap that has been open for longest is told.
   */
  readonly maxHeldBytes?: number;
}

const MAX_FLOWS = 65_536;
const MAX_HELD_BYTES = 16_777_216;

/** All connections of a capture: takes its packets one by one. */
export class Flows {
  readonly #context: FlowContext;
  readonly #connections: FlowTable<TcpConnection>;
  readonly #datagrams: FlowTable<UdpFlow>;
  readonly #ip = new IpPacket();
  readonly #segment = new TcpSegment();
  readonly #key = new FlowKey();

  constructor(
    events: EventQueue,
    counters: Counters,
    { maxConnections = MAX_FLOWS, maxHeldBytes = MAX_HELD_BYTES }:
      CaptureLimits,
  ) {
    this.#context = { events, counters, held: new HeldBytes(maxHeldBytes) };
    this.#connections = new FlowTable(maxConnections);
    this.#datagrams = new FlowTable(maxConnections);
  }

  /** Takes the next packet. */
  receive(bytes: Uint8Array, linkType: number, time: number): void {
    const reason = this.#receive(bytes, linkType, time);
    if (reason !== undefined) this.#context.counters.ignore(reason);
  }

  /** Tells what is left of all of them. */
  close(time: number): void {
    this.#connections.close(time);
    this.#datagrams.close(time);
  }

  /** Takes a packet, or returns why it is passed over. */
  #receive(
    bytes: Uint8Array,
    linkType: number,
    time: number,
  ): string | undefined {
    const at = ipOffset(linkType, bytes);
    if (at === UNKNOWN_LINK_TYPE) return `link type ${linkType}`;
    if (at === NOT_IP) return "not IP";
    const ip = this.#ip;
    return ip.read(bytes, at) ??
      (ip.protocol === TCP
        ? this.#receiveSegment(bytes, time)
        : this.#receiveDatagram(bytes, time));
  }

  #receiveSegment(bytes: Uint8Array, time: number): string | undefined {
    const segment = this.#segment;
    const key = this.#key;
    const fault = segment.read(bytes, this.#ip);
    if (fault !== undefined) return fault;
    key.set(bytes, this.#ip);
    let connection = this.#connections.find(key);
    const isOther = segment.hasSyn && connection?.isReplacedBy(segment, key);
    if (connection === undefined || isOther) {
      // Without data, there is nothing to tell of a connection that is not known.
      if (!segment.hasSyn && segment.length === 0) return undefined;
      connection?.close(time);
      connection = new TcpConnection(this.#context, key, segment, time);
      this.#connections.set(key, connection, time);
    }
    connection.receive(segment, key, time);
    return undefined;
  }

  #receiveDatagram(bytes: Uint8Array, time: number): string | undefined {
    const fault = faultOfDatagram(bytes, this.#ip);
    if (fault !== undefined) return fault;
    const key = this.#key;
    key.set(bytes, this.#ip);
    let flow = this.#datagrams.find(key);
    if (flow === undefined) {
      flow = new UdpFlow(this.#context, key, time);
      this.#datagrams.set(key, flow, time);
    }
    flow.receive(bytes, this.#ip, key, time);
    return undefined;
  }
}
