import {
  checkBytes,
  checkCount,
  checkOptions,
  checkPerSecond,
  checkWait,
  type OptionKinds,
} from "../checks.ts";

/** What a relay does to the bytes of one direction: by default, nothing. */
export interface RelayFaults {
  /**
   * The maximum length of a piece: bytes are passed on in pieces of a random length
   * from 1 to this, each in a write of its own. `maxChunkLength: 1` makes of
   *
   * ```text
   * 01 02 03   01 | 02 | 03
   * ```
   *
   * A receiver may still get several of them in one read; with `maxDelayMs`, mostly
   * each by itself. Without this option, bytes are passed on as they come.
   */
  maxChunkLength?: number;
  /**
   * Passes on in one write all that comes without a pause of this length, in
   * milliseconds: `gatherMs: 20` makes of
   *
   * ```text
   * 01 | 02 | 03   01 02 03
   * ```
   *
   * @default {0}
   */
  gatherMs?: number;
  /**
   * The longest that a piece waits before it is passed on, in milliseconds: a random
   * time from 0 to this. Pieces stay in order.
   *
   * @default {0}
   */
  maxDelayMs?: number;
  /**
   * How many bytes a second are passed on. What comes faster is not read, so that
   * the sender is held back. More than 0.
   *
   * @default {Infinity}
   */
  bytesPerSecond?: number;
  /**
   * Resets both connections when this many bytes have been passed on.
   *
   * @default {Infinity}
   */
  resetAfterBytes?: number;
  /**
   * Passes nothing on, and reads nothing, when this many bytes have been passed on,
   * until the relay is closed: a peer that has stopped reading.
   *
   * @default {Infinity}
   */
  stallAfterBytes?: number;
  /**
   * Drops all that comes, the end and a reset too, when this many bytes have been
   * passed on, until the relay is closed. Given in both directions, it is a half-open
   * connection: each side is left with a peer that is gone and has not said so.
   *
   * @default {Infinity}
   */
  dropAfterBytes?: number;
}

const kinds: OptionKinds<RelayFaults> = {
  maxChunkLength: "checked",
  gatherMs: "checked",
  maxDelayMs: "checked",
  bytesPerSecond: "checked",
  resetAfterBytes: "checked",
  stallAfterBytes: "checked",
  dropAfterBytes: "checked",
};

/** Throws where an option is out of its range, or there is no such option. */
export function checkFaults(faults: RelayFaults): void {
  checkOptions("relay", faults, kinds);
  const { maxChunkLength = 1, bytesPerSecond = 1 } = faults;
  checkCount("maxChunkLength", maxChunkLength, 1);
  if (bytesPerSecond !== Infinity) {
    checkPerSecond("bytesPerSecond", bytesPerSecond);
  }
  checkWait("gatherMs", faults.gatherMs ?? 0);
  checkWait("maxDelayMs", faults.maxDelayMs ?? 0);
  checkBytes("resetAfterBytes", faults.resetAfterBytes ?? 0);
  checkBytes("stallAfterBytes", faults.stallAfterBytes ?? 0);
  checkBytes("dropAfterBytes", faults.dropAfterBytes ?? 0);
}
