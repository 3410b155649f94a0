import type { Position } from "../backplane/engine.ts";

/** How clients write a position: its offset, and the epoch. */
const POSITION = /^(\d{1,19})@(.{1,64})$/;

/** Writes a position for clients. */
export function writePosition({ epoch, offset }: Position): string {
  return `${offset}@${epoch}`;
}

/** Reads the position that a client gave; `undefined` if it is none. */
export function readPosition(text: string): Position | undefined {
  const [, offset, epoch] = POSITION.exec(text) ?? [];
  if (offset === undefined || epoch === undefined) return undefined;
  return { epoch, offset: BigInt(offset) };
}
