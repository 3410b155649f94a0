/**
 * The formats of socket tutorials, to exchange messages with their programs as
 * they are.
 */

import { limitNames } from "../codec/description.ts";
import {
  type CommandFrame,
  commandFrame,
} from "../codec/formats/command_frame.ts";
import {
  jsonHeader,
  type JsonHeaderFrame,
  type JsonHeaderInput,
} from "../codec/formats/json_header.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import { text } from "../codec/views/text.ts";
import type { Codec, Digest, FrameLimitOptions } from "../codec/types.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import type { PresetOptions } from "./types.ts";

/**
 * A C# client and a Python server: a little-endian length of four bytes that
 * includes itself, and the body.
 *
 * @example
 * ```ts
 * import { csharpDemo } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // The C# client
 * const bytes = Uint8Array.of(
 *   ...[0x10, 0, 0, 0],
 *   ...new TextEncoder().encode("Hello world!"),
 * );
 * assertEquals(csharpDemo().decode(bytes), [bytes.subarray(4)]);
 * assertEquals(csharpDemo().encode(bytes.subarray(4)), bytes);
 * ```
 *
 * @param options The limit.
 * @returns The codec.
 */
export function csharpDemo(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("csharpDemo", options, presetNames);
  return described(lengthPrefixed({
    ...options,
    endian: "little",
    lengthIncludes: "frame",
  }));
}

/** Options of {@linkcode remoteCommand}. */
export type RemoteCommandOptions = PresetOptions & {
  /**
   * The digest of the answer: `md5` of `@framewire/framewire/algorithms`. It is
   * an option so that the presets need no `node:crypto`.
   */
  readonly digest: Digest;
};

/**
 * The replies of a remote shell in Python: a little-endian length of four
 * bytes, a JSON header, and the output of the command. The header has the MD5
 * of the output, which the decoder checks, and its length under the key `lenth`
 * (sic).
 *
 * @example
 * ```ts
 * import { md5 } from "@framewire/framewire/algorithms";
 * import { remoteCommand } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // The Python server, after “echo hello”
 * const header = '{"ver": "1", "md5": "b1946ac92492d2347c6235b4d2611184", ' +
 *   '"lenth": 6}';
 * const bytes = new TextEncoder().encode(`\x43\0\0\0${header}hello\n`);
 * const [frame] = remoteCommand({ digest: md5 }).decode(bytes);
 * assertEquals(new TextDecoder().decode(frame?.body), "hello\n");
 * ```
 *
 * Errors of its frames: those of `jsonHeader`.
 *
 * @param options The digest, and the limit.
 * @returns The codec.
 */
export function remoteCommand(
  options: RemoteCommandOptions,
): Codec<JsonHeaderInput, JsonHeaderFrame> {
  const described = describePreset("remoteCommand", options, [
    "digest",
    ...presetNames,
  ]);
  return described(jsonHeader({
    ...options,
    endian: "little",
    lengthKey: "lenth",
    fields: { ver: "1" },
  }));
}

/** Options of {@linkcode mnetSocket}. */
export type MnetSocketOptions = PresetOptions & {
  /**
   * Its newest version writes `"little"` on nearly every machine, older
   * versions wrote `"big"`.
   */
  readonly endian: "big" | "little";
};

/**
 * MNetSocket in Python: the length of the body, the command and whether a reply
 * is wanted, four bytes each, and a JSON body. The commands are 1 (inform), 2
 * (request), 3 (parameters) and 4 (leave). An unframed `EXIT` may end the
 * stream.
 *
 * @example
 * ```ts
 * import { mnetSocket } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // The Python client
 * const body = new TextEncoder().encode('{"hello": "\\u4e16\\u754c"}');
 * const bytes = Uint8Array.of(0x19, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, ...body);
 * assertEquals(
 *   mnetSocket({ endian: "little" }).decode(bytes),
 *   [{ command: 2, wantsReply: true, body }],
 * );
 * ```
 *
 * Errors of its frames: those of `commandFrame`.
 *
 * @param options The byte order, and the limit.
 * @returns The codec.
 */
export function mnetSocket(options: MnetSocketOptions): Codec<CommandFrame> {
  const described = describePreset("mnetSocket", options, [
    "endian",
    ...presetNames,
  ]);
  return described(commandFrame(options));
}

/**
 * The replies of a remote shell for Windows in Python: a little-endian length
 * of four bytes, and text in GBK. The codec only decodes, because runtimes have
 * no GBK encoder; `text` takes one.
 *
 * @example
 * ```ts
 * import { gbkOutput } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // The Python server, after a command that printed nothing
 * const bytes = Uint8Array.of(
 *   ...[8, 0, 0, 0],
 *   ...[0xd6, 0xb4, 0xd0, 0xd0, 0xb3, 0xc9, 0xb9, 0xa6],
 * );
 * assertEquals(gbkOutput().decode(bytes), ["执行成功"]);
 * ```
 *
 * @param options The limit.
 * @returns The codec, whose encoder throws a `TypeError`.
 */
export function gbkOutput(
  options: FrameLimitOptions = {},
): Codec<never, string> {
  const described = describePreset("gbkOutput", options, limitNames);
  return described(
    text(lengthPrefixed({ ...options, endian: "little" }), "gbk"),
  );
}
