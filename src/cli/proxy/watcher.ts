import type { Direction } from "../faults/faults.ts";
import type { Tapped } from "./frame_tap.ts";

/** Which of the directions of a proxy is meant. */
export interface Way {
  /** The number of the connection, from 1 on. */
  readonly connection: number;
  readonly direction: Direction;
}

/** Who is told what goes through a proxy. */
export interface ProxyWatcher {
  /** Whether the bytes of frames are wanted, and not just their values. */
  readonly wantsBytes: boolean;
  /** A frame or a chunk has arrived. */
  arrived(way: Way, tapped: Tapped): void;
  /** It was passed on, or not, and this was done to it. */
  passed(way: Way, tapped: Tapped, faults: readonly string[]): void;
  /** The end of a direction has arrived. */
  endArrived(way: Way, offset: number): void;
  /** It was passed on. */
  endPassed(way: Way, offset: number): void;
  /** Bytes are no frame. It is told once for a direction. */
  bad(way: Way, error: unknown): void;
  /** A fault of a kind was done. */
  fault(way: Way, kind: string): void;
  /** All of a chunk was told. Returns a promise while its source is to be held back. */
  flush(): Promise<void> | undefined;
}
