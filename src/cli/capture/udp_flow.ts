import { Flow, type FlowContext, type ServerOf } from "./flow.ts";
import type { FlowKey } from "./flow_key.ts";
import { CUT_OFF, type IpPacket, NOT_VALID } from "./ip_packet.ts";

/** The length of the header of a datagram. */
const HEADER_LENGTH = 8;

/** The ports below belong to services: they make their end the server. */
const FIRST_FREE_PORT = 1_024;

/** The datagrams between two addresses. */
export class UdpFlow extends Flow {
  readonly #lengths = { toServer: 0, toClient: 0 };

  /** Opens it with its first datagram, which it does not take yet. */
  constructor(context: FlowContext, key: FlowKey, time: number) {
    super(context, key, serverOf(key));
    this.open(time, "udp", key, false);
  }

  /** Takes the datagram in `ip`, whose header is valid. */
  receive(bytes: Uint8Array, ip: IpPacket, key: FlowKey, time: number): void {
    const { events, counters } = this.context;
    const connection = this.number;
    const direction = this.directionOf(key);
    const from = ip.from + HEADER_LENGTH;
    const end = datagramEnd(bytes, ip);
    const data = bytes.subarray(from, end);
    const offset = this.#lengths[direction];
    events.add({ kind: "data", connection, direction, time, offset, data });
    const length = end - from;
    this.#lengths[direction] += length;
    const missing = length - data.length;
    if (missing === 0) return;
    counters.missingBytes += missing;
    events.add({
      kind: "gap",
      connection,
      direction,
      time,
      offset: offset + data.length,
      length: missing,
    });
  }

  protected override finish(): void {}
}

/** Why the datagram in `ip` is passed over; nothing where it is not. */
export function faultOfDatagram(
  bytes: Uint8Array,
  ip: IpPacket,
): string | undefined {
  if (ip.from + HEADER_LENGTH > ip.end) return NOT_VALID;
  if (ip.from + HEADER_LENGTH > bytes.length) return CUT_OFF;
  const end = datagramEnd(bytes, ip);
  return end < ip.from + HEADER_LENGTH || end > ip.end ? NOT_VALID : undefined;
}

/** Where the datagram ends. A length of zero stands for the rest of the IP packet. */
function datagramEnd(bytes: Uint8Array, { from, end }: IpPacket): number {
  const length = bytes[from + 4]! << 8 | bytes[from + 5]!;
  return length === 0 ? end : from + length;
}

function serverOf(key: FlowKey): ServerOf {
  const { firstPort, secondPort, isFromFirst } = key;
  const firstIsServer = firstPort < FIRST_FREE_PORT &&
    secondPort >= FIRST_FREE_PORT;
  return firstIsServer && isFromFirst ? "sender" : "receiver";
}
