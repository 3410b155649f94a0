import { languageNames } from "../../generate/language_name.ts";
import type { VerbRow } from "../verb_row.ts";

/** The verbs about formats. */
export const formats: Readonly<
  Record<"presets" | "format" | "generate", VerbRow>
> = {
  presets: {
    summary: "list the formats of known peers",
    about: [],
    operands: [{
      name: "NAME",
      help: "a preset, for all that is known of it",
      optional: true,
      offers: "presets",
    }],
    flags: ["json"],
    examples: [["presets", "all of them"], ["presets kafka", "one of them"]],
  },
  format: {
    summary: "explain a format expression",
    about: [
      "Prints the expression in its normal form, what it means in words, and a drawing of the bytes.",
    ],
    operands: [{ name: "EXPRESSION", help: "the format" }],
    flags: ["json", "max"],
    examples: [["format 'length(4, little, includes=frame) | json'", ""]],
  },
  generate: {
    summary: "write the other side of a format in another language",
    about: [
      "Prints a decoder, an encoder and what reads frames from a stream, as one file without dependencies. Limits, errors and results are those of framewire.",
      "Knows length, fixed, varint, netstring, content-length, delimited, lines, marked, cobs, slip, stuffed, presets that are made of them, and checksum, text in UTF-8 and json over them. Of a format for Wireshark, the file is a dissector in Lua.",
    ],
    operands: [{
      name: "LANGUAGE",
      help: "python, csharp, go, java, rust, c or wireshark",
      offers: languageNames,
    }, { name: "EXPRESSION", help: "the format" }],
    flags: ["name", "max"],
    examples: [
      ["generate python 'length(4) | json' > frames.py", "a client in Python"],
      [
        "generate c 'cobs | checksum(crc16Ccitt) | max 256' --name Sensor > sensor.h",
        "for a device",
      ],
    ],
  },
};
