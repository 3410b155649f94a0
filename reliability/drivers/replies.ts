/**
 * A server of requests by hand, to be killed: `replies.ts PORT`. It answers each
 * request a little later, and prints the number in it when it arrives.
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import process from "node:process";

const server = net.createServer((socket) => {
  let rest = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      const [kind, id, , body] = JSON.parse(rest.toString("utf8", 4, end));
      rest = rest.subarray(end);
      if (kind !== "request") continue;
      console.log(body);
      const reply = Buffer.from(`\0\0\0\0["reply",${id},${body}]`);
      reply.writeUInt32BE(reply.length - 4);
      setTimeout(() => socket.write(reply), body % 7);
    }
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
