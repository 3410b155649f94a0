import { once } from "node:events";
import net from "node:net";

/** Connects a member that does not look at what it is told. */
export async function fill(
  port: number,
  name: string,
  room: string,
): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  // When its node is killed, it is reset.
  socket.on("error", () => socket.destroy());
  socket.resume();
  for (const request of [{ type: "name", name }, { type: "join", room }]) {
    socket.write(`${JSON.stringify(request)}\n`);
  }
  return socket;
}
