import { assert, assertEquals, assertRejects } from "@std/assert";
import net from "node:net";
import process from "node:process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  connect,
  type Connection,
  listen,
  NetError,
} from "../../src/net/mod.ts";
import { testNetwork } from "./conformance.ts";

testNetwork({
  name: "tcp",
  connect,
  listen,
  freshAddress: () => ({ port: 0 }),
  unreachable: [{
    title: "when the host name does not exist",
    address: { hostname: "no-such-host.invalid", port: 1 },
    code: "HOST_NOT_FOUND",
  }],
  async connectResetter({ address }) {
    assert(address.transport === "tcp");
    const socket = net.connect(address.port, address.hostname);
    socket.on("error", () => {}); // of the reset
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return { reset: () => void socket.resetAndDestroy() };
  },
});

test("connect() gives up when nobody answers [tcp]", {
  skip: process.platform === "win32" && "a full backlog refuses there",
}, async () => {
  const silent = await silentListener();
  const waiting: Connection[] = [];
  try {
    // The backlog takes some; then nobody answers any more.
    const filling = async () => {
      while (waiting.length < 2_000) {
        waiting.push(await connect(silent.address, { timeoutMs: 500 }));
      }
    };
    const error = await assertRejects(filling, NetError);
    assertEquals(error.code, "TIMED_OUT");
    assert(error.message.includes("500 ms"), error.message);

    const reason = new Error("never mind");
    const aborting = new AbortController();
    const connecting = connect(silent.address, { signal: aborting.signal });
    setTimeout(() => aborting.abort(reason), 20);
    assertEquals(await connecting.catch((error) => error), reason);
  } finally {
    for (const connection of waiting) connection.abort();
    await silent.close();
  }
});

/** Listens in a thread that is held up, and so accepts nothing. */
async function silentListener(): Promise<
  { address: { port: number }; close(): Promise<void> }
> {
  const worker = new Worker(
    `
    const { parentPort } = require("node:worker_threads");
    const server = require("node:net").createServer((socket) => {
      socket.on("error", () => {});
      socket.destroy();
    });
    server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
    });
    parentPort.once("message", (latch) => {
      parentPort.postMessage("held up");
      Atomics.wait(latch, 0, 0);
      server.close();
    });
    `,
    { eval: true },
  );
  const message = () =>
    new Promise<unknown>((resolve) => worker.once("message", resolve));
  const port = await message() as number;
  const latch = new Int32Array(new SharedArrayBuffer(4));
  const heldUp = message();
  worker.postMessage(latch);
  await heldUp;
  return {
    address: { port },
    async close() {
      Atomics.store(latch, 0, 1);
      Atomics.notify(latch, 0);
      await worker.terminate();
    },
  };
}
