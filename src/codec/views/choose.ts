import { checkCount, checkKind } from "../../checks.ts";
import { MAX_BINARY_HEADER_LENGTH } from "../../defaults.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { truncated } from "../bytes/limits.ts";
import { checkCodec } from "../check_codec.ts";
import { codecOf } from "../define_codec.ts";
import { describeCodec } from "../description.ts";
import { addOffset, FrameError } from "../errors.ts";
import { inputIgnored } from "./decoder_view.ts";
import type { Codec, Decoder, Encoder } from "../types.ts";

/** Codecs by names that {@linkcode choose} gives them. */
export type CodecChoices = Readonly<Record<string, Codec<never, unknown>>>;

/** What the encoders of some codecs take. */
export type EncodedBy<Choice> = Choice extends Codec<infer In, unknown> ? In
  : never;

/** What the decoders of some codecs hand out. */
export type DecodedBy<Choice> = Choice extends Codec<never, infer Out> ? Out
  : never;

/** Options of {@linkcode choose}. */
export interface ChooseOptions<Choices extends CodecChoices> {
  /**
   * Returns the name of the codec that reads the next frame, or `undefined` if it
   * needs more bytes. The argument is a view of the first bytes of the frame: one
   * byte, then one more at each call; do not write to it. The function can refuse the
   * bytes by throwing a {@linkcode FrameError} of its own, to which the decoder adds
   * the `offset`.
   */
  decode: (
    firstBytes: Uint8Array,
  ) => (keyof Choices & string) | undefined;
  /** Returns the name of the codec that writes a frame. */
  encode: (
    frame: EncodedBy<Choices[keyof Choices]>,
  ) => keyof Choices & string;
  /**
   * The maximum length of what tells the formats apart: `decode` never gets more
   * bytes.
   *
   * @default {64}
   */
  maxHeaderLength?: number;
}

/**
 * Several formats in one byte stream. The first bytes of each frame say which codec
 * reads it. Offsets in errors are those of the whole stream.
 *
 * Each codec keeps its own limits and its own recovery. Behind a frame that it skips,
 * the next codec is chosen anew; but a codec that skips noise reads on to its own next
 * frame. To skip noise and choose after each byte of it, use
 * `filter(fixedLength({ frameLength: 1 }), () => false)` as one of the codecs.
 *
 * @example Text commands, and binary frames that begin with a zero byte
 * ```ts
 * import { choose, lengthPrefixed, lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = choose({ command: lines(), data: lengthPrefixed() }, {
 *   decode: ([first]) => first === 0 ? "data" : "command",
 *   encode: (frame) => typeof frame === "string" ? "command" : "data",
 * });
 * const bytes = new TextEncoder().encode("PUT\n\0\0\0\x02HIEND\n");
 * assertEquals(
 *   codec.decode(bytes),
 *   ["PUT", new TextEncoder().encode("HI"), "END"],
 * );
 * assertEquals(codec.encode("PUT"), bytes.slice(0, 4));
 * ```
 *
 * Errors of its frames: those of the codecs, `FRAME_TRUNCATED` if the stream ends
 * before the codec is known, and `HEADER_INVALID` if it is not known after
 * `maxHeaderLength` bytes, or if a frame to encode begins like one of another codec.
 *
 * @param codecs The codecs, by names of any kind.
 * @param options How to choose among them.
 * @returns The codec of all their frames.
 * @throws {RangeError} If the limit is not a whole number from 1 on.
 */
export function choose<Choices extends CodecChoices>(
  codecs: Choices,
  options: ChooseOptions<Choices>,
): Codec<
  EncodedBy<Choices[keyof Choices]>,
  DecodedBy<Choices[keyof Choices]>
> {
  type In = EncodedBy<Choices[keyof Choices]>;
  type Out = DecodedBy<Choices[keyof Choices]>;
  checkKind("codecs", codecs, "object");
  for (const [name, codec] of Object.entries(codecs)) checkCodec(codec, name);
  // Functions make the codec, so it has no description.
  describeCodec("choose", options, ["decode", "encode", "maxHeaderLength"]);
  const { decode, encode, maxHeaderLength = MAX_BINARY_HEADER_LENGTH } =
    options;
  checkCount("maxHeaderLength", maxHeaderLength, 1);
  const choices = new Map(Object.entries(codecs)) as Map<
    string,
    Codec<In, Out>
  >;
  const format: ChoiceFormat<In, Out> = {
    choices,
    decode,
    encode,
    maxHeaderLength,
  };
  const names = Array.from(choices.values(), ({ name }) => name);
  let last: ChoosingEncoder<In> | undefined;
  return codecOf<In, Out>(
    `choose(${names.join(", ")})`,
    (input) => new ChoosingDecoder(format, input),
    () => {
      const encoders = new Map<string, Encoder<In>>();
      for (const [name, codec] of choices) encoders.set(name, codec.encoder());
      // If all codecs share their encoders, so does this one.
      if (!last?.has(encoders)) last = new ChoosingEncoder(format, encoders);
      return last;
    },
  );
}

interface ChoiceFormat<In, Out> {
  readonly choices: ReadonlyMap<string, Codec<In, Out>>;
  readonly decode: (firstBytes: Uint8Array) => string | undefined;
  readonly encode: (frame: In) => string;
  readonly maxHeaderLength: number;
}

/**
 * Asks which codec reads the frame at the start of `input`, with one byte more each
 * time, so that the answer does not depend on the chunks. `asked` bytes are known not
 * to suffice.
 */
