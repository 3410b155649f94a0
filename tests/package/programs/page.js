// What works in a browser, and what says that it does not. `result` is for the test.
import {
  bindDatagram,
  connect,
  createClient,
  framed,
  FrameDecoderStream,
  lengthPrefixed,
  lines,
  listen,
  NetError,
  serve,
} from "@framewire/framewire";
import { sha256, sum8 } from "@framewire/framewire/algorithms";
import { checksum } from "@framewire/framewire/codec";
import { connectCommands, serveCommands } from "@framewire/framewire/exec";
import { memoryNetwork } from "@framewire/framewire/net/memory";

async function echoed() {
  const network = memoryNetwork();
  const codec = checksum(lengthPrefixed(), sum8);
  const server = await serve(
    { address: "memory:echo", network, codec },
    (connection) => connection.forEach((frame) => connection.send(frame)),
  );
  const client = await createClient({ address: "memory:echo", network, codec });
  await client.send(new Uint8Array(300_000));
  const { length } = await client.receive();
  await client.close();
  await server.close();
  return length;
}

async function echoedByServer() {
  const client = await createClient({
    address: `ws://${location.host}/echo`,
    codec: lengthPrefixed(),
  });
  await client.send(new Uint8Array(300_000));
  const { length } = await client.receive();
  await client.close();
  const { by, error } = await client.closed;
  return `${length} ${by} ${error}`;
}

async function echoedWithout(name) {
  const { [name]: removed } = globalThis;
  delete globalThis[name];
  try {
    return await echoedByServer();
  } finally {
    globalThis[name] = removed;
  }
}

async function piped() {
  const { readable, writable } = new TransformStream();
  const loop = framed({ readable, writable }, lines());
  await loop.send("looped");
  const body = new Blob(["one\ntwo"]).stream();
  const reader = body.pipeThrough(new FrameDecoderStream(lines())).getReader();
  return [await loop.receive(), (await reader.read()).value];
}

async function refusal(run) {
  try {
    await run();
  } catch (error) {
    return error instanceof NetError ? error.code : String(error);
  }
}

export const result = {
  echoed: await echoed(),
  echoedByServer: [
    await echoedByServer(),
    await echoedWithout("WebSocketStream"),
  ],
  piped: await piped(),
  refused: [
    await refusal(() => connect({ port: 1 })),
    await refusal(() => listen({ port: 0 })),
    await refusal(() => bindDatagram({ port: 0 })),
    await refusal(() => serveCommands({ address: { port: 0 }, commands: {} })),
    await refusal(() => connectCommands({ address: { port: 1 } })),
    await refusal(() => sha256.compute(new Uint8Array(1))),
  ],
};
