import { isObject } from "../../checks.ts";
import type { JsonValue } from "../../codec/views/json.ts";
import type { Envelope } from "../envelope.ts";
import { MessageError } from "../errors.ts";
import type { Conventions } from "./conventions.ts";
import { FOREIGN, type Translation, type Wire } from "./dialect.ts";
import { IncomingBatch, OutgoingBatch } from "./json_rpc_batch.ts";
import {
  errorObject,
  INVALID_REQUEST,
  PARSE_ERROR,
  readError,
} from "./json_rpc_errors.ts";
import { isId, type JsonRpcId, JsonRpcIds } from "./json_rpc_ids.ts";
import { OpenStreams } from "./open_streams.ts";
import { Parts } from "./parts.ts";

/** What comes in, before it is known to be what it should. */
type Incoming = Readonly<Record<string, JsonValue>>;

/** The conversation of one connection in JSON-RPC. */
export class JsonRpcConversation implements Translation<JsonValue> {
  readonly #wire: Wire<JsonValue>;
  readonly #conventions: Conventions | undefined;
  readonly #outgoing: OutgoingBatch | undefined;
  readonly #ids = new JsonRpcIds();
  /** The batches that the open requests of the other side are of. */
  readonly #batches = new Map<number, IncomingBatch>();
  /** What the open requests of the other side have had as parts. */
  readonly #parts = new Map<number, Parts>();
  readonly #streams: OpenStreams;
  /** The number of the last request of this side. */
  #last = 0;

  constructor(
    wire: Wire<JsonValue>,
    conventions: Conventions | undefined,
    maxBatch: number,
  ) {
    this.#wire = wire;
    this.#streams = new OpenStreams(wire.tell);
    this.#conventions = conventions;
    if (maxBatch > 1) this.#outgoing = new OutgoingBatch(wire, maxBatch);
  }

  get answersCancelled(): boolean {
    return this.#conventions?.answersCancelled === true;
  }

  send(envelope: Envelope): Promise<void> | undefined {
    switch (envelope[0]) {
      case "request":
        return this.#request(envelope[1], envelope[2], envelope[3]);
      case "stream":
        return this.#stream(envelope[1], envelope[2], envelope[3], envelope[4]);
      case "reply":
        return this.#reply(envelope[1], envelope[2]);
      case "error":
        return this.#error(envelope);
      case "event":
        return this.#post(notification(envelope[1], envelope[2]));
      case "item":
        return this.#parts.get(envelope[1])?.add(envelope[2]);
      case "cancel":
        return this.#cancel(envelope[1]);
      case "credit":
        this.#streams.credit(envelope[1], envelope[2]);
        return undefined;
      case "ping":
      case "pong":
        return undefined;
    }
  }

  receive(message: JsonValue): void {
    if (!Array.isArray(message)) return this.#receive(message, undefined);
    if (message.length === 0) {
      return this.#refuse(null, "The batch is empty", undefined);
    }
    const batch = new IncomingBatch(this.#wire);
    for (const one of message) this.#receive(one, batch);
    ignored(batch.done());
  }

  refuse(error: Error): void {
    ignored(this.#wire.send(
      failure(null, { code: PARSE_ERROR, message: error.message }),
    ));
  }

