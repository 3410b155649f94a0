import { MAX_HEADER_LENGTH } from "../../defaults.ts";
import { concat } from "../bytes.ts";
import { deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import type { Transport, TransportSink } from "../transport.ts";

/** The head of a request or a response of HTTP/1.1. */
export interface Head {
  /** The three parts of its first line. */
  readonly start: readonly [string, string, string];
  /** The fields, their names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads the head that a connection begins with, and hands on what is behind it. */
export class HeadReader implements TransportSink {
  readonly #transport: Transport;
  readonly #head = deferred<Head>();
  #bytes = new Uint8Array(0);
  #isDone = false;
  /** What came behind the head, for the sink to come. */
  readonly #rest: ((sink: TransportSink) => void)[] = [];
  #sink: TransportSink | undefined;

  /** Opens a transport, which belongs to the reader from then on. */
  constructor(transport: Transport) {
    this.#transport = transport;
    // It is not awaited where the handshake has failed before.
    this.#head.promise.catch(() => undefined);
    transport.open(this);
  }

  /**
   * The head.
   *
   * @throws {NetError} `WS_PROTOCOL` if it is none, or longer than 8 KiB; that of the
   * transport if it broke or ended.
   */
  get head(): Promise<Head> {
    return this.#head.promise;
  }

  /** Gives what has come behind the head, and all that follows, to a sink. */
  deliverTo(sink: TransportSink): void {
    this.#sink = sink;
    for (const event of this.#rest.splice(0)) event(sink);
  }

  data(chunk: Uint8Array): void {
    if (this.#isDone) return this.#handOn((sink) => sink.data(chunk));
    const searched = Math.max(0, this.#bytes.length - 3);
    const bytes = this.#bytes = concat([this.#bytes, chunk]);
    const end = endOf(bytes, searched);
    const isTooLong = (end ?? bytes.length) > MAX_HEADER_LENGTH;
    if (end === undefined && !isTooLong) return;
    this.#isDone = true;
    this.#transport.pause();
    if (isTooLong) return this.#head.reject(notHttp("its head is too long"));
    try {
      this.#head.resolve(parseHead(bytes.subarray(0, end)));
    } catch (error) {
      this.#head.reject(error);
    }
    this.#bytes = new Uint8Array(0);
    const rest = bytes.slice(end);
    if (rest.length > 0) this.#handOn((sink) => sink.data(rest));
  }

  end(): void {
    this.#head.reject(
      new NetError(
        "WS_TRUNCATED",
        "The peer ended the connection in the opening handshake of WebSocket",
      ),
    );
    this.#handOn((sink) => sink.end());
  }

  fail(error: unknown): void {
    this.#head.reject(error);
    this.#handOn((sink) => sink.fail(error));
  }

  #handOn(event: (sink: TransportSink) => void): void {
    if (this.#sink === undefined) this.#rest.push(event);
    else event(this.#sink);
  }
}

/** Where the empty line of a head ends. */
function endOf(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at + 4 <= bytes.length; at++) {
    const isEnd = bytes[at] === CR && bytes[at + 1] === LF &&
      bytes[at + 2] === CR && bytes[at + 3] === LF;
    if (isEnd) return at + 4;
  }
  return undefined;
}

const CR = 13;
const LF = 10;

/** A name (RFC 9110, section 5.6.2), and a value without control characters. */
const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):([\t -~\x80-\xff]*)$/;

/**
 * Reads a head.
 *
 * @throws {NetError} `WS_PROTOCOL` if it is none of HTTP/1.1.
 */
export function parseHead(bytes: Uint8Array): Head {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const [first = "", ...lines] = text.slice(0, -4).split("\r\n");
  const start = /^(\S+) (\S+)(?: (.*))?$/.exec(first);
  if (start === null) throw notHttp(`it begins with ${quoted(first)}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, given = "", value = ""] = FIELD.exec(line) ?? [];
    if (given === "") throw notHttp(`${quoted(line)} is no field`);
    const name = given.toLowerCase();
    const before = fields.get(name);
    const trimmed = value.trim();
    fields.set(name, before === undefined ? trimmed : `${before}, ${trimmed}`);
  }
  return { start: [start[1]!, start[2]!, start[3] ?? ""], fields };
}

/** Whether a field has a token in its list, in whatever case. */
export function hasToken(
  { fields }: Pick<Head, "fields">,
  name: string,
  token: string,
): boolean {
  const list = fields.get(name)?.toLowerCase().split(",") ?? [];
  return list.some((item) => item.trim() === token);
}

function notHttp(why: string): NetError {
  return new NetError(
    "WS_PROTOCOL",
    `The peer does not speak HTTP/1.1: ${why}`,
  );
}

/** The beginning of what a peer sent, for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
