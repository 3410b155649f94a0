/**
 * An other side that answers pings and nothing else, by hand:
 * `pong.ts messages|lines PORT` connects, without a port it listens. Prints its port.
 */
import type { Buffer } from "node:buffer";
import net from "node:net";
import process from "node:process";

const words: Readonly<Record<string, readonly [ping: string, pong: string]>> = {
  messages: ['["ping"]', '\0\0\0\x08["pong"]'],
  lines: ["PING\n", "PONG\n"],
};

const [format = "", port] = process.argv.slice(2);
const [ping, answer] = words[format]!;

function pong(socket: net.Socket): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const pings = text.split(ping).length - 1;
    text = text.slice(-ping.length).replace(ping, "");
    for (let i = 0; i < pings; i++) socket.write(answer);
  });
  socket.on("error", () => process.exit());
}

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
