import type { JsonValue } from "../codec/views/json.ts";
import { NetError } from "../net/errors.ts";
import { Alarm } from "./alarm.ts";
import { checked, type Command } from "./commands.ts";
import { MessageError, violation } from "./errors.ts";
import { ItemQueue } from "./item_queue.ts";
import type { PeerSender } from "./peer_sender.ts";

/** How many items of a stream may be on their way. */
const CREDIT = 64;

/** How a call may end early. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** A request of this side that is open. */
interface Call {
  readonly id: number;
  readonly name: string;
  readonly options: CallOptions;
  /** When it is given up, as a time of `performance.now()`. */
  readonly deadline: number;
  /** The items on their way, of a stream. */
  readonly items: ItemQueue | undefined;
  /** How many items the other side may still send. */
  credit: number;
  resolve(body: JsonValue): void;
  reject(error: unknown): void;
  readonly onAbort: (() => void) | undefined;
}

/** The requesting half of a peer: the requests that this side has made. */
export class Calls {
  readonly #sender: PeerSender;
  readonly #open = new Map<number, Call>();
  readonly #alarm = new Alarm(() => this.#giveUpLate());
  #lastId = 0;
  #failure: unknown;

  constructor(sender: PeerSender) {
    this.#sender = sender;
  }

  /** How many requests are open. */
  get size(): number {
    return this.#open.size;
  }

  request(
    name: string,
    command: Command | undefined,
    body: unknown,
    options: CallOptions,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#begin(name, command, body, options, {
        items: undefined,
        resolve(reply) {
          try {
            resolve(checked(command?.output, reply, `The reply to "${name}"`));
          } catch (error) {
            reject(error);
          }
        },
        reject,
      });
    });
  }

  stream(
    name: string,
    command: Command | undefined,
    body: unknown,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<unknown, void, void> {
    const items = new ItemQueue();
    let call: Call | undefined;
    const begin = () => {
      const options = { signal, timeoutMs: Infinity };
      return call = this.#begin(name, command, body, options, {
        items,
        resolve: () => items.end(),
        reject: (error) => items.fail(error),
      });
    };
    const leave = () => {
      if (call && this.#close(call.id) !== undefined) this.#cancel(call.id);
      items.end();
    };
    const received = this.#received(name, command, begin, leave);
    return {
      next: () => received.next(),
      // At once: a generator would be told only when the next item has come.
      return: () => {
        leave();
        return received.return();
      },
      throw: (error) => {
        leave();
        return received.throw(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      async [Symbol.asyncDispose]() {
        await this.return();
      },
    };
  }

  async *#received(
    name: string,
    command: Command | undefined,
    begin: () => Call,
    leave: () => void,
  ): AsyncGenerator<unknown, void, void> {
    const call = begin();
    const items = call.items!;
    let taken = 0;
    try {
      for (
        let item = await items.next();
        item !== undefined;
        item = await items.next()
      ) {
        yield checked(command?.output, item, `An item of "${name}"`);
        if (++taken < CREDIT / 2) continue;
        if (this.#open.has(call.id)) {
          call.credit += taken;
          this.#sender.post(["credit", call.id, taken]);
        }
        taken = 0;
      }
    } finally {
      leave();
    }
  }

  reply(id: number, body: JsonValue): void {
    this.#close(id)?.resolve(body);
  }

  item(id: number, body: JsonValue): void {
    const call = this.#find(id);
    if (call === undefined) return;
    if (call.items === undefined) {
      throw violation("a reply", "an item of a stream");
    }
    if (call.credit-- === 0) {
      throw violation("no more items than there is credit for", "another item");
    }
    call.items.push(body);
  }

  error(id: number, code: string, message: string, data: JsonValue): void {
    this.#close(id)?.reject(new MessageError(code, message, data));
  }

  /** Ends all open requests with an error, and refuses further ones. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#alarm.clear();
    for (const id of [...this.#open.keys()]) this.#close(id)?.reject(error);
  }

  #begin(
    name: string,
    command: Command | undefined,
    body: unknown,
    options: CallOptions,
    settle: Pick<Call, "items" | "resolve" | "reject">,
  ): Call {
    const { signal, timeoutMs } = options;
    if (this.#failure !== undefined) throw this.#failure;
    signal?.throwIfAborted();
    checked(command?.input, body, `The body of "${name}"`);
    const id = this.#lastId + 1;
    // What is not JSON is refused where it is encoded.
    const json = body as JsonValue;
    this.#sender.send(
      settle.items === undefined
        ? ["request", id, name, json]
        : ["stream", id, name, json, CREDIT],
    );
    // Not earlier: what could not be sent has used up no number.
    this.#lastId = id;
    const onAbort = signal && (() => this.#giveUp(id, signal.reason));
    const deadline = performance.now() + timeoutMs;
    const { items, resolve, reject } = settle;
    const call: Call = {
      id,
      name,
      options,
      deadline,
      items,
      credit: CREDIT,
      resolve,
      reject,
      onAbort,
    };
    this.#open.set(id, call);
    this.#alarm.set(deadline);
    if (onAbort !== undefined) signal?.addEventListener("abort", onAbort);
    return call;
  }

  /** The open call of the number; one that was given up is forgotten. */
  #find(id: number): Call | undefined {
    if (id > this.#lastId) {
      throw violation("the number of a request", `${id}`);
    }
    return this.#open.get(id);
  }

  /** Takes a call from the open ones: whoever gets it settles it. */
  #close(id: number): Call | undefined {
    const call = this.#find(id);
    if (call === undefined) return undefined;
    this.#open.delete(id);
    if (call.onAbort !== undefined) {
      call.options.signal?.removeEventListener("abort", call.onAbort);
    }
    return call;
  }

  #giveUp(id: number, error: unknown): void {
    const call = this.#close(id);
    if (call === undefined) return;
    call.reject(error);
    this.#cancel(id);
  }

  /** Gives up what is late, and waits for the next that may be. */
  #giveUpLate(): void {
    const now = performance.now();
    let next = Infinity;
    for (const { id, name, deadline, options } of this.#open.values()) {
      if (deadline > now) {
        next = Math.min(next, deadline);
        continue;
      }
      this.#giveUp(
        id,
        new NetError(
          "TIMED_OUT",
          `The request "${name}" was not answered in ${options.timeoutMs} ms (timeoutMs)`,
        ),
      );
    }
    this.#alarm.set(next);
  }

  #cancel(id: number): void {
    this.#sender.post(["cancel", id]);
  }
}
