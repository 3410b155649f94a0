import { parseFormat } from "../../../src/format/mod.ts";
import type { Sample } from "../../../src/cli/guess/types.ts";
import { Random } from "../../support/random.ts";
import { between, content, measurement } from "./contents.ts";
import type { Format } from "./formats.ts";

/** A capture of a format: one to three directions, each cut somewhere. */
export function captureOf(format: Format, seed: number): Sample[] {
  const random = new Random(seed);
  const codec = parseFormat(format.expression);
  const kind = random.pick(format.contents);
  const scale = random.pick([20, 60, 60, 200, 800]);
  const withEmpty = !format.noEmpty && format.wrap === undefined &&
    random.chance(0.3);
  const directions = random.pick([1, 1, 1, 2, 3]);
  const total = between(random, 10, 60);
  return Array.from({ length: directions }, () => {
    const parts: number[] = [];
    const frames = Math.ceil(total / directions);
    let last = 0;
    for (let i = 0; i < frames; i++) {
      let body = withEmpty && random.chance(0.08)
        ? new Uint8Array(0)
        : content(random, kind, i, scale);
      if (format.mostLength !== undefined) {
        body = body.subarray(0, format.mostLength);
      }
      if (format.expression.startsWith("fixed")) {
        body = measurement(random, i);
      }
      const { without } = format;
      if (without !== undefined) {
        body = body.map((byte) => byte === without.charCodeAt(0) ? 0x41 : byte);
      }
      const frame = format.wrap?.(body, random, i) ??
        (format.expression === "lines" ? new TextDecoder().decode(body) : body);
      const bytes = codec.encode(frame);
      if (format.header !== undefined) bytes.set(format.header(random));
      last = bytes.length;
      for (const byte of bytes) parts.push(byte);
    }
    const cut = random.chance(0.25) ? 0 : between(random, 0, last - 1);
    return {
      bytes: Uint8Array.from(parts.slice(0, parts.length - cut)),
      ended: cut === 0 && random.chance(0.5),
    };
  });
}
