import { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import { CaptureError } from "./capture_error.ts";
import type { CaptureEvent } from "./capture_event.ts";
import { type CaptureStats, Counters } from "./capture_stats.ts";
import {
  CapturedPacket,
  hasArrived,
  type PacketSource,
} from "./captured_packet.ts";
import { EventQueue } from "./event_queue.ts";
import { type CaptureLimits, Flows } from "./flows.ts";
import { isCapture } from "./is_capture.ts";
import { Pcap, PCAP_HEADER_LENGTH } from "./pcap.ts";
import { Pcapng, PCAPNG_MAGIC_LENGTH } from "./pcapng.ts";

/**
 * Reads a capture file, pcap or pcapng, as it streams in, and gives the bytes of both
 * directions of every TCP connection in their order, and the datagrams of UDP.
 *
 * `push` takes chunks, however the file was cut; `next` gives what they show, one event
 * at a time. Take all events of a chunk before the next chunk, so that it is not copied.
 *
 * Ethernet (with VLAN tags), Linux cooked, raw IP and loopback packets are read.
 * Fragments of IP packets are counted and passed over. Checksums are not verified: the
 * network card often computes them behind the place of the capture. Where a byte came
 * twice, the first copy counts.
 */
export class CaptureReader {
  readonly #input = new ByteQueue();
  readonly #events = new EventQueue();
  readonly #counters = new Counters();
  readonly #packet = new CapturedPacket();
  readonly #flows: Flows;
  #source: PacketSource | undefined;
  /** The time of the first packet, in whole seconds and the milliseconds beyond. */
  #firstSeconds = 0;
  #firstMilliseconds = 0;
  /** The time of the last packet. */
  #time = 0;
  #hasInputEnded = false;
  #hasEnded = false;
  #isTruncated = false;
  #error: unknown;

  constructor(limits: CaptureLimits = {}) {
    this.#flows = new Flows(this.#events, this.#counters, limits);
  }

  /** What has been counted so far. */
  get stats(): CaptureStats {
    return this.#counters;
  }

  /** Whether the file has ended inside a packet. What comes before was told. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /**
   * Takes the next chunk of the file. Its bytes must not change: data are views of it.
   *
   * @throws {TypeError} After `end`.
   */
  push(chunk: Uint8Array): void {
    if (this.#hasInputEnded) {
      throw new TypeError("Cannot push a chunk: the capture has ended");
    }
    this.#input.push(chunk);
  }

  /** Says that the file has ended. `next` then gives what is left. */
  end(): void {
    this.#hasInputEnded = true;
  }

  /**
   * Returns the next event; `undefined` if it has not arrived, or there are no more.
   *
   * @throws {CaptureError} If the file is no capture, or broken from here on. From then
   * on, every call throws the same error.
   */
  next(): CaptureEvent | undefined {
    for (;;) {
      const event = this.#events.take();
      if (event !== undefined) return event;
      if (this.#error !== undefined) throw this.#error;
      try {
        if (!this.#readPacket()) return undefined;
      } catch (error) {
        this.#error = error;
      }
    }
  }

  /** Reads one packet, or what is left at the end. */
  #readPacket(): boolean {
    if (this.#hasEnded) return false;
    this.#source ??= this.#open();
    const packet = this.#packet;
    if (this.#source?.read(this.#input, packet)) {
      const { bytes } = packet;
      const counters = this.#counters;
      if (counters.packets++ === 0) this.#setFirstTime();
      counters.bytes += bytes.length;
      this.#time = this.#timeOf(packet);
      this.#flows.receive(bytes, packet.linkType, this.#time);
      return true;
    }
    if (!this.#hasInputEnded) return false;
    this.#hasEnded = true;
    this.#isTruncated = this.#input.length > 0;
    this.#flows.close(this.#time);
    return true;
  }

  /** Tells the format by the first bytes. */
  #open(): PacketSource | undefined {
    const input = this.#input;
    if (hasArrived(input, PCAP_HEADER_LENGTH)) {
      const start = input.peek(PCAPNG_MAGIC_LENGTH);
      if (!isCapture(start)) {
        throw new CaptureError(0, "a pcap or pcapng file", hexOf(start));
      }
      // The numbers of pcapng begin with a byte that no pcap file begins with.
      return start[0] === 0x0a ? new Pcapng() : new Pcap(input);
    }
    if (!this.#hasInputEnded) return undefined;
    throw new CaptureError(
      input.length,
      `the ${PCAP_HEADER_LENGTH} bytes of a file header`,
      `the end of the file`,
    );
  }

  #setFirstTime(): void {
    this.#firstSeconds = this.#packet.seconds;
    this.#firstMilliseconds = this.#packet.milliseconds;
  }

  /** The time since the first packet, to the nanosecond. */
  #timeOf({ seconds, milliseconds }: CapturedPacket): number {
    const time = (seconds - this.#firstSeconds) * 1e3 +
      (milliseconds - this.#firstMilliseconds);
    return Math.max(0, Math.round(time * 1e6) / 1e6);
  }
}

/** Bytes in hexadecimal, each of two digits. */
function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}
