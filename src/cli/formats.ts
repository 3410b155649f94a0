import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { checkCodec } from "../codec/check_codec.ts";
import type { Codec } from "../codec/types.ts";
import { FormatError } from "../format/format_error.ts";
import { formatOf } from "../format/format_of.ts";
import { parseFormat } from "../format/parse_format.ts";
import { ExpressionError, UsageError } from "./errors.ts";
import type { Flags } from "./flags.ts";
import { frameKindOf } from "./frame_kind.ts";
import { takingCommands } from "./redis_commands.ts";

export { type FrameKind, frameKindOf } from "./frame_kind.ts";

/**
 * The format that `--frame` names. Where there is none, it is lines; over a WebSocket,
 * which has messages of its own, each is a text.
 */
export async function codecOf(
  flags: Flags,
  address = "",
): Promise<Codec<unknown>> {
  const frame = /^wss?:/.test(address) ? "length | text" : "lines";
  return await givenCodec({ frame, ...flags });
}

/** The format that `--frame` names, if it was given. */
export async function givenCodec(
  flags: Flags & { readonly frame: string },
): Promise<Codec<unknown>>;
export async function givenCodec(
  flags: Flags,
): Promise<Codec<unknown> | undefined>;
export async function givenCodec(
  flags: Flags,
): Promise<Codec<unknown> | undefined> {
  const { frame, max, allowCode = false } = flags;
  if (frame === undefined) return undefined;
  if (!/\.[cm]?[jt]s$/.test(frame)) {
    return codecOfExpression(frame, max);
  }
  if (!allowCode) {
    throw new UsageError(
      `Cannot run ${frame}: expected --allow-code beside it, since it is a program`,
    );
  }
  if (max !== undefined) {
    throw new UsageError(`Cannot use --max: ${frame} has its own limit`);
  }
  return await codecOfFile(frame);
}

/**
 * The codec of an expression, with a limit if there is one.
 *
 * @throws {ExpressionError} If it is no format.
 */
export function codecOfExpression(
  expression: string,
  max: number | undefined,
): Codec<unknown> {
  const whole = max === undefined ? expression : `${expression} | max ${max}`;
  try {
    const codec = parseFormat(whole);
    return codec.description?.kind === "preset:resp"
      ? takingCommands(codec)
      : codec;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ExpressionError(whole, error);
  }
}

async function codecOfFile(file: string): Promise<Codec<unknown>> {
  const url = pathToFileURL(resolve(process.cwd(), file)).href;
  let codec: Codec<unknown>;
  try {
    ({ default: codec } = await import(url));
    checkCodec(codec);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `Cannot load ${file}: expected a module whose default export is a codec: ${why}`,
      { cause },
    );
  }
  return codec;
}

/**
 * How a WebSocket carries frames of a codec. Of `length`, whose frames are what its own
 * messages are, each is a message; those of others are in a stream of bytes.
 */
export function webSocketOf(
  codec: Codec<unknown> | undefined,
  { max }: Flags,
): { mode: "messages" | "bytes"; type?: "text"; maxMessageLength?: number } {
  const isOfMessages = codec !== undefined &&
    /^length( \||$)/.test(formatOf(codec) ?? "");
  if (!isOfMessages) return { mode: "bytes" };
  return {
    mode: "messages",
    ...(frameKindOf(codec) !== "bytes" && { type: "text" }),
    ...(max !== undefined && { maxMessageLength: max }),
  };
}
