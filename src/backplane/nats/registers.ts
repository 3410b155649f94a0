import { ApiCode, isApiError, type JetStreamApi } from "./jetstream_api.ts";
import { nameOf, tokenOf } from "./names.ts";
import { readStream } from "./read_stream.ts";
import type { Subjects } from "./streams.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The registers: subjects of a stream that keeps one message of each. */
export class Registers {
  readonly #api: JetStreamApi;
  readonly #subjects: Subjects;

  constructor(api: JetStreamApi, subjects: Subjects) {
    this.#api = api;
    this.#subjects = subjects;
  }

  async swap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined> {
    const subject = this.#subjects.register(tokenOf(name));
    const stream = this.#subjects.registers;
    let refused: number | undefined;
    for (;;) {
      const message = await this.#api.message(stream, {
        last_by_subj: subject,
      });
      const value = message && decoder.decode(message.bytes);
      if (value !== from || from === to) return value;
      if (to === undefined && message !== undefined) {
        // Another value would have another number, and stay.
        const { seq } = message;
        if (await this.#api.remove(stream, seq)) return undefined;
        // Another node was faster, or else nobody can remove it.
        if (refused === seq) throw new Error(`NATS does not remove ${subject}`);
        refused = seq;
        continue;
      }
      try {
        await this.#api.publish(subject, new TextEncoder().encode(to), {
          expect: { lastSubjectSequence: message?.seq ?? 0 },
        });
        return to;
      } catch (error) {
        // Another node was faster: whether it has made it what is wanted is read.
        if (!isApiError(error, ApiCode.otherLastSequence)) throw error;
      }
    }
  }

  /** The registers that have a value. */
  async all(): Promise<[name: string, value: string][]> {
    const prefix = this.#subjects.register("");
    const values = new Map<string, string>();
    await readStream(
      this.#api,
      this.#subjects.inbox(),
      {
        stream: this.#subjects.registers,
        subject: this.#subjects.register(">"),
        from: 1,
      },
      ({ subject, bytes }) => {
        const name = nameOf(subject.slice(prefix.length));
        values.set(name, decoder.decode(bytes));
        return false;
      },
    );
    return [...values];
  }
}
