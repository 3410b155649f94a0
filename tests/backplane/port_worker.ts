/** A worker thread with a node of its own: it does what the other thread posts. */

import { parentPort, workerData } from "node:worker_threads";
import {
  createBackplane,
  type MessagePortLike,
  portEngine,
} from "../../src/backplane/mod.ts";

const port = parentPort!;
const node = await createBackplane(portEngine(workerData as MessagePortLike));
const texts: string[] = [];
await node.subscribe("t", ({ bytes }) => {
  texts.push(new TextDecoder().decode(bytes));
  if (texts.at(-1) === "end") port.postMessage(texts);
});

const commands: Record<string, () => Promise<unknown>> = {
  claim: async () => await node.claim("name") !== undefined,
  async publish() {
    for (let i = 0; i < 200; i++) {
      await node.publish("t", new TextEncoder().encode(`worker ${i}`));
    }
  },
  close: () => node.close(),
};

port.on("message", async (command: string) => {
  port.postMessage(await commands[command]!());
});
port.postMessage(node.nodeId);
