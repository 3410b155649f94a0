import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Outlet } from "../../src/cli/proxy/outlet.ts";
import { Source } from "../../src/cli/proxy/source.ts";
import { deferred } from "../../src/net/deferred.ts";

/** A channel that takes a write when it is told to. */
class SlowChannel {
  readonly calls: string[] = [];
  taking = deferred<void>();

  write({ length }: Uint8Array): Promise<void> {
    this.calls.push(`write ${length}`);
    return this.taking.promise;
  }

  closeWrite(): Promise<void> {
    this.calls.push("end");
    return Promise.resolve();
  }

  abort(): void {
    this.calls.push("reset");
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }
}

function outlet(): { channel: SlowChannel; outlet: Outlet } {
  const channel = new SlowChannel();
  return { channel, outlet: new Outlet(channel, new Source(channel)) };
}

test("write() queues while a write is under way, and holds the source above a mark", async () => {
  const { channel, outlet: out } = outlet();
  for (let i = 0; i < 6; i++) out.write(new Uint8Array(65_536));
  assertEquals(channel.calls, ["write 65536", "pause"]);
  channel.taking.resolve();
  await out.written;
  const writes = channel.calls.filter((call) => call.startsWith("write"));
  assertEquals(writes.length, 6);
  assertEquals(channel.calls.filter((call) => call === "resume").length, 1);
});

for (const call of ["end", "reset"] as const) {
  test(`${call}() comes behind what was written`, async () => {
    const { channel, outlet: out } = outlet();
    out.write(Uint8Array.of(1));
    out.write(Uint8Array.of(2, 3));
    const called = out[call]();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(channel.calls, ["write 1"]);
    channel.taking.resolve();
    await called;
    assertEquals(channel.calls, ["write 1", "write 2", call]);
  });
}

test("write() is passed over when a write has failed", async () => {
  const { channel, outlet: out } = outlet();
  out.write(Uint8Array.of(1));
  channel.taking.reject(new Error("broken"));
  await out.written;
  out.write(Uint8Array.of(2));
  await out.end();
  assertEquals(channel.calls, ["write 1"]);
});

test("hold() lasts until release() was called as often", () => {
  const channel = new SlowChannel();
  const source = new Source(channel);
  source.renew();
  source.hold();
  source.hold();
  source.release();
  source.renew();
  source.release();
  assertEquals(channel.calls, ["pause", "pause", "resume"]);
});
