import { counted } from "../counted.ts";
import type { Direction } from "../faults/faults.ts";
import type { Tapped } from "./frame_tap.ts";

/** What has gone through a proxy. */
export class Totals {
  connections = 0;
  readonly frames: Record<Direction, number> = { toServer: 0, toClient: 0 };
  readonly bytes: Record<Direction, number> = { toServer: 0, toClient: 0 };
  /** How often each fault was done. */
  readonly faults: Map<string, number> = new Map();

  /** Counts a frame or a chunk. */
  arrived(direction: Direction, { length }: Tapped): void {
    this.frames[direction]++;
    this.bytes[direction] += length;
  }

  /** Counts a fault. */
  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  /** All of it on one line; `unit` is what was counted, such as `frame`. */
  summary(unit: string): string {
    const way = (arrow: string, direction: Direction) =>
      `${arrow} ${counted(this.frames[direction], unit)}, ${
        counted(this.bytes[direction], "byte")
      }`;
    const faults = Array.from(
      this.faults,
      ([kind, count]) => `${count} ${kind}`,
    );
    return [
      counted(this.connections, "connection"),
      way("→", "toServer"),
      way("←", "toClient"),
      ...(faults.length > 0 ? [`faults: ${faults.join(", ")}`] : []),
    ].join("; ");
  }
}
