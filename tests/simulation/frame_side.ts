import { assert, assertEquals } from "@std/assert";
import { SEND_HIGH_WATER_MARK } from "../../src/defaults.ts";
import type { FramedConnection } from "../../mod.ts";
import { contentOf, type Plan, type SidePlan } from "./plan.ts";
import { pause } from "./seeds.ts";

/** How a side sends its frames, and takes those of the other side. */
export interface SideWork {
  /** How many frames of the other side have come in whole. */
  received: number;
  /** Sends all frames. */
  send(): Promise<void>;
  /** Receives until the end, or until it has read enough. */
  receive(): Promise<void>;
}

/** A side whose frames are handed out whole. */
export class FrameSide implements SideWork {
  received = 0;
  readonly #connection: FramedConnection<Uint8Array>;
  readonly #side: SidePlan;
  readonly #other: SidePlan;
  readonly #plan: Plan;

  constructor(
    connection: FramedConnection<Uint8Array>,
    plan: Plan,
    name: SidePlan["name"],
  ) {
    this.#connection = connection;
    this.#plan = plan;
    this.#side = plan[name];
    this.#other = plan[name === "client" ? "server" : "client"];
  }

  async send(): Promise<void> {
    const { name, lengths, sending } = this.#side;
    const connection = this.#connection;
    const waits: Promise<void>[] = [];
    const writer = sending === "writable"
      ? connection.writable.getWriter()
      : undefined;
    for (const [index, length] of lengths.entries()) {
      const frame = contentOf(name, index, length);
      if (writer !== undefined) await writer.write(frame);
      else if (sending === "free") {
        const wait = connection.send(frame);
        if (wait === undefined) continue;
        // Waited for later.
        wait.catch(() => undefined);
        waits.push(wait);
        continue;
      } else if (sending === "await") await connection.send(frame);
      else await connection.sendEncoded(connection.codec.encode(frame));
      assert(
        connection.bufferedBytes <= SEND_HIGH_WATER_MARK,
        `${connection.bufferedBytes} bytes wait after send() was waited for`,
      );
    }
    await Promise.all(waits);
    if (writer !== undefined) await writer.close();
    else await connection.closeWrite();
    assertEquals(connection.bufferedBytes, 0);
  }

  async receive(): Promise<void> {
    const connection = this.#connection;
    const { reading, firstStallMs } = this.#side;
    if (firstStallMs > 0) await pause(firstStallMs);
    switch (reading) {
      case "forEach":
        return await connection.forEach((frame) => this.#check(frame));
      case "forEach with promises":
        return await connection.forEach((frame) => this.#take(frame));
      case "for await":
        for await (const frame of connection) {
          await this.#take(frame);
          if (this.#hasEnough) return;
        }
        return;
      case "batches":
        for await (const batch of connection.batches()) {
          for (const frame of batch) {
            await this.#take(frame);
            if (this.#hasEnough) return;
          }
        }
        return;
      case "receive":
        while (!this.#hasEnough) {
          const frame = await connection.receive();
          if (frame === undefined) return;
          await this.#take(frame);
        }
        return;
      case "readable": {
        const reader = connection.readable.getReader();
        while (!this.#hasEnough) {
          const { done, value } = await reader.read();
          if (done) return;
          await this.#take(value);
        }
      }
    }
  }

  get #hasEnough(): boolean {
    return this.received >= this.#side.readsAtMost;
  }

  async #take(frame: Uint8Array): Promise<void> {
    this.#check(frame);
    const { stalls, stallMs } = this.#side;
    if (this.#plan.random.chance(stalls)) await pause(stallMs);
  }

  #check(frame: Uint8Array): void {
    const { name, lengths } = this.#other;
    const index = this.received++;
    const length = lengths[index];
    assert(length !== undefined, `frame ${index} of ${name} was never sent`);
    checkContent(frame, name, index, length);
  }
}

/** Checks that a frame is the one that was sent. */
export function checkContent(
  frame: Uint8Array,
  name: SidePlan["name"],
  index: number,
  length: number,
): void {
  const expected = contentOf(name, index, length);
  const same = frame.length === length &&
    frame.every((byte, i) => byte === expected[i]);
  assert(same, `frame ${index} of ${name} is not what was sent`);
}
