/** What a reader has counted so far. */
export interface CaptureStats {
  /** The packets of the file. */
  readonly packets: number;
  /** The bytes of these packets that the file has. */
  readonly bytes: number;
  /** The connections and flows of datagrams. */
  readonly connections: number;
  /** The TCP segments of which every byte was there already, keep-alive probes too. */
  readonly retransmissions: number;
  /** The TCP segments that came before the bytes ahead of them. */
  readonly outOfOrder: number;
  /** The bytes that the capture does not have: the sum of all gaps. */
  readonly missingBytes: number;
  /** The packets that were passed over, by the reason, such as `"IP fragment"`. */
  readonly ignored: ReadonlyMap<string, number>;
}

/** The counters behind {@linkcode CaptureStats}. */
export class Counters implements CaptureStats {
  packets = 0;
  bytes = 0;
  connections = 0;
  retransmissions = 0;
  outOfOrder = 0;
  missingBytes = 0;
  readonly ignored: Map<string, number> = new Map();

  /** Counts a packet that is passed over. */
  ignore(reason: string): void {
    this.ignored.set(reason, (this.ignored.get(reason) ?? 0) + 1);
  }
}
