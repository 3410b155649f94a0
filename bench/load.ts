/**
 * Stands in for `load.c` where there is no C compiler, with the same arguments
 * and output. It is itself as slow as what it measures: messages a second come
 * out too low, and nearer to one another than they are.
 */
import { once } from "node:events";
import net from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const HEADER = 4;
const [mode, port = "", ...numbers] = process.argv.slice(2);
const [first = 0, second = 0, third = 0, fourth = 0] = numbers.map(Number);

switch (mode) {
  case "echo":
    console.log(await echo(first, second, third, fourth));
    process.exit(0);
    break;
  case "connect":
    console.log(await connectEchoClose(first, second));
    process.exit(0);
    break;
  case "idle":
    for (let i = 0; i < first; i++) await exchange(open());
    console.log("ready");
    process.stdin.on("end", () => process.exit(0)).resume();
    break;
  default:
    throw new TypeError("See the top of load.c");
}

function open(): net.Socket {
  return net.connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
}

function framesOf(count: number, size: number): Uint8Array {
  const frames = new Uint8Array(count * (HEADER + size)).fill(97);
  const view = new DataView(frames.buffer);
  for (let i = 0; i < count; i++) view.setUint32(i * (HEADER + size), size);
  return frames;
}

async function echo(
  connections: number,
  inFlight: number,
  size: number,
  seconds: number,
): Promise<number> {
  const frames = framesOf(inFlight, size);
  let messages = 0;
  for (let i = 0; i < connections; i++) {
    const socket = open();
    let received = 0;
    socket.write(frames);
    socket.on("data", ({ length }) => {
      received += length;
      if (received < frames.length) return;
      received = 0;
      messages += inFlight;
      socket.write(frames);
    });
  }
  await sleep(seconds * 1_000);
  return Math.round(messages / seconds);
}

async function exchange(socket: net.Socket): Promise<void> {
  socket.write(framesOf(1, 64));
  await once(socket, "data");
}

async function connectEchoClose(
  concurrency: number,
  seconds: number,
): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let done = 0;
  const loop = async () => {
    for (; performance.now() < until; done++) {
      const socket = open();
      await exchange(socket);
      socket.resetAndDestroy();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return Math.round(done / seconds);
}
