import { FrameError } from "../codec/errors.ts";
import { tooDeep, tooLarge } from "../codec/bytes/limits.ts";
import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { utf8Of } from "../codec/bytes/text_run.ts";
import type { Encoder } from "../codec/types.ts";
import {
  FORMAT,
  INTEGER,
  invalid,
  isInt64,
  MARKS,
  type RespPairs,
  type RespValue,
} from "./resp_values.ts";

const lineEnd = Uint8Array.of(0x0d, 0x0a);

/** Writes values as they are read, within the same limits. */
export class RespEncoder implements Encoder<RespValue> {
  readonly #maxFrameLength: number;
  readonly #maxDepth: number;

  constructor(maxFrameLength: number, maxDepth: number) {
    this.#maxFrameLength = maxFrameLength;
    this.#maxDepth = maxDepth;
  }

  encode(value: RespValue, output: ByteWriter): void {
    const at = output.length;
    try {
      this.#write(value, output, 0);
      const length = output.length - at;
      if (length > this.#maxFrameLength) {
        throw tooLarge(this.#maxFrameLength, length);
      }
    } catch (error) {
      output.truncate(at);
      throw error;
    }
  }

  #write(node: RespValue, output: ByteWriter, depth: number): void {
    const mark = MARKS[node.type];
    // From a program without types.
    if (mark === undefined) {
      throw new TypeError(
        `Cannot encode: expected a value of RESP, got the type ${node.type}`,
      );
    }
    switch (node.type) {
      case "string":
      case "error":
        return writeLine(mark + checkText(node.value), output);
      case "integer":
      case "bigNumber":
        return writeLine(mark + integerText(node.type, node.value), output);
      case "bulk":
      case "bulkError":
        if (node.value === null) return writeLine(`${mark}-1`, output);
        return writeBytes(mark, "", node.value, output);
      case "verbatim":
        if (!FORMAT.test(node.format)) throw invalid(node.type, node.format);
        return writeBytes(mark, `${node.format}:`, node.value, output);
      case "array":
      case "set":
      case "push":
        if (node.value === null) return writeLine(`${mark}-1`, output);
        writeLine(`${mark}${node.value.length}`, output);
        for (const each of node.value) this.#nest(each, output, depth);
        return;
      case "map":
        return this.#writePairs(mark, node.value, output, depth);
      case "attributed":
        this.#writePairs(mark, node.attributes, output, depth);
        return this.#nest(node.value, output, depth);
      case "null":
        return writeLine(mark, output);
      case "boolean":
        return writeLine(mark + (node.value ? "t" : "f"), output);
      case "double":
        return writeLine(mark + doubleText(node.value), output);
    }
  }

  #writePairs(
    mark: string,
    pairs: RespPairs,
    output: ByteWriter,
    depth: number,
  ): void {
    writeLine(`${mark}${pairs.length}`, output);
    for (const [key, value] of pairs) {
      this.#nest(key, output, depth);
      this.#nest(value, output, depth);
    }
  }

  /** Writes a value that is within another. */
  #nest(node: RespValue, output: ByteWriter, depth: number): void {
    if (depth === this.#maxDepth) throw tooDeep(this.#maxDepth);
    this.#write(node, output, depth + 1);
  }
}

function writeLine(text: string, output: ByteWriter): void {
  output.write(utf8Of(`${text}\r\n`));
}

function writeBytes(
  mark: string,
  prefix: string,
  bytes: Uint8Array,
  output: ByteWriter,
): void {
  writeLine(`${mark}${prefix.length + bytes.length}`, output);
  if (prefix !== "") output.write(utf8Of(prefix));
  output.write(bytes);
  output.write(lineEnd);
}

function checkText(text: string): string {
  if (!/[\r\n]/.test(text)) return text;
  throw new FrameError("DELIMITER_IN_FRAME", {
    reason: "The text has a line end in it",
    expected: "none",
    got: JSON.stringify(text.slice(0, 64)),
  });
}

function integerText(
  type: "integer" | "bigNumber",
  value: number | bigint,
): string {
  const text = `${value}`;
  const isExact = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!isExact || !INTEGER.test(text)) throw invalid(type, text);
  if (type === "integer" && !isInt64(BigInt(value))) throw invalid(type, text);
  return text;
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  return `${value}`.replace("Infinity", "inf");
}
