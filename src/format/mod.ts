/**
 * Formats as data: an expression, or JSON, to a codec and back. Beside it, what a hex
 * view and an operator need: {@linkcode fieldsOf} and {@linkcode hintFor}.
 *
 * ```text
 * length(4, little, includes=frame) | json
 * delimited("\0") | max 64KiB | text("gbk")
 * cobs(onInvalid=skip) | checksum(crc16Modbus)
 * preset:kafka | max 16MiB
 * ```
 *
 * An expression is read from the bytes of the stream up: a format of frames, and the
 * views that are laid over it.
 *
 * | stage | codec | options without a name |
 * | --- | --- | --- |
 * | `length` | `lengthPrefixed` | `lengthBytes`, `endian` |
 * | `fixed` | `fixedLength` | `frameLength` |
 * | `delimited` | `delimited` | `delimiter` |
 * | `lines` | `lines` | |
 * | `netstring` | `netstring` | |
 * | `varint` | `varintPrefixed` | `encoding` |
 * | `content-length` | `contentLength` | |
 * | `cobs` | `cobs` | |
 * | `slip` | `slip` | |
 * | `stuffed` | `stuffed` | `end`, `escape`, `map` |
 * | `hdlc` | `hdlc` | `fcs` |
 * | `marked` | `marked` | `start`, `end` |
 * | `command` | `commandFrame` | `endian` |
 * | `json-header` | `jsonHeader`, without `digest` | `endian` |
 * | `json` | `json`, without a schema | |
 * | `text` | `text` | `encoding` |
 * | `checksum` | `checksum`, with those of `/algorithms` | `kind` |
 * | `preset:kafka` | `kafka`, and so all presets of data | `packet` of `erlang`, `length` of `iso8583`, `endian` of `mnetSocket` |
 *
 * All other options are written with their names, which are those in code. In `length`
 * they can be written without the `length` that they begin with: `includes=frame`. The
 * name alone of an option that is on or off means on: `marked("<", ">", restart)`.
 * `max` sets `maxFrameLength` of the format that the expression begins with, whatever
 * stands between. A stage over `lines` gets its lines as bytes.
 *
 * The grammar, in EBNF (ISO/IEC 14977). White space may stand between all parts:
 *
 * ```text
 * format   = stage, { "|", ( stage | limit ) } ;
 * limit    = "max", number ;
 * stage    = [ "preset", ":" ], word, [ "(", [ argument, { ",", argument } ], ")" ] ;
 * argument = [ word, "=" ], value ;
 * value    = number | string | word | list | object ;
 * list     = "[", [ value, { ",", value } ], "]" ;
 * object   = "{", [ key, ":", value, { ",", key, ":", value } ], "}" ;
 * key      = word | number | string ;
 * word     = letter, { letter | digit | "_" | "-" } ;
 * number   = [ "-" ], ( hex | decimal ), [ unit ] ;
 * hex      = "0x", hexdigit, { hexdigit } ;
 * decimal  = digits, [ ".", digits ], [ ( "e" | "E" ), [ "+" | "-" ], digits ] ;
 * unit     = "B" | "KiB" | "MiB" | "GiB" ;
 * string   = '"', { character | escape }, '"' ;
 * escape   = "\", ( '"' | "\" | "/" | "b" | "f" | "n" | "r" | "t" | "0"
 *          | "x", 2 * hexdigit | "u", 4 * hexdigit ) ;
 * ```
 *
 * Strings are bytes: text in UTF-8, and `\xHH` for a byte of any value. In lists and
 * objects, the only words are `true`, `false` and `null`.
 *
 * The JSON form has the same stages and options: see {@linkcode formatToJson}, and
 * {@linkcode formatSchema} for its JSON Schema.
 *
 * @module
 */
export * from "./fields_of.ts";
export {
  FormatError,
  type FormatErrorDetails,
  type FormatPlace,
} from "./format_error.ts";
export { formatOf } from "./format_of.ts";
export {
  formatFromJson,
  type FormatJson,
  formatSchema,
  formatToJson,
  type StageJson,
} from "./json.ts";
export * from "./hint_for.ts";
export type { JsonObject } from "./options.ts";
export { parseFormat } from "./parse_format.ts";
export type { FormatOptions } from "./stages.ts";
