import { counted } from "./framing_code.ts";
import { hexOf } from "../../../codec/bytes/hex.ts";
import type { Framing, LengthFraming, Plan } from "../../plan.ts";

/** What a frame looks like on the wire, in one line. */
export function pictureOf({ framing, checksums, content }: Plan): string {
  const payload = {
    bytes: "payload",
    text: "text in UTF-8",
    json: "JSON in UTF-8",
  }[content.kind];
  const sums = [...checksums].reverse().map(({ name, length }) =>
    `${name} (${counted(length)})`
  );
  return framed(framing, [payload, ...sums]).join(" | ");
}

function framed(framing: Framing, parts: readonly string[]): string[] {
  switch (framing.kind) {
    case "length":
      return lengthFramed(framing, parts);
    case "fixed":
      return [`${parts.join(" | ")}, ${counted(framing.frameLength)} in all`];
    case "varint":
      return [`length (${framing.encoding})`, ...parts];
    case "netstring":
      return ["length in digits", '":"', ...parts, '","'];
    case "content-length":
      return ["headers with Content-Length", "empty line", ...parts];
    case "delimited":
      return [...parts, framing.delimiters.map(mark).join(" or ")];
    case "marked": {
      const { start, end, trailerLength } = framing;
      const trailer = trailerLength > 0
        ? [`trailer (${counted(trailerLength)})`]
        : [];
      return [mark(start), ...parts, mark(end), ...trailer];
    }
    case "cobs":
      return [`${parts.join(" | ")}, without zeros by COBS`, "00"];
    case "stuffed": {
      const escape = hexOf([framing.escape]);
      return [
        `${parts.join(" | ")}, with ${escape} as the escape`,
        hexOf([framing.end]),
      ];
    }
  }
}

function lengthFramed(
  framing: LengthFraming,
  parts: readonly string[],
): string[] {
  const { lengthBytes, lengthEncoding, littleEndian, lengthOffset } = framing;
  const { stripBytes, headerLength } = framing;
  const order = littleEndian ? "little-endian" : "big-endian";
  const isBinary = lengthEncoding === "binary";
  const kind = isBinary ? lengthBytes > 1 && order : lengthEncoding;
  const length = `length (${counted(lengthBytes)}${kind ? `, ${kind}` : ""})`;
  const rest = stripBytes - headerLength;
  return [
    ...lengthOffset > 0 ? [counted(lengthOffset)] : [],
    length,
    ...rest > 0 ? [counted(rest)] : [],
    ...parts,
  ];
}

function mark(bytes: Uint8Array): string {
  return hexOf(bytes);
}
