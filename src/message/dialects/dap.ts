import { isObject } from "../../checks.ts";
import type { Codec } from "../../codec/types.ts";
import type { JsonValue } from "../../codec/views/json.ts";
import type { Envelope } from "../envelope.ts";
import { MessageError, violation } from "../errors.ts";
import { defineDialect } from "./define_dialect.ts";
import {
  type Dialect,
  FOREIGN,
  type Translation,
  type Wire,
} from "./dialect.ts";

/**
 * The Debug Adapter Protocol: its requests, responses and events, over the frames of
 * `lsp()`. The body of a request is its `arguments`.
 *
 * A `MessageError` goes as the `message` of a failed response, which is its code, and
 * its `body.error.format`, which is its message. The data of one that comes is the
 * `body`. A request that is given up is cancelled where the adapter has said that it
 * can (`supportsCancelRequest`).
 *
 * Specification: <https://microsoft.github.io/debug-adapter-protocol/specification>.
 *
 * @example
 * ```ts
 * import { lsp } from "@framewire/framewire/presets";
 * import { connectMessages, dap, serveMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const dialect = dap(lsp());
 * await using adapter = await serveMessages({ address: { port: 0 }, dialect });
 * adapter.on("threads", () => ({ threads: [{ id: 1, name: "main" }] }));
 *
 * await using client = await connectMessages({ address: adapter.address, dialect });
 * assertEquals(await client.request("threads", null), {
 *   threads: [{ id: 1, name: "main" }],
 * });
 * ```
 *
 * @param codec The codec of the frames.
 * @returns The dialect.
 * @throws {TypeError} If it is not a codec.
 */
export function dap(codec: Codec<JsonValue>): Dialect<JsonValue> {
  return defineDialect(codec, (wire) => new DapConversation(wire));
}

/** Messages of both kinds are numbered by their sender. */
class DapConversation implements Translation<JsonValue> {
  readonly answersCancelled = true;

  readonly #wire: Wire<JsonValue>;
  /** The number of the last message of this side. */
  #seq = 0;
  /** The open requests of this side: those of the peer, by their numbers on the wire. */
  readonly #asked = new Map<number, { readonly id: number; command: string }>();
  /** The numbers on the wire of those requests. */
  readonly #seqOf = new Map<number, number>();
  /** The commands of the open requests of the other side. */
  readonly #asking = new Map<number, string>();
  /** The requests of this side to cancel another one, which the peer knows nothing of. */
  readonly #cancelling = new Set<number>();
  #canCancel = false;

  constructor(wire: Wire<JsonValue>) {
    this.#wire = wire;
  }

  send(envelope: Envelope): Promise<void> | undefined {
    switch (envelope[0]) {
      case "request":
        return this.#request(envelope[1], envelope[2], envelope[3]);
      case "reply":
        return this.#respond(envelope[1], {
          success: true,
          body: envelope[2] ?? null,
        });
      case "error":
        return this.#respond(envelope[1], failed(envelope));
      case "event":
        return this.#send({
          type: "event",
          event: envelope[1],
          body: envelope[2],
        });
      case "cancel":
        return this.#cancel(envelope[1]);
      case "stream":
      case "item":
        throw new MessageError("NOT_A_STREAM", "DAP has no streams of replies");
      case "credit":
      case "ping":
      case "pong":
        return undefined;
    }
  }

  receive(message: JsonValue): void {
    const { seq, type, command, event, arguments: body = null, ...rest } =
      isObject(message) ? message as Readonly<Record<string, JsonValue>> : {};
    if (type === "response") return this.#replied(rest);
    if (type === "event" && typeof event === "string") {
      return this.#wire.tell(["event", event, rest["body"] ?? null]);
    }
    const isNumbered = Number.isSafeInteger(seq) && (seq as number) > 0;
    if (type !== "request" || !isNumbered || typeof command !== "string") {
      const got = JSON.stringify(message).slice(0, 100);
      throw violation("a request, a response or an event of DAP", got);
    }
    if (command === "cancel" && isObject(body)) {
      return this.#cancelled(seq as number, body["requestId"] as JsonValue);
    }
    this.#asking.set(seq as number, command);
    this.#wire.tell(["request", seq as number, command, body]);
  }

  #request(
    id: number,
    command: string,
    body: JsonValue,
  ): Promise<void> | undefined {
    const sent = this.#send({ type: "request", command, arguments: body });
    this.#asked.set(this.#seq, { id, command });
    this.#seqOf.set(id, this.#seq);
    return sent;
  }

  #respond(
    id: number,
    outcome: Readonly<Record<string, JsonValue>>,
  ): Promise<void> | undefined {
    const command = this.#asking.get(id);
    if (command === undefined) return undefined;
    const response = { type: "response", request_seq: id, command, ...outcome };
    const sent = this.#send(response);
    this.#asking.delete(id);
    return sent;
  }

  #replied(response: Readonly<Record<string, JsonValue>>): void {
    const { request_seq: seq, success, message, body = null } = response;
    if (this.#cancelling.delete(seq as number)) return;
    const { id = FOREIGN, command } = this.#asked.get(seq as number) ?? {};
    this.#asked.delete(seq as number);
    this.#seqOf.delete(id);
    if (success === true) {
      if (command === "initialize" && isObject(body)) {
        this.#canCancel = body["supportsCancelRequest"] === true;
      }
      return this.#wire.tell(["reply", id, body]);
    }
    const code = typeof message === "string" && message !== ""
      ? message
      : "FAILED";
    const name = code === "cancelled" ? "CANCELLED" : code;
    this.#wire.tell(["error", id, name, textIn(body) ?? code, body]);
  }

  #cancel(id: number): Promise<void> | undefined {
    const requestId = this.#seqOf.get(id);
    if (!this.#canCancel || requestId === undefined) return undefined;
    const sent = this.#send({
      type: "request",
      command: "cancel",
      arguments: { requestId },
    });
    this.#cancelling.add(this.#seq);
    return sent;
  }

  #cancelled(seq: number, requestId: JsonValue | undefined): void {
    this.#asking.set(seq, "cancel");
    if (typeof requestId === "number") this.#wire.tell(["cancel", requestId]);
    this.#respond(seq, { success: true })?.catch(() => undefined);
  }

  /** Sends a message with the next number, which an unsendable one does not use up. */
  #send(
    message: Readonly<Record<string, JsonValue>>,
  ): Promise<void> | undefined {
    const sent = this.#wire.send({ seq: this.#seq + 1, ...message });
    this.#seq++;
    return sent;
  }
}

function failed(
  [, , code, message, data]: Envelope & { 0: "error" },
): Readonly<Record<string, JsonValue>> {
  const error = { id: 0, format: message };
  return {
    success: false,
    message: code === "CANCELLED" ? "cancelled" : code,
    body: data === null ? { error } : { error, data },
  };
}

/** The message in the body of a failed response, with its variables filled in. */
function textIn(body: JsonValue): string | undefined {
  const error = isObject(body) ? body["error"] : undefined;
  if (!isObject(error) || typeof error["format"] !== "string") return undefined;
  const { format, variables } = error;
  if (!isObject(variables)) return format;
  return format.replace(
    /\{(\w+)\}/g,
    (whole, name: string) =>
      Object.hasOwn(variables, name) ? String(variables[name]) : whole,
  );
}