function ask<T>(
  format: ChoiceFormat<never, T>,
  input: ByteQueue,
  asked: number,
): string | undefined {
  const most = Math.min(input.length, format.maxHeaderLength);
  for (let length = asked + 1; length <= most; length++) {
    const name = format.decode(input.peek(length));
    if (name !== undefined) return name;
  }
  return undefined;
}

class ChoosingDecoder<T> implements Decoder<T> {
  readonly #format: ChoiceFormat<never, T>;
  /** The decoders of all codecs take turns at it, so that no byte is handed over. */
  readonly #input: ByteQueue;
  readonly #decoders = new Map<string, Decoder<T>>();
  /** The decoder that reads the next frame, where it is known. */
  #current: Decoder<T> | undefined;
  /** How many bytes of the next frame are known not to suffice for a choice. */
  #asked = 0;
  #failure: unknown;
  #ended = false;
  #frameOffset = 0;

  constructor(
    format: ChoiceFormat<never, T>,
    input: ByteQueue = new ByteQueue(),
  ) {
    this.#format = format;
    this.#input = input;
  }

  get bufferedBytes(): number {
    return this.#current?.bufferedBytes ?? this.#input.heldLength;
  }

  get pendingBytes(): number {
    return this.#current?.pendingBytes ?? this.#input.pendingLength;
  }

  get frameOffset(): number {
    return this.#frameOffset;
  }

  push(chunk: Uint8Array): void {
    if (this.#ended) {
      throw new TypeError("Cannot push bytes: the decoder has been ended");
    }
    if (this.#failure !== undefined) return;
    this.#input.showFrame();
    this.#input.push(chunk);
  }

  next(): T | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#read();
    } catch (error) {
      addOffset(error, this.#input.frameOffset);
      this.#failure = error;
      throw error;
    }
  }

  #read(): T | undefined {
    const input = this.#input;
    while (true) {
      input.showFrame();
      const decoder = this.#current ??= this.#choose();
      if (decoder === undefined) return undefined;
      if (this.#ended) decoder.end();
      const frame = decoder.next();
      if (frame === undefined && input.showsFrame) return undefined;
      // Behind a frame or a skipped one the choice is open, unless the decoder is
      // inside of a message of several frames.
      if (decoder.pendingBytes === input.pendingLength) {
        this.#current = undefined;
      }
      if (frame === undefined) continue;
      this.#frameOffset = decoder.frameOffset;
      return frame;
    }
  }

  /** Returns the decoder of the next frame, if enough bytes have arrived. */
  #choose(): Decoder<T> | undefined {
    const { maxHeaderLength } = this.#format;
    const input = this.#input;
    input.join();
    const name = ask(this.#format, input, this.#asked);
    if (name !== undefined) {
      this.#asked = 0;
      return this.#decoder(name);
    }
    this.#asked = input.length;
    if (input.length >= maxHeaderLength) {
      throw new FrameError("HEADER_INVALID", {
        reason: "The frame does not say which format it has",
        expected:
          `at most ${maxHeaderLength} bytes that say it (maxHeaderLength)`,
        got: "more",
      });
    }
    if (this.#ended && input.length > 0) {
      throw truncated(
        input.frameOffset,
        "the bytes that say which format the frame has",
        `${input.length} bytes`,
      );
    }
    return undefined;
  }

  #decoder(name: string): Decoder<T> {
    let decoder = this.#decoders.get(name);
    if (decoder !== undefined) return decoder;
    const codec = known(this.#format.choices, name);
    decoder = codec.decoder(this.#input);
    if (decoder.bufferedBytes !== this.#input.heldLength) {
      throw inputIgnored(codec.name);
    }
    this.#decoders.set(name, decoder);
    return decoder;
  }

  end(): void {
    this.#ended = true;
  }

  takeUnread(atMost: number = Infinity): Uint8Array {
    const input = this.#input;
    input.showFrame();
    const unread = (this.#current ?? input).takeUnread(atMost);
    this.#current = undefined;
    this.#asked = 0;
    return unread;
  }
}

class ChoosingEncoder<In> implements Encoder<In> {
  readonly #format: ChoiceFormat<In, unknown>;
  readonly #encoders: ReadonlyMap<string, Encoder<In>>;

  constructor(
    format: ChoiceFormat<In, unknown>,
    encoders: ReadonlyMap<string, Encoder<In>>,
  ) {
    this.#format = format;
    this.#encoders = encoders;
  }

  /** Whether these are the encoders that it uses. */
  has(encoders: ReadonlyMap<string, Encoder<In>>): boolean {
    return [...encoders].every(([name, encoder]) =>
      this.#encoders.get(name) === encoder
    );
  }

  encode(frame: In, output: ByteWriter): void {
    const name = this.#format.encode(frame);
    const at = output.length;
    known(this.#encoders, name).encode(frame, output);
    try {
      this.#check(name, output.view(at));
    } catch (error) {
      output.truncate(at);
      throw error;
    }
  }

  /** Refuses a frame that a decoder would read in another format. */
  #check(name: string, bytes: Uint8Array): void {
    const written = new ByteQueue();
    written.push(bytes);
    const read = ask(this.#format, written, 0);
    if (read === name) return;
    throw new FrameError("HEADER_INVALID", {
      reason: "The frame would be read in another format",
      expected: `a frame that begins like one of ${name}`,
      got: read === undefined ? "one that is too short" : `one of ${read}`,
    });
  }
}

/** What has the name that a function has returned. */
function known<T>(choices: ReadonlyMap<string, T>, name: string): T {
  const choice = choices.get(name);
  if (choice !== undefined) return choice;
  throw new TypeError(
    `Cannot choose a codec: expected one of ${
      [...choices.keys()].join(", ")
    }, got ${name}`,
  );
}
