import { checkKind, checkOptions, type OptionKinds } from "../../checks.ts";
import type { Codec } from "../../codec/types.ts";
import type { JsonValue } from "../../codec/views/json.ts";
import type { Envelope } from "../envelope.ts";
import { MessageError } from "../errors.ts";
import { defineDialect } from "./define_dialect.ts";
import {
  type Dialect,
  FOREIGN,
  type Translation,
  type Wire,
} from "./dialect.ts";
import { IdTable } from "./id_table.ts";
import { OpenStreams } from "./open_streams.ts";

/** An id of a format: what `Map` can tell apart. */
export type FrameId = number | bigint | string;

/**
 * Options of {@linkcode correlated}.
 *
 * @typeParam T A frame.
 */
export interface CorrelatedOptions<T, Id extends FrameId = FrameId> {
  /** The id in a frame; `undefined` for a frame that has none, which is an event. */
  idOf(frame: T): Id | undefined;
  /** The same frame with an id. */
  withId(frame: T, id: Id): T;
  /**
   * Whether a frame with an id is a reply to this side, not a request of the other.
   *
   * @default {all are}
   */
  isReply?(frame: T): boolean;
  /**
   * The error that a reply tells of, with which the request then rejects;
   * `undefined` for a reply that tells of none.
   *
   * @default {none does}
   */
  errorOf?(frame: T): MessageError | undefined;
  /**
   * Whether a reply is the last one to its request, in formats where several can come:
   * then `stream` hands all of them out.
   *
   * @default {each is}
   */
  isLast?(frame: T): boolean;
  /**
   * The id for a request: the one after another, or the first, in formats whose ids
   * mean nothing; or the one that the program has given the frame. While it is in use,
   * it is called again with what it has returned.
   *
   * @default {1 to 65,535, and again from 1}
   */
  nextId?(last: Id | undefined, frame: T): Id;
  /**
   * The name of a frame that is a request of the other side or an event: its handler or
   * its listeners are found by it.
   *
   * @default {"request" or "event"}
   */
  nameOf?(frame: T): string;
  /**
   * The reply to a request whose handler has failed, or that has none. It gets its id
   * afterwards. By default, the connection ends, as its other side would wait in vain.
   */
  failed?(error: MessageError, request: T): T;
}

/** Without `nextId`, ids are numbers: a format with others needs it. */
export type NeedsNextId<T, Id extends FrameId> = number extends Id ? unknown
  : Required<Pick<CorrelatedOptions<T, Id>, "nextId">>;

const kinds: OptionKinds<CorrelatedOptions<unknown>> = {
  idOf: "function",
  withId: "function",
  isReply: "function",
  errorOf: "function",
  isLast: "function",
  nextId: "function",
  nameOf: "function",
  failed: "function",
};

/**
 * Requests and replies in any format whose frames have ids: Modbus TCP, DNS over TCP,
 * ISO 8583, SMPP, Kafka, HL7's acknowledgements. A body is a whole frame: `request`
 * puts an id into it, and resolves with the frame that has the same id.
 *
 * An id is never used while its request is open, and that of a request which was given
 * up is kept for its late reply: the last 1,000 of them, or until all other ids are in
 * use. Late, duplicate and foreign replies are handed to nobody; `Peer.stats` counts
 * them, and `onStray` gets them.
 *
 * @example Modbus TCP: a register that a device knows, and one that it does not
 * ```ts
 * import { type ModbusTcpFrame, modbusTcp } from "@framewire/framewire/presets";
 * import {
 *   connectMessages,
 *   correlated,
 *   MessageError,
 *   serveMessages,
 *   typed,
 * } from "@framewire/framewire/message";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const dialect = (side: "client" | "server") =>
 *   correlated(modbusTcp(), {
 *     idOf: (frame) => frame.transactionId,
 *     withId: (frame, transactionId) => ({ ...frame, transactionId }),
 *     isReply: () => side === "client",
 *     errorOf: ({ pdu: [code = 0, reason] }) =>
 *       code > 127 ? new MessageError(`MODBUS_${reason}`, "Refused") : undefined,
 *   });
 * const frame = typed<ModbusTcpFrame>();
 * const commands = { request: { input: frame, output: frame } };
 *
 * await using device = await serveMessages({
 *   address: { port: 0 },
 *   dialect: dialect("server"),
 *   commands,
 * });
 * device.on("request", (request) => {
 *   const isKnown = request.pdu[2] === 7;
 *   return {
 *     ...request,
 *     pdu: isKnown ? Uint8Array.of(3, 2, 1, 44) : Uint8Array.of(0x83, 2),
 *   };
 * });
 *
 * await using client = await connectMessages({
 *   address: device.address,
 *   dialect: dialect("client"),
 *   commands,
 * });
 * const read = (register: number) =>
 *   client.request("request", {
 *     transactionId: 0, // the dialect puts one in
 *     unit: 1,
 *     pdu: Uint8Array.of(3, 0, register, 0, 1),
 *   });
 * assertEquals((await read(7)).pdu, Uint8Array.of(3, 2, 1, 44)); // 300
 * const error = await assertRejects(() => read(8), MessageError);
 * assertEquals(error.code, "MODBUS_2");
 * ```
 *
 * @typeParam T A frame.
 * @param codec The codec of the frames.
 * @param options Where the ids are, and what the frames are.
 * @returns The dialect.
 * @throws {TypeError} If it is not a codec, an option is no function, or there is no
 * such option.
 */
export function correlated<T, Id extends FrameId>(
  codec: Codec<T>,
  options: CorrelatedOptions<T, Id> & NeedsNextId<T, Id>,
): Dialect<T> {
  checkOptions("correlated", options, kinds);
  checkKind("idOf", options.idOf, "function");
  checkKind("withId", options.withId, "function");
  return defineDialect(codec, (wire) => new Conversation(wire, options));
}

