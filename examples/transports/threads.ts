/** Frames between the threads of a program. */

import { MessageChannel, Worker } from "node:worker_threads";
import { framed, json, lengthPrefixed } from "../../mod.ts";
import { messagePort } from "../../src/net/adapters/message_port.ts";

const { port1, port2 } = new MessageChannel();
const worker = new Worker(new URL("./thread.ts", import.meta.url), {
  workerData: { port: port2 },
  transferList: [port2],
});
const thread = framed(messagePort(port1), json(lengthPrefixed()));
for (const text of ["one", "one two", "one two three"]) {
  await thread.send(text);
  console.log(await thread.receive(), "words");
}
await thread.close();
const { error = "clean" } = await thread.closed;
console.log(error);
await worker.terminate();
