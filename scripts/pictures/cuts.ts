/** The picture at the top of the README: what the reads were, and what the decoder gave. */

import { fieldsOf, parseFormat } from "../../src/format/mod.ts";
import { concat } from "../../src/net/bytes.ts";

const FORMAT = "length(2) | text";
const MESSAGES = ["hello", "world", "你好"];
/** Where TCP cuts the bytes: inside the first message, and so on. */
const CUTS = [4, 12, 17];

const CELL = 28;
/** What stands between two reads. */
const GAP = 14;
const LEFT = 20;
const TOP = 78;
const HEIGHT = 196;

const STYLE = [
  ":root{color-scheme:light dark}",
  "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#1f2328;text-anchor:middle}",
  ".left{text-anchor:start}.dim{fill:#59636e}.bold{font-weight:700}",
  ".card{fill:#fff;stroke:#d1d9e0}.length{fill:#b6d8ff}.body{fill:#c6efce}",
  ".read{fill:none;stroke:#59636e}.frame{fill:none;stroke:#1a7f37;stroke-width:1.5}",
  "@media(prefers-color-scheme:dark){",
  "text{fill:#e6edf3}.dim{fill:#9198a1}.card{fill:#0d1117;stroke:#3d444d}",
  ".length{fill:#153a66}.body{fill:#14472a}.read{stroke:#9198a1}.frame{stroke:#3fb950}",
  "}",
].join("");

/** What came out of the decoder, and at which read. */
interface Decoded {
  readonly text: string;
  readonly read: number;
}

/** Makes the picture. */
export function cutsPicture(): string {
  const codec = parseFormat(FORMAT);
  const bytes = concat(MESSAGES.map((message) => codec.encode(message)));
  const edges = [0, ...CUTS, bytes.length];
  const reads = edges.slice(1).map((end, i) => ({ start: edges[i]!, end }));
  const decoded = decode(bytes, reads);
  const readOf = (at: number) => reads.findIndex(({ end }) => at < end);
  const xOf = (at: number) => LEFT + at * CELL + readOf(at) * GAP;
  const width = xOf(bytes.length - 1) + CELL + LEFT;
  const parts: string[] = [];
  for (const [i, { start, end }] of reads.entries()) {
    const from = xOf(start);
    const to = xOf(end - 1) + CELL;
    parts.push(
      bracket("read", from, to, TOP - 8, -8),
      text((from + to) / 2, TOP - 24, `read ${i + 1}`, "dim"),
    );
  }
  const frames = fieldsOf(codec, bytes);
  for (const [i, { offset, length, fields }] of frames.entries()) {
    for (const field of fields) {
      for (let at = field.offset; at < field.offset + field.length; at++) {
        parts.push(
          `<rect class="${field.name}" x="${
            xOf(at)
          }" y="${TOP}" width="${CELL}" height="40"/>`,
          text(xOf(at) + CELL / 2, TOP + 17, hex(bytes[at]!)),
          text(xOf(at) + CELL / 2, TOP + 33, character(bytes[at]!), "dim"),
        );
      }
    }
    const from = xOf(offset);
    const to = xOf(offset + length - 1) + CELL;
    const middle = (from + to) / 2;
    const { text: message, read } = decoded[i]!;
    parts.push(
      bracket("frame", from + 2, to - 2, TOP + 48, 8),
      text(middle, TOP + 80, message, "bold"),
      text(middle, TOP + 100, `out with read ${read + 1}`, "dim"),
    );
  }
  const title =
    `${MESSAGES.length} messages, ${reads.length} reads: what TCP cuts and glues, ${FORMAT} gives back`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x=".5" y=".5" width="${width - 1}" height="${
      HEIGHT - 1
    }" rx="8"/>`,
    text(
      LEFT,
      28,
      `what TCP delivers, and what "${FORMAT}" makes of it`,
      "left",
    ),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** Decodes the reads, one after another. */
function decode(
  bytes: Uint8Array,
  reads: readonly { start: number; end: number }[],
): Decoded[] {
  const decoder = parseFormat(FORMAT).decoder();
  const decoded: Decoded[] = [];
  for (const [read, { start, end }] of reads.entries()) {
    decoder.push(bytes.subarray(start, end));
    for (
      let frame = decoder.next();
      frame !== undefined;
      frame = decoder.next()
    ) decoded.push({ text: String(frame), read });
  }
  return decoded;
}

/** A line with two ends that point up or down. */
function bracket(
  look: string,
  from: number,
  to: number,
  y: number,
  height: number,
): string {
  return `<path class="${look}" d="M${from} ${y}v${height}H${to}v${-height}"/>`;
}

function text(x: number, y: number, words: string, look?: string): string {
  const names = look === undefined ? "" : ` class="${look}"`;
  return `<text x="${x}" y="${y}"${names}>${
    words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
  }</text>`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** What a byte is as text; a point for those that are no characters of ASCII. */
function character(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
