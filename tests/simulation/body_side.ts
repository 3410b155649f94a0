import { assert } from "@std/assert";
import type { FramedConnection } from "../../mod.ts";
import { checkContent, type SideWork } from "./frame_side.ts";
import { contentOf, type Plan, type SidePlan } from "./plan.ts";
import { pause } from "./seeds.ts";

/** A side whose frames are lengths, each with a body behind it. */
export class BodySide implements SideWork {
  received = 0;
  readonly #connection: FramedConnection<number>;
  readonly #side: SidePlan;
  readonly #other: SidePlan;
  readonly #plan: Plan;

  constructor(
    connection: FramedConnection<number>,
    plan: Plan,
    name: SidePlan["name"],
  ) {
    this.#connection = connection;
    this.#plan = plan;
    this.#side = plan[name];
    this.#other = plan[name === "client" ? "server" : "client"];
  }

  async send(): Promise<void> {
    const { name, lengths } = this.#side;
    for (const [index, length] of lengths.entries()) {
      await this.#connection.send(length);
      const body = contentOf(name, index, length);
      await this.#connection.sendBytes(this.#pieces(body), length);
    }
    await this.#connection.closeWrite();
  }

  async receive(): Promise<void> {
    const { reading, firstStallMs } = this.#side;
    if (firstStallMs > 0) await pause(firstStallMs);
    if (reading.startsWith("forEach")) {
      return await this.#connection.forEach((length) => this.#read(length));
    }
    for await (const length of this.#connection) await this.#read(length);
  }

  async #read(length: number): Promise<void> {
    const { stalls, stallMs } = this.#side;
    const { random } = this.#plan;
    const index = this.received;
    const reader = this.#connection.receiveBytes(length).getReader();
    const body = new Uint8Array(length);
    let at = 0;
    while (true) {
      if (at > 0 && random.chance(stalls / 8)) {
        // The rest of this body is passed over.
        await reader.cancel();
        this.received++;
        return;
      }
      const { done, value } = await reader.read();
      if (done) break;
      assert(at + value.length <= length, "the body is too long");
      body.set(value, at);
      at += value.length;
      if (random.chance(stalls)) await pause(stallMs);
    }
    assert(at === length, `a body of ${length} bytes ended after ${at}`);
    checkContent(body, this.#other.name, index, this.#expected(index));
    this.received++;
  }

  #expected(index: number): number {
    const { name, lengths } = this.#other;
    const length = lengths[index];
    assert(length !== undefined, `frame ${index} of ${name} was never sent`);
    return length;
  }

  *#pieces(body: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < body.length) {
      const length = 1 + this.#plan.random.below(40_000);
      yield body.subarray(at, at + length);
      at += length;
    }
  }
}
