/** The two ways that bytes go through a proxy. */
export type Direction = "toServer" | "toClient";

/** From the least to the most. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A place in a stream: behind so many of its bytes or its messages. */
export interface Mark {
  readonly unit: "bytes" | "frames";
  readonly count: number;
}

/** What is done to the messages and the bytes of one direction: by default, nothing. */
export interface Faults {
  /** How likely it is that a message is not passed on, from 0 to 1. */
  readonly drop?: number;
  /** How likely it is that a message is passed on twice, from 0 to 1. */
  readonly dup?: number;
  /** How likely it is that one byte of a message is changed, from 0 to 1. */
  readonly corrupt?: number;
  /** How long a message waits, in milliseconds. Messages stay in order. */
  readonly delay?: Span;
  /** The most messages by which another one is overtaken. */
  readonly reorder?: number;
  /** The length of the pieces that are written by themselves, in bytes. */
  readonly cut?: Span;
  /** Where both connections are reset. */
  readonly reset?: Mark;
  /** From where on nothing is passed on any more. */
  readonly pause?: Mark;
}

/** The names of the faults. */
export type FaultName = keyof Faults;

/** The faults of both directions. */
export type ProxyFaults = Readonly<Record<Direction, Faults>>;
