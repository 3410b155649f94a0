import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { framed, lengthPrefixed, NetError } from "../../mod.ts";
import {
  messagePort,
  type MessagePortLike,
} from "../../src/net/adapters/message_port.ts";
import { Recorder } from "../../src/testing/recorder.ts";
import { transportTests } from "../../src/testing/mod.ts";

for (
  const { name, run } of transportTests(() => {
    const { port1, port2 } = new MessageChannel();
    return { a: messagePort(port1), b: messagePort(port2) };
  }, { resets: true, maxBytesInFlight: 400_000 })
) test(`${name} [MessagePort]`, run);

const skip = typeof Worker === "undefined" && "no web workers";

/** A web worker, and the frames between it and this thread. */
function startWorker() {
  const { port1, port2 } = new MessageChannel();
  const url = new URL("./port_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  worker.postMessage(port2, [port2]);
  return { worker, frames: framed(messagePort(port1), lengthPrefixed()) };
}

test(
  "messagePort() carries frames to a web worker and back",
  { skip },
  async () => {
    const { worker, frames } = startWorker();
    for (const length of [0, 1, 70_000, 700_000]) {
      const frame = new Uint8Array(length).fill(length);
      await frames.send(frame);
      assertEquals(await frames.receive(), frame);
    }
    await frames.closeWrite();
    assertEquals(await frames.receive(), undefined);
    await frames.close();
    assertEquals(await frames.closed, { by: "local" });
    worker.terminate();
  },
);

test(
  "messagePort() tells of a worker that was terminated",
  { skip },
  async () => {
    const { worker, frames } = startWorker();
    await frames.send(Uint8Array.of(1));
    await frames.receive();
    worker.terminate();
    const { error } = await frames.closed;
    assert(error instanceof NetError && error.code === "CONNECTION_RESET");
  },
);

test("messagePort() fails where the other end is none", async () => {
  for (
    const message of [
      { hello: 1 },
      "hello",
      1,
      -1,
      NaN,
      new Uint8Array(300_000),
    ]
  ) {
    const { port1, port2 } = new MessageChannel();
    const sink = new Recorder(messagePort(port1));
    port2.postMessage(message);
    await sink.untilFailed();
    assert(sink.error instanceof NetError);
    assertEquals(sink.error.code, "NETWORK_ERROR");
    port1.close();
    port2.close();
  }
});

test("messagePort() resets a peer whose bytes are lost by close()", async () => {
  const { port1, port2 } = new MessageChannel();
  const [a, b] = [messagePort(port1), messagePort(port2)];
  const sink = new Recorder(a);
  await a.write(Uint8Array.of(1));
  b.close(); // the byte is on its way
  await sink.untilFailed();
  assert(
    sink.error instanceof NetError && sink.error.code === "CONNECTION_RESET",
  );
  a.close();
});

test("messagePort() throws TypeError for what is no port", () => {
  for (const given of [undefined, {}, new EventTarget()]) {
    assertThrows(
      () => messagePort(given as MessagePortLike),
      TypeError,
      `Cannot use port: expected a MessagePort, got ${typeof given}; make a MessageChannel, and send one end to the worker`,
    );
  }
});
