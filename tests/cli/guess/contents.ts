/** What frames hold, made from a seed. */

import type { Random } from "../../support/random.ts";

/** A whole number from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1);
}

const words =
  "the temperature of pump seven is above its limit and sensor reports error status ready device motor valve open closed level pressure value alarm user login order item price total city street name start stop reset world hello message server client über naïve café"
    .split(" ");
const encoder = new TextEncoder();

function sentence(random: Random, most = 16): string {
  return Array.from(
    { length: between(random, 1, most) },
    () => random.pick(words),
  )
    .join(" ");
}

function json(random: Random): string {
  const kind = random.pick(["reading", "order", "event", "ack"]);
  return JSON.stringify({
    type: kind,
    id: between(random, 1, 100_000),
    ...(random.chance(0.7) && { name: sentence(random, 4) }),
    ...(random.chance(0.5) &&
      {
        values: Array.from(
          { length: between(random, 0, 6) },
          () => between(random, -50, 900) / 10,
        ),
      }),
    ok: random.chance(0.5),
  });
}

/** A message of Protocol Buffers with a few fields. */
export function protobuf(random: Random): Uint8Array {
  const out: number[] = [];
  const varint = (value: number) => {
    for (; value >= 128; value = Math.floor(value / 128)) {
      out.push(value % 128 + 128);
    }
    out.push(value);
  };
  out.push(0x08);
  varint(between(random, 1, 100_000));
  const text = encoder.encode(sentence(random, 4));
  out.push(0x12);
  varint(text.length);
  out.push(...text);
  if (random.chance(0.6)) out.push(0x1d, ...random.bytes(4));
  if (random.chance(0.6)) {
    out.push(0x20);
    varint(between(random, 0, 3_000));
  }
  return Uint8Array.from(out);
}

/** A record as C programs send it: a type, a counter, numbers with many zeros. */
function record(random: Random, count: number): Uint8Array {
  const length = 8 + 4 * between(random, 0, 12);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint16(0, between(random, 1, 5));
  view.setUint16(2, count);
  for (let at = 4; at + 4 <= length; at += 4) {
    view.setInt32(at, between(random, -500, 2_000));
  }
  return new Uint8Array(view.buffer);
}

/** A record of a fixed length: a mark, a type, a count, a time, and numbers. */
export function measurement(random: Random, count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint16(0, 0xa55a);
  view.setUint8(2, between(random, 1, 3));
  view.setUint8(3, count);
  view.setUint32(4, 1_700_000_000 + 5 * count);
  view.setFloat32(8, 20 + random.below(1_000) / 1_000);
  view.setInt16(12, between(random, -300, 300));
  view.setUint16(14, between(random, 0, 65_535));
  new Uint8Array(view.buffer).set(
    encoder.encode(random.pick(["pump", "valve", "motor"])),
    16,
  );
  return new Uint8Array(view.buffer);
}

export type Content =
  | "random"
  | "text"
  | "json"
  | "protobuf"
  | "record"
  | "mixed";

export function content(
  random: Random,
  kind: Content,
  count: number,
  scale: number,
): Uint8Array {
  switch (kind) {
    case "random":
      return random.bytes(between(random, 1, scale));
    case "text":
      return encoder.encode(sentence(random, Math.ceil(scale / 8)));
    case "json":
      return encoder.encode(json(random));
    case "protobuf":
      return protobuf(random);
    case "record":
      return record(random, count);
    default:
      return content(
        random,
        random.pick(["random", "text", "json", "record"] as const),
        count,
        scale,
      );
  }
}
