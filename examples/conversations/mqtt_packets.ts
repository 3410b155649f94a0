/** The packets of MQTT that its client reads and writes, whole with their headers. */

/** A packet of a type, with its flags. */
export function packet(
  type: number,
  flags: number,
  ...parts: Iterable<number>[]
): Uint8Array {
  const body = parts.flatMap((part) => [...part]);
  const header = [type << 4 | flags];
  let rest = body.length;
  for (; rest > 127; rest >>= 7) header.push(rest & 127 | 128);
  header.push(rest);
  return Uint8Array.of(...header, ...body);
}

/** CONNECT: version 4, a clean session, no pings, and no name. */
export const connect = (): Uint8Array =>
  packet(1, 0, text("MQTT"), [4, 2, 0, 0], text(""));

/** A text with its length in front. */
export function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return Uint8Array.of(bytes.length >> 8, bytes.length & 255, ...bytes);
}

/** The topic of PUBLISH. */
export const topicOf = (frame: Uint8Array): string =>
  new TextDecoder().decode(frame.subarray(bodyAt(frame) + 2, topicEnd(frame)));

/** The payload of PUBLISH, behind its identifier if it has one. */
export function payloadOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(idAt(frame) + (hasId(frame) ? 2 : 0));
}

/** The packet identifier, which PUBLISH does not have with QoS 0. */
export function idOf(frame: Uint8Array): number | undefined {
  const at = idAt(frame);
  return hasId(frame) ? frame[at]! << 8 | frame[at + 1]! : undefined;
}

const hasId = (frame: Uint8Array) =>
  frame[0]! >> 4 !== 3 || (frame[0]! & 6) !== 0;

/** The packet with another identifier. */
export function withId(frame: Uint8Array, id: number): Uint8Array {
  return frame.with(idAt(frame), id >> 8).with(idAt(frame) + 1, id & 255);
}

const idAt = (frame: Uint8Array) =>
  frame[0]! >> 4 === 3 ? topicEnd(frame) : bodyAt(frame);

function topicEnd(frame: Uint8Array): number {
  const at = bodyAt(frame) + 2;
  return at + (frame[at - 2]! << 8 | frame[at - 1]!);
}

function bodyAt(frame: Uint8Array): number {
  return frame.findIndex((byte, at) => at > 0 && byte < 128) + 1;
}