/** What the other side asks for. */
interface Asked<T, Id> {
  readonly id: Id;
  readonly frame: T;
  /** Whether it has been sent items: then the last one has ended it. */
  hasItems: boolean;
}

class Conversation<T, Id extends FrameId> implements Translation<T> {
  readonly #wire: Wire<T>;
  readonly #options: CorrelatedOptions<T, Id>;
  readonly #ids: IdTable<T, Id>;
  readonly #streams: OpenStreams;
  readonly #asked = new Map<number, Asked<T, Id>>();
  #lastAsked = 0;

  constructor(wire: Wire<T>, options: CorrelatedOptions<T, Id>) {
    this.#wire = wire;
    this.#streams = new OpenStreams(wire.tell);
    this.#options = options;
    this.#ids = new IdTable(options.nextId ?? nextNumber);
  }

  send(envelope: Envelope): Promise<void> | undefined {
    switch (envelope[0]) {
      case "request":
        return this.#request(envelope[1], envelope[3]);
      case "stream": {
        if (this.#options.isLast === undefined) throw notAStream();
        const sent = this.#request(envelope[1], envelope[3]);
        this.#streams.open(envelope[1], envelope[4]);
        return sent;
      }
      case "item":
        return this.#item(envelope[1], envelope[2]);
      case "reply":
        return this.#reply(envelope[1], envelope[2]);
      case "error":
        return this.#fail(envelope);
      case "event":
        return this.#wire.send(frameOf(envelope[2]));
      case "cancel":
        this.#streams.leave(envelope[1]);
        this.#ids.giveUp(envelope[1]);
        return undefined;
      case "credit":
        this.#streams.credit(envelope[1], envelope[2]);
        return undefined;
      case "ping":
      case "pong":
        return undefined;
    }
  }

  receive(frame: T): void {
    const { idOf, isReply, nameOf } = this.#options;
    const id = idOf(frame);
    if (id === undefined) {
      const name = nameOf?.(frame) ?? "event";
      return this.#wire.tell(["event", name, bodyOf(frame)]);
    }
    if (isReply?.(frame) !== false) return this.#replied(id, frame);
    const number = ++this.#lastAsked;
    this.#asked.set(number, { id, frame, hasItems: false });
    const name = nameOf?.(frame) ?? "request";
    // The handler may give one reply, or several where the format has an end of them.
    this.#wire.tell(
      this.#options.isLast === undefined
        ? ["request", number, name, bodyOf(frame)]
        : ["stream", number, name, bodyOf(frame), Infinity],
    );
  }

  #replied(id: Id, frame: T): void {
    const { errorOf, isLast } = this.#options;
    let number = this.#ids.numberOf(id) ?? FOREIGN;
    // For the peer, the request is still open: it would take a duplicate.
    if (this.#streams.hasEnded(number)) number = FOREIGN;
    const error = errorOf?.(frame);
    const ends = error !== undefined || isLast?.(frame) !== false;
    if (ends) this.#ids.answered(id);
    const isStream = this.#streams.has(number);
    if (error !== undefined) {
      const { code, message, data } = error;
      const failed: Envelope = ["error", number, code, message, data];
      return isStream
        ? this.#streams.end(number, failed)
        : this.#wire.tell(failed);
    }
    if (!isStream) {
      const kind = ends ? "reply" : "item";
      return this.#wire.tell([kind, number, bodyOf(frame)]);
    }
    if (this.#streams.add(number, frame)) this.#ids.giveUp(number);
    else if (ends) this.#streams.end(number);
  }

  #request(number: number, body: unknown): Promise<void> | undefined {
    const frame = frameOf<T>(body);
    const id = this.#ids.next(frame);
    if (id === undefined) {
      throw new MessageError(
        "TOO_MANY_REQUESTS",
        "Each id that the request could have belongs to an open one",
      );
    }
    const sent = this.#wire.send(this.#options.withId(frame, id));
    this.#ids.open(id, number);
    return sent;
  }

  #reply(number: number, body: unknown): Promise<void> | undefined {
    const asked = this.#asked.get(number);
    if (asked === undefined) return undefined;
    const sent = asked.hasItems
      ? undefined
      : this.#wire.send(this.#options.withId(frameOf(body), asked.id));
    this.#asked.delete(number);
    return sent;
  }

  #item(number: number, body: unknown): Promise<void> | undefined {
    const asked = this.#asked.get(number);
    if (asked === undefined) return undefined;
    const sent = this.#wire.send(
      this.#options.withId(frameOf(body), asked.id),
    );
    asked.hasItems = true;
    return sent;
  }

  #fail(
    [, number, code, message, data]: Envelope & { 0: "error" },
  ): Promise<void> | undefined {
    const asked = this.#asked.get(number);
    if (asked === undefined) return undefined;
    this.#asked.delete(number);
    const error = new MessageError(code, message, data);
    const { failed, withId } = this.#options;
    if (failed !== undefined) {
      return this.#wire.send(withId(failed(error, asked.frame), asked.id));
    }
    this.#wire.abort(error);
    return undefined;
  }
}

/** Numbers of 16 bits, without 0. */
function nextNumber<Id extends FrameId>(last: Id | undefined): Id {
  return (typeof last === "number" && last < 65_535 ? last + 1 : 1) as Id;
}

/** The peer hands bodies on as they are; commands say of which type they are. */
function frameOf<T>(body: unknown): T {
  return body as T;
}

function bodyOf(frame: unknown): JsonValue {
  return frame as JsonValue;
}

function notAStream(): MessageError {
  return new MessageError(
    "NOT_A_STREAM",
    "The dialect does not know which reply is the last: give it isLast",
  );
}
