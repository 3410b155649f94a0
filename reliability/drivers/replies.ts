/**
 * A server of requests by hand, to be killed: `replies.ts PORT`. It answers each
 * request a little later, and prints the number in it when it takes it. At SIGTERM it
 * tells its clients to go elsewhere, and ends when it has answered what it had taken.
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import process from "node:process";

let isClosing = false;
const goodbyes = new Set<() => void>();

function frameOf(text: string): Buffer {
  const frame = Buffer.from(`\0\0\0\0${text}`);
  frame.writeUInt32BE(frame.length - 4);
  return frame;
}

const server = net.createServer((socket) => {
  let rest = Buffer.alloc(0);
  let last = 0;
  const sayGoodbye = () =>
    socket.write(frameOf(`["event","framewire:goaway",${last}]`));
  goodbyes.add(sayGoodbye);
  socket.on("close", () => goodbyes.delete(sayGoodbye));
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      const [kind, id, , body] = JSON.parse(rest.toString("utf8", 4, end));
      rest = rest.subarray(end);
      if (kind !== "request" || isClosing) continue;
      last = id;
      console.log(body);
      const reply = frameOf(`["reply",${id},${body}]`);
      setTimeout(() => socket.write(reply), body % 7);
    }
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));

process.on("SIGTERM", () => {
  isClosing = true;
  server.close();
  for (const sayGoodbye of goodbyes) sayGoodbye();
});
