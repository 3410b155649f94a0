/**
 * The load generator: `load.ts PORT SECONDS`. Sixteen connections keep 64
 * frames of 64 bytes in flight each; prints how many came back a second. It
 * does not parse: every 68 bytes that come back are a frame, and send one more.
 */
import net from "node:net";
import process from "node:process";
import { lengthPrefixed } from "../mod.ts";

const CONNECTIONS = 16;
const IN_FLIGHT = 64;
const port = Number(process.argv[2]);
const seconds = Number(process.argv[3]);

const frame = lengthPrefixed().encode(new Uint8Array(64).fill(7));
const window = new Uint8Array(frame.length * IN_FLIGHT);
for (let i = 0; i < IN_FLIGHT; i++) window.set(frame, i * frame.length);

let received = 0;
for (let i = 0; i < CONNECTIONS; i++) {
  const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
  let partial = 0;
  socket.write(window);
  socket.on("data", (chunk) => {
    received += chunk.length;
    partial += chunk.length;
    const whole = Math.floor(partial / frame.length);
    partial -= whole * frame.length;
    for (let left = whole; left > 0; left -= IN_FLIGHT) {
      const count = Math.min(left, IN_FLIGHT);
      socket.write(window.subarray(0, count * frame.length));
    }
  });
}

setTimeout(() => {
  const warm = received;
  const from = performance.now();
  setTimeout(() => {
    const elapsed = (performance.now() - from) / 1000;
    console.log(Math.round((received - warm) / frame.length / elapsed));
    process.exit(0);
  }, seconds * 1000);
}, 700);