  #receive(message: JsonValue, batch: IncomingBatch | undefined): void {
    if (!isObject(message)) {
      return this.#refuse(null, "A message is an object", batch);
    }
    const { method, id, params, result, error } = message as Incoming;
    if (method === undefined) {
      if (error !== undefined && error !== null) return this.#failed(id, error);
      if (result !== undefined) return this.#replied(id, result);
    }
    if (id !== undefined && !isId(id)) {
      return this.#refuse(null, "An id is a number or a string", batch);
    }
    const wrong = whatIsWrong(message as Incoming);
    if (wrong !== undefined) return this.#refuse(id ?? null, wrong, batch);
    if (id === undefined) return this.#notified(String(method), params ?? null);
    const number = this.#ids.open(id);
    if (batch !== undefined) {
      batch.expect();
      this.#batches.set(number, batch);
    }
    this.#requested(number, String(method), params ?? null);
  }

  #requested(id: number, method: string, params: JsonValue): void {
    const conventions = this.#conventions;
    if (conventions === undefined) {
      return this.#wire.tell(["request", id, method, params]);
    }
    const parts = new Parts(
      conventions,
      conventions.tokenIn(params),
      (part) => this.#post(notification(conventions.progress, part)),
    );
    this.#parts.set(id, parts);
    this.#wire.tell(["stream", id, method, params, Infinity]);
  }

  #notified(method: string, params: JsonValue): void {
    const conventions = this.#conventions;
    if (method === conventions?.progress) {
      const { token, part } = conventions.partIn(params) ?? {};
      const id = streamOf(token);
      if (id !== undefined) return this.#item(id, part!);
    }
    if (method === conventions?.cancel && isObject(params)) {
      const id = params[conventions.cancelledId] as JsonValue | undefined;
      const number = isId(id) ? this.#ids.numberOf(id) : undefined;
      if (number !== undefined) this.#cancelled(number);
      return;
    }
    this.#wire.tell(["event", method, params]);
  }

  #cancelled(id: number): void {
    this.#wire.tell(["cancel", id]);
    if (this.#conventions?.answersCancelled === true) return;
    this.#parts.delete(id);
    this.#ids.close(id);
    ignored(this.#batches.get(id)?.done());
    this.#batches.delete(id);
  }

  #item(id: number, part: JsonValue): void {
    // The parts of a stream that was left are still on their way.
    if (this.#streams.add(id, part)) ignored(this.#cancel(id));
  }

  #replied(id: JsonValue | undefined, result: JsonValue): void {
    const number = this.#ownOf(id);
    if (!this.#streams.has(number)) {
      return this.#wire.tell(["reply", number, result]);
    }
    // A server that knows no parts answers as if nobody had asked for them.
    if (result !== null) this.#streams.add(number, result);
    this.#streams.end(number);
  }

  #failed(id: JsonValue | undefined, error: JsonValue): void {
    const number = this.#ownOf(id);
    const failed: Envelope = ["error", number, ...readError(error)];
    if (this.#streams.has(number)) this.#streams.end(number, failed);
    else this.#wire.tell(failed);
  }

  /** The number of a request of this side. */
  #ownOf(id: JsonValue | undefined): number {
    const isOwn = Number.isInteger(id) && (id as number) > 0 &&
      (id as number) <= this.#last;
    return isOwn ? id as number : FOREIGN;
  }

  #request(
    id: number,
    method: string,
    params: JsonValue,
  ): Promise<void> | undefined {
    const sent = this.#post(request(id, method, params));
    this.#last = id;
    return sent;
  }

  #stream(
    id: number,
    method: string,
    params: JsonValue,
    credit: number,
  ): Promise<void> | undefined {
    if (this.#conventions === undefined) {
      throw new MessageError(
        "NOT_A_STREAM",
        'JSON-RPC itself has no streams of replies: use the conventions "lsp" or "mcp"',
      );
    }
    const withToken = this.#conventions.withToken(params, tokenOf(id));
    const sent = this.#request(id, method, withToken);
    this.#streams.open(id, credit);
    return sent;
  }

  #reply(id: number, body: JsonValue): Promise<void> | undefined {
    const result = this.#parts.get(id)?.result(body) ?? body;
    return this.#answer(id, (wireId) => ({
      jsonrpc: "2.0",
      id: wireId,
      // A handler that returns nothing has no result to tell.
      result: result ?? null,
    }));
  }

  #error(
    [, id, code, message, data]: Envelope & { 0: "error" },
  ): Promise<void> | undefined {
    const error = errorObject(code, message, data);
    return this.#answer(id, (wireId) => failure(wireId, error));
  }

  #answer(
    id: number,
    responseOf: (id: JsonRpcId) => JsonValue,
  ): Promise<void> | undefined {
    const wireId = this.#ids.idOf(id);
    if (wireId === undefined) return undefined;
    const response = responseOf(wireId);
    const batch = this.#batches.get(id);
    // What this throws is answered with an error, so the request stays open.
    const sent = batch === undefined
      ? this.#wire.send(response)
      : batch.answer(response);
    this.#ids.close(id);
    this.#parts.delete(id);
    if (batch !== undefined) this.#batches.delete(id);
    return sent;
  }

  #cancel(id: number): Promise<void> | undefined {
    this.#streams.leave(id);
    const conventions = this.#conventions;
    if (conventions === undefined) return undefined;
    return this.#post(
      notification(conventions.cancel, { [conventions.cancelledId]: id }),
    );
  }

  /** Refuses what is no message of JSON-RPC. */
  #refuse(
    id: JsonRpcId,
    message: string,
    batch: IncomingBatch | undefined,
  ): void {
    const response = failure(id, { code: INVALID_REQUEST, message });
    if (batch === undefined) return ignored(this.#wire.send(response));
    batch.expect();
    ignored(batch.answer(response));
  }

  #post(message: JsonValue): Promise<void> | undefined {
    return this.#outgoing === undefined
      ? this.#wire.send(message)
      : this.#outgoing.add(message);
  }
}

/** Why an object is no request and no notification. */
function whatIsWrong(
  { jsonrpc, method, params }: Incoming,
): string | undefined {
  if (jsonrpc !== "2.0") return 'The member "jsonrpc" is "2.0"';
  if (typeof method !== "string") return 'The member "method" is a string';
  if (params === undefined || params === null) return undefined;
  if (typeof params === "object") return undefined;
  return 'The member "params" is an object or an array';
}

function request(id: number, method: string, params: JsonValue): JsonValue {
  return params === null || params === undefined
    ? { jsonrpc: "2.0", id, method }
    : { jsonrpc: "2.0", id, method, params: checkParams(method, params) };
}

function notification(method: string, params: JsonValue): JsonValue {
  return params === null || params === undefined
    ? { jsonrpc: "2.0", method }
    : { jsonrpc: "2.0", method, params: checkParams(method, params) };
}

function checkParams(method: string, params: JsonValue): JsonValue {
  if (typeof params === "object") return params;
  throw new TypeError(
    `The parameters of "${method}" are a ${typeof params}: JSON-RPC has an object, an array or null`,
  );
}

function failure(id: JsonRpcId, error: JsonValue): JsonValue {
  return { jsonrpc: "2.0", id, error };
}

/** A token that no other part of a program makes. */
function tokenOf(id: number): string {
  return `framewire:${id}`;
}

function streamOf(token: JsonValue | undefined): number | undefined {
  const [, id] = typeof token === "string"
    ? /^framewire:(\d+)$/.exec(token) ?? []
    : [];
  return id === undefined ? undefined : Number(id);
}

/** The promise of room rejects where the connection has failed, which ends the peer. */
function ignored(sent: Promise<void> | undefined): void {
  sent?.catch(() => undefined);
}
