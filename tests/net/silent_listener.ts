import { Worker } from "node:worker_threads";

/** Listens in a thread that is held up, and so accepts nothing. */
export async function silentListener(): Promise<
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
