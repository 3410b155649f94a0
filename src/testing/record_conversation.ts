import { checkOptions, type OptionKinds } from "../checks.ts";
import type { Address, AddressLike } from "../net/address.ts";
import { listen } from "../net/listen.ts";
import { parseAddress } from "../net/parse_address.ts";
import { codecsOf, type ConversationCodec } from "./conversation_codec.ts";
import { type CuttingCodec, FrameCutter } from "./frame_cutter.ts";
import { formatRecording, type RecordedFrame } from "./recorded_frame.ts";
import { ListeningRelay, type Relay } from "./relay.ts";
import type { DirectionWatcher } from "./relay_direction.ts";

/** Options of {@linkcode recordConversation}. */
export interface RecordConversationOptions {
  /** Where the server listens that clients are connected to. */
  to: AddressLike;
  /**
   * Where clients connect to.
   *
   * @default {{ port: 0 }}
   */
  address?: AddressLike;
  /**
   * The format, by which the bytes are cut into frames however they arrive. It has no
   * part in what is passed on.
   *
   * @default {none: a frame of the recording is a chunk as it arrived}
   */
  codec?: ConversationCodec;
  /**
   * Called with each frame, in place of keeping it in `frames`: for a conversation that
   * is to be written to a file as it goes on.
   *
   * @default {the frames are kept}
   */
  onFrame?: (frame: RecordedFrame) => void;
}

/** A conversation that is being recorded; made by {@linkcode recordConversation}. */
export interface Recording extends AsyncDisposable {
  /** Where clients connect to, with the actual port. */
  readonly address: Address;
  /** What has been recorded, of all connections, in the order in which it arrived. */
  readonly frames: readonly RecordedFrame[];
  /** The same as JSON Lines, to be kept in a file: see {@linkcode formatRecording}. */
  text(): string;
  /** Stops listening, and resets all connections that are open. */
  close(): Promise<void>;
}

const kinds: OptionKinds<RecordConversationOptions> = {
  to: "checked",
  address: "checked",
  codec: "checked",
  onFrame: "function",
};

/**
 * Stands between clients and a server as {@linkcode relay} does, passes all on
 * unchanged, the ends and resets too, and records it for
 * {@linkcode replayConversation}.
 *
 * A frame is recorded when its last byte has arrived, and passed on afterwards. So a
 * request stands before its reply. The bytes of a direction, in their order, are the
 * whole stream: what is no frame of the codec is recorded in chunks from there on, as
 * it arrives; what is left of an incomplete frame is a frame of its own. The end of a
 * direction is a frame without bytes. A reset is not recorded: its connection has no
 * end.
 *
 * @example A conversation with a server of lines
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { recordConversation } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   (connection) => connection.forEach((line) => connection.send(`> ${line}`)),
 * );
 * await using recording = await recordConversation({
 *   to: server.address,
 *   codec: lines(),
 * });
 * const client = await createClient({
 *   address: recording.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * assertEquals(await client.receive(), "> hello");
 * await client.close();
 *
 * const shown = recording.frames.map(({ direction, data }) =>
 *   `${direction} ${new TextDecoder().decode(data)}`
 * );
 * assertEquals(shown.slice(0, 2), ["toServer hello\n", "toClient > hello\n"]);
 * ```
 *
 * @param options The server, and the format.
 * @returns The recording, which listens.
 * @throws {NetError} If it cannot listen there.
 * @throws {TypeError} If an address or a codec is none, or there is no such option.
 */
export async function recordConversation(
  options: RecordConversationOptions,
): Promise<Recording> {
  checkOptions("recordConversation", options, kinds);
  const { to, address = { port: 0 } } = options;
  const codecs = codecsOf(options.codec);
  parseAddress(to);
  const frames: RecordedFrame[] = [];
  const onFrame = options.onFrame ?? ((frame) => void frames.push(frame));
  const began = performance.now();
  let connections = 0;
  const relay = new ListeningRelay(await listen(address), {
    to,
    toServer: {},
    toClient: {},
    random: () => 0,
    watch: () => {
      const connection = ++connections;
      const watcher = (direction: RecordedFrame["direction"]) =>
        new RecordedDirection(codecs[direction], (offset, data) => {
          const time = Math.round((performance.now() - began) * 1_000) / 1_000;
          onFrame({ time, direction, connection, offset, data });
        });
      return { toServer: watcher("toServer"), toClient: watcher("toClient") };
    },
  });
  return new RelayedRecording(relay, frames);
}

class RelayedRecording implements Recording {
  readonly frames: readonly RecordedFrame[];
  readonly #relay: Relay;

  constructor(relay: Relay, frames: readonly RecordedFrame[]) {
    this.frames = frames;
    this.#relay = relay;
  }

  get address(): Address {
    return this.#relay.address;
  }

  text(): string {
    return formatRecording(this.frames);
  }

  close(): Promise<void> {
    return this.#relay.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One direction of one connection. */
class RecordedDirection implements DirectionWatcher {
  readonly #cutter: FrameCutter;
  readonly #record: (offset: number, data: Uint8Array) => void;
  #offset = 0;

  constructor(
    codec: CuttingCodec | undefined,
    record: (offset: number, data: Uint8Array) => void,
  ) {
    this.#cutter = new FrameCutter(codec);
    this.#record = record;
  }

  data(chunk: Uint8Array): void {
    for (const frame of this.#cutter.push(chunk)) this.#add(frame);
    if (this.#cutter.isUncut) this.#addRest();
  }

  end(): void {
    for (const frame of this.#cutter.end()) this.#add(frame);
    this.#addRest();
    this.#record(this.#offset, new Uint8Array());
  }

  fail(): void {
    this.#addRest();
  }

  #addRest(): void {
    const rest = this.#cutter.takeRest();
    if (rest.length > 0) this.#add(rest);
  }

  #add(data: Uint8Array): void {
    this.#record(this.#offset, data);
    this.#offset += data.length;
  }
}
