/**
 * An echo server to be loaded from another process: `echo_server.ts KIND`, where
 * KIND is `raw` (the runtime's own sockets, chunks unparsed: the floor),
 * `forEach` or `iterate` (framed, by callback or by `for await`). Prints its port.
 */
import net from "node:net";
import process from "node:process";
import { lengthPrefixed, serve } from "../mod.ts";

const kind = process.argv[2];
const codec = lengthPrefixed();
let port: number;
if (kind === "raw") {
  port = await rawEcho();
} else {
  const server = await serve(
    { address: { port: 0 }, codec },
    kind === "forEach"
      ? (connection) => connection.forEach((frame) => connection.send(frame))
      : async (connection) => {
        for await (const frame of connection) await connection.send(frame);
      },
  );
  port = server.address.transport === "tcp" ? server.address.port : 0;
}
console.log(port);

/** Sends every chunk back as it came, by the fastest means of the runtime. */
function rawEcho(): Promise<number> | number {
  if ("Bun" in globalThis) return rawBun();
  if ("Deno" in globalThis) return rawDeno();
  return rawNode();
}

function rawNode(): Promise<number> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("error", () => socket.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

interface BunListener {
  port: number;
}
interface BunSocket {
  write(bytes: Uint8Array): number;
}

function rawBun(): number {
  const { Bun } = globalThis as unknown as {
    Bun: {
      listen(options: {
        hostname: string;
        port: number;
        socket: { data(socket: BunSocket, chunk: Uint8Array): void };
      }): BunListener;
    };
  };
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    // The window of the load fits into the send buffer: no write is cut short.
    socket: { data: (socket, chunk) => void socket.write(chunk) },
  }).port;
}

function rawDeno(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const echo = async (conn: Deno.TcpConn) => {
    conn.setNoDelay(true);
    const buffer = new Uint8Array(65_536);
    for (let n = await conn.read(buffer); n; n = await conn.read(buffer)) {
      for (let at = 0; at < n;) {
        at += await conn.write(buffer.subarray(at, n));
      }
    }
  };
  void (async () => {
    for await (const conn of listener) void echo(conn);
  })();
  return listener.addr.port;
}
