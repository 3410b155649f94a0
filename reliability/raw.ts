/**
 * The other side of what is measured: sockets of Node and frames by hand, nothing
 * of the module itself.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A frame with a length of four bytes. */
export function frameOf(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
}

/** A connection by hand. */
export class Raw {
  readonly socket: net.Socket;
  /** How many bytes have arrived. */
  received = 0;
  error: Error | undefined;
  /** When the other side ended or the socket was closed, first of both. */
  overAt: number | undefined;
  readonly over: Promise<void>;
  readonly closed: Promise<void>;
  readonly #frames: Buffer[] = [];
  readonly #waiting: ((frame: Buffer | undefined) => void)[] = [];
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: net.Socket, takesFrames = true) {
    this.socket = socket;
    socket.on("error", (error) => this.error = error);
    this.closed = new Promise((resolve) => void socket.once("close", resolve));
    this.over = new Promise((resolve) => {
      const tell = () => {
        this.overAt ??= performance.now();
        for (const waiting of this.#waiting.splice(0)) waiting(undefined);
        resolve();
      };
      socket.once("end", tell);
      socket.once("close", tell);
    });
    socket.on("data", (chunk) => {
      this.received += chunk.length;
      if (takesFrames) this.#take(chunk as Buffer);
    });
  }

  /** @param from The own address, which is how a server tells clients apart. */
  static async connect(
    port: number,
    takesFrames = true,
    from?: string,
  ): Promise<Raw> {
    const socket = net.connect({
      host: "127.0.0.1",
      port,
      ...from !== undefined && { localAddress: from },
      noDelay: true,
      allowHalfOpen: true,
    });
    const raw = new Raw(socket, takesFrames);
    await once(socket, "connect");
    return raw;
  }

  send(content: string | Uint8Array): void {
    this.socket.write(frameOf(content));
  }

  /** The next frame; `undefined` when no more can come, or none came in time. */
  async frame(timeoutMs = 10_000): Promise<Buffer | undefined> {
    const next = this.#frames.shift();
    if (next !== undefined || this.overAt !== undefined) {
      return next;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve) => {
        this.#waiting.push(resolve);
        timer = setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
          resolve(undefined);
        }, timeoutMs);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a frame and waits for its echo; in milliseconds, or `Infinity`. */
  async echo(content = "ping", timeoutMs = 10_000): Promise<number> {
    const start = performance.now();
    this.send(content);
    const frame = await this.frame(timeoutMs);
    return frame?.toString() === content ? performance.now() - start : Infinity;
  }

  /** Waits until it is over; returns whether it was in time. */
  async ends(timeoutMs: number): Promise<boolean> {
    await Promise.race([
      this.over,
      sleep(timeoutMs, undefined, { ref: false }),
    ]);
    return this.overAt !== undefined;
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0
      ? chunk
      : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 4) {
      const end = 4 + bytes.readUInt32BE();
      if (bytes.length < end) break;
      const frame = bytes.subarray(4, end);
      bytes = bytes.subarray(end);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#frames.push(frame);
      else waiting(frame);
    }
    this.#rest = bytes;
  }
}

/** Makes many connections, some at a time. */
export async function connectMany(
  port: number,
  count: number,
  takesFrames = true,
  from?: string,
): Promise<Raw[]> {
  const all: Raw[] = [];
  while (all.length < count) {
    const some = Math.min(100, count - all.length);
    all.push(
      ...await Promise.all(
        Array.from(
          { length: some },
          () => Raw.connect(port, takesFrames, from),
        ),
      ),
    );
  }
  return all;
}

/** Waits until a condition holds; returns whether it did in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!await condition()) {
    if (performance.now() > end) return false;
    await sleep(10);
  }
  return true;
}

/** The time that all but one of a hundred took less than. */
export function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))
  ] ??
    Infinity;
}

/** A figure with its unit, such as `12 ms` and `3.4 MiB`. */
export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
