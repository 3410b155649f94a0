import { concat } from "../../net/bytes.ts";
import type { Connection } from "../../net/types.ts";
import { describe } from "../report.ts";
import { compareFrames } from "./compare.ts";
import type { ConformCase, DecoderCase } from "./conform_case.ts";
import { type Cut, cutsOf } from "./cuts.ts";
import { EchoTalk } from "./echo_talk.ts";
import { sameFrame } from "./same_frame.ts";
import { Nonconformity, type Subject } from "./subject.ts";
import type { TestedFormat } from "./tested_format.ts";

/** How subjects are asked. */
export interface SubjectSettings {
  /** How long a silent subject is waited for. */
  readonly timeoutMs: number;
  /** The seed of the random cuts. */
  readonly seed: number;
}

/** A server that sends each frame back. */
export class EchoSubject implements Subject {
  readonly #connect: () => Promise<Connection>;
  readonly #format: TestedFormat;
  readonly #settings: SubjectSettings;
  #talking: EchoTalk | undefined;
  #isStopped = false;

  constructor(
    connect: () => Promise<Connection>,
    format: TestedFormat,
    settings: SubjectSettings,
  ) {
    this.#connect = connect;
    this.#format = format;
    this.#settings = settings;
  }

  unfit({ decoder, encoder }: ConformCase): string | undefined {
    if (encoder?.refused !== undefined || decoder === undefined) {
      return "only an encoder can show it";
    }
    return this.#format.encode(decoder.frames) === undefined
      ? "its frames cannot be encoded"
      : undefined;
  }

  async check(
    { decoder, encoder }: ConformCase,
  ): Promise<string | undefined> {
    if (decoder === undefined) return undefined;
    const cuts = cutsOf(decoder, this.#settings.seed);
    const groups = this.#isRepeatable(decoder, cuts.length)
      ? [cuts]
      : cuts.map((cut) => [cut]);
    let did: string | undefined;
    for (const group of groups) {
      did = await this.#talk(decoder, group, encoder?.bytes);
    }
    return did;
  }

  stop(): void {
    this.#isStopped = true;
    this.#talking?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Whether a stream can be sent several times on one connection. */
  #isRepeatable(
    { input, frames, ends, error }: DecoderCase,
    times: number,
  ): boolean {
    if (error !== undefined || frames.length !== ends.length) return false;
    const all = this.#format.decode(concat(Array(times).fill(input)));
    return all.error === undefined && all.ends.length === times * ends.length &&
      all.frames.every((frame, i) => sameFrame(frame, frames[i % ends.length]));
  }

  /** Sends a stream, once for each cut, on one connection. */
  async #talk(
    { frames, ends, error, isErrorAtEnd }: DecoderCase,
    cuts: readonly Cut[],
    bytes: Uint8Array | undefined,
  ): Promise<string | undefined> {
    await using talk = await this.#open();
    let before = 0;
    const compare = (cut: Cut, expected: readonly unknown[]) => {
      if (talk.bad !== undefined) {
        throw new Nonconformity(
          `${cut.name}: expected frames, got ${describe(talk.bad)}`,
        );
      }
      compareFrames(
        talk.frames.slice(before),
        expected,
        cut.name,
        talk.end === undefined
          ? ` in ${this.#settings.timeoutMs} ms`
          : `, and the connection is ${talk.end}`,
      );
    };
    for (const cut of cuts.slice(0, -1)) {
      talk.send(cut.chunks);
      await talk.until(() =>
        isOver(talk) || talk.frames.length >= before + ends.length
      );
      compare(cut, frames);
      before += ends.length;
    }
    const cut = cuts.at(-1)!;
    talk.send(cut.chunks);
    // At the end of the stream a decoder may give a frame, or an error, that it would
    // not give before. Where a server has to end a stream by itself, it stays open.
    const endsItself = error !== undefined && !isErrorAtEnd;
    const isThere = await talk.until(() =>
      isOver(talk) || talk.frames.length >= before + ends.length
    );
    if (!isThere) compare(cut, frames);
    if (!endsItself) talk.closeWrite();
    const hasEnded = await talk.until(() => isOver(talk));
    compare(cut, frames);
    if (!hasEnded) {
      throw new Nonconformity(
        `${cut.name}: expected the connection to be closed behind ${
          error === undefined
            ? "the end of the stream"
            : `${error.code} at offset ${error.offset}`
        }, got nothing in ${this.#settings.timeoutMs} ms`,
      );
    }
    if (bytes !== undefined) compareBytes(concat(talk.received), bytes, cuts);
    return error && `${error.code}: ${talk.end}`;
  }

  async #open(): Promise<EchoTalk> {
    let connection: Connection;
    try {
      connection = await this.#connect();
    } catch (error) {
      // It was there a moment ago.
      if (this.#talking !== undefined && error instanceof Error) {
        throw new Nonconformity(
          `expected a connection, got ${describe(error)}`,
          { cause: error },
        );
      }
      throw error;
    }
    const { timeoutMs } = this.#settings;
    const talk = new EchoTalk(connection, this.#format.codec, timeoutMs);
    this.#talking = talk;
    // It may have been stopped while it was connecting.
    if (this.#isStopped) talk.stop();
    return talk;
  }
}

function isOver({ end, bad }: EchoTalk): boolean {
  return end !== undefined || bad !== undefined;
}

/** Compares the bytes of the frames that have come back, once for each cut. */
function compareBytes(
  got: Uint8Array,
  once: Uint8Array,
  cuts: readonly Cut[],
): void {
  const expected = concat(cuts.map(() => once));
  const wrong = expected.findIndex((byte, i) => byte !== got[i]);
  if (wrong < 0 && got.length === expected.length) return;
  const at = wrong < 0 ? expected.length : wrong;
  const cut = cuts[Math.floor(at / once.length)] ?? cuts.at(-1)!;
  throw new Nonconformity(
    `${cut.name}: expected the frames to be encoded as they were sent, got other bytes from offset ${at} of what came back on`,
  );
}
