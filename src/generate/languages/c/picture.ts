import type { Framing, LengthFraming, Plan } from "../../plan.ts";

/** What a frame looks like on the wire, in one sentence without its end. */
export function pictureOf({ framing, checksums, content }: Plan): string {
  const kind = {
    bytes: "bytes",
    text: "text in UTF-8",
    json: "JSON in UTF-8",
  }[content.kind];
  const sums = [...checksums].reverse().map(({ name }) => name);
  return around(framing, [kind, ...sums].join(" and "));
}

/** The picture of a frame with something in it. */
function around(framing: Framing, what: string): string {
  switch (framing.kind) {
    case "length":
      return `${header(framing)}, then ${what}`;
    case "fixed":
      return `${framing.frameLength} bytes: ${what}`;
    case "varint": {
      const { encoding } = framing;
      const how = {
        leb128: "the lowest first",
        vlq: "the highest first",
        zigzag: "the lowest first, zigzag",
      }[encoding];
      return `its length in seven bits a byte, ${how}, then ${what}`;
    }
    case "netstring":
      return `its length in decimal digits, ":", ${what}, ","`;
    case "content-length":
      return `"Content-Length: " and its length, perhaps other headers, an empty line, ${what}`;
    case "delimited": {
      const names = framing.delimiters.map(hex);
      return `${what}, then ${names.join(" or ")}`;
    }
    case "marked": {
      const { start, end, trailerLength } = framing;
      return `${hex(start)}, ${what}, ${hex(end)}${
        trailerLength === 0
          ? ""
          : `; the last ${count(trailerLength)} behind that mark`
      }`;
    }
    case "cobs":
      return `${what} without zeros (COBS), then 00`;
    case "stuffed": {
      const { end, escape, endFirst } = framing;
      return `${endFirst ? `${hexByte(end)}, ` : ""}${what} with the escape ${
        hexByte(escape)
      }, then ${hexByte(end)}`;
    }
  }
}

function header(framing: LengthFraming): string {
  const { lengthBytes, lengthEncoding, littleEndian, lengthOffset } = framing;
  const { lengthUnit, base, stripBytes, headerLength } = framing;
  const before = lengthOffset === 0 ? "" : `${count(lengthOffset)}, then `;
  const order = lengthBytes === 1
    ? ""
    : littleEndian
    ? ", little-endian,"
    : ", big-endian,";
  const how = lengthEncoding === "binary" ? order : ` in ${lengthEncoding}`;
  // What the field says where nothing stands behind the header.
  const counted = headerLength - stripBytes - base;
  const unit = lengthUnit === 1 ? "" : ` in units of ${lengthUnit} bytes`;
  const more = counted === 0
    ? ""
    : ` and ${counted > 0 ? `${counted} more` : `${-counted} less`}`;
  return `${before}its length in ${count(lengthBytes)}${how}${unit}${more}`
    .replace(/,$/, "");
}

function count(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join(" ");
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
