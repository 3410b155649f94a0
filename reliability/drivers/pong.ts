/**
 * An other side of requests that answers pings and nothing else, by hand:
 * `pong.ts PORT` connects, `pong.ts` listens. Prints its port.
 */
import type { Buffer } from "node:buffer";
import net from "node:net";
import process from "node:process";

function pong(socket: net.Socket): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const pings = text.split('["ping"]').length - 1;
    text = text.slice(-8).replace('["ping"]', "");
    for (let i = 0; i < pings; i++) socket.write('\0\0\0\x08["pong"]');
  });
  socket.on("error", () => process.exit());
}

const port = process.argv[2];
if (port === undefined) {
  const server = net.createServer(pong).listen(0, "127.0.0.1", () => {
    console.log((server.address() as net.AddressInfo).port);
  });
} else {
  const socket = net.connect(Number(port), "127.0.0.1", () => {
    console.log(socket.localPort);
  });
  pong(socket);
}
