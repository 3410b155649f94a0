/**
 * What goes over the connection between `connectCommands` and `serveCommands`:
 *
 * Frames are length-prefixed (u32, big-endian). A frame that begins with `{` is
 * a control message in JSON; one that begins with 0, 1 or 2 is data of that file
 * descriptor of a run (standard input, output, error):
 *
 * ```text
 * 00|01|02   run: u32   sequence: u32   data
 * ```
 *
 * Numbers are big-endian; `sequence` counts from 0, for the two outputs of a run
 * together and for its input on its own. Control messages, `>` from the client,
 * `<` from the server:
 *
 * ```text
 * < {"type":"hello","protocol":"framewire-exec/1","authentication":"hmac-sha-256"|"none","nonce":hex}
 * > {"type":"authenticate","nonce":hex,"proof":hex}        with a secret only
 * < {"type":"welcome","proof":hex}                         with a secret only
 * > {"type":"run","id":n,"command":name,"arguments":any,"input":boolean}
 * > {"type":"input-end","id":n}       no more standard input
 * > {"type":"cancel","id":n}
 * > {"type":"more","id":n,"bytes":n}  output taken: as much more may be sent
 * < {"type":"more","id":n,"bytes":n}  input taken
 * < {"type":"refused","id":n,"code":code,"message":text}   without id: for all
 * < {"type":"exit","id":n,...}        a CommandExit; the last of the run
 * ```
 *
 * In each direction of each run, 256 KiB may be in flight that the other side has
 * not acknowledged (`more`). The client chooses the ids, unique among its runs
 * that have not ended. A message about a run that has ended is ignored: it may
 * have crossed the end on the way.
 */
import { FrameError } from "../codec/errors.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { readJson, writeJson } from "../codec/views/json_bytes.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import type { Codec } from "../codec/types.ts";
import { CommandError } from "./errors.ts";

/** The name of the protocol; another version has another. */
export const PROTOCOL = "framewire-exec/1";

/** The most data in one frame. */
export const MAX_DATA_LENGTH = 65_536;

const DATA_HEADER_LENGTH = 9;

/** The file descriptors, at the number that they have. */
const STREAMS = ["stdin", "stdout", "stderr"] as const;

/** A control message. */
export interface Control {
  readonly [key: string]: JsonValue;
  readonly type: string;
}

/** Data of a stream of a run. */
export interface Data {
  readonly stream: (typeof STREAMS)[number];
  readonly id: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** A frame of the protocol. */
export type WireFrame = Control | Data;

/** The frames of a connection whose peer is known. */
export const wire: Codec<WireFrame> = wireCodec(
  DATA_HEADER_LENGTH + MAX_DATA_LENGTH,
);

/** The frames of the handshake: short, since the peer has not authenticated. */
export const handshakeWire: Codec<WireFrame> = wireCodec(1_024);

function wireCodec(maxFrameLength: number): Codec<WireFrame> {
  return mapCodec(lengthPrefixed({ maxFrameLength }), {
    name: PROTOCOL,
    decode(frame, offset): WireFrame {
      const stream = STREAMS[frame[0] ?? -1];
      if (stream !== undefined && frame.length > DATA_HEADER_LENGTH) {
        const view = new DataView(frame.buffer, frame.byteOffset);
        return {
          stream,
          id: view.getUint32(1),
          sequence: view.getUint32(5),
          data: frame.subarray(DATA_HEADER_LENGTH),
        };
      }
      const value = readJson(frame, offset);
      if (isControl(value)) return value;
      throw new FrameError("MESSAGE_INVALID", {
        reason: "The frame is not of the protocol",
        offset,
        expected: "data of a stream, or a control message in JSON",
        got: "something else",
      });
    },
    encode(frame: WireFrame) {
      if (isControl(frame)) return writeJson(frame);
      const bytes = new Uint8Array(DATA_HEADER_LENGTH + frame.data.length);
      const view = new DataView(bytes.buffer);
      bytes[0] = STREAMS.indexOf(frame.stream);
      view.setUint32(1, frame.id);
      view.setUint32(5, frame.sequence);
      bytes.set(frame.data, DATA_HEADER_LENGTH);
      return bytes;
    },
  });
}

/** Tells control messages from data. */
export function isControl(value: unknown): value is Control {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

/** A field of a control message that is to be text. */
export function textOf(control: Control, key: string): string {
  const value = fieldOf(control, key);
  if (typeof value === "string") return value;
  throw broken(`${control.type}.${key} is no text`);
}

/** A field of a control message that is to be a whole number from 0 on. */
export function countOf(control: Control, key: string): number {
  const value = fieldOf(control, key);
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw broken(`${control.type}.${key} is no whole number from 0 on`);
}

/** The id of the run that a control message is about. */
export function idOf(control: Control): number {
  const id = countOf(control, "id");
  if (id <= 0xffff_ffff) return id;
  throw broken(`${control.type}.id has more than 32 bits`);
}

/** A field of a control message itself: `constructor` and the like are none. */
export function fieldOf(control: Control, key: string): JsonValue | undefined {
  return Object.hasOwn(control, key) ? control[key] : undefined;
}

/** The error of a peer that does not keep to the protocol. */
export function broken(how: string): CommandError {
  return new CommandError(
    "PROTOCOL_ERROR",
    `The peer does not keep to the protocol: ${how}`,
  );
}
