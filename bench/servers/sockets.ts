/** The runtime's own TCP sockets, with as little around them as there can be. */
import net from "node:net";

/** What a server does with one connection. */
export interface Handler {
  /** Takes a chunk. A promise holds back the next one, where the runtime pulls. */
  data(chunk: Uint8Array): Promise<void> | void;
  /** The connection has ended. */
  end(): void;
}

/**
 * Writes, and tells whether the memory of the bytes may be used again: at the
 * latest when the next chunk comes.
 */
export type Write = (bytes: Uint8Array) => boolean;

/** Makes what handles one connection. */
export type MakeHandler = (write: Write) => Handler;

/** Listens on a free port of the loopback interface and returns it. */
export function listenRaw(
  make: MakeHandler,
  /** Whether no chunk is kept: then all can be read into the same memory. */
  keepsNothing = false,
): Promise<number> | number {
  if ("Bun" in globalThis) return listenBun(make);
  if ("Deno" in globalThis) return listenDeno(make, keepsNothing);
  return listenNode(make);
}

function listenNode(make: MakeHandler): Promise<number> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    const handler = make((bytes) => {
      if (!socket.write(bytes)) {
        socket.pause();
        socket.once("drain", () => socket.resume());
      }
      return socket.writableLength === 0;
    });
    socket.on("data", ({ buffer, byteOffset, byteLength }) => {
      void handler.data(new Uint8Array(buffer, byteOffset, byteLength));
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => handler.end());
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

function listenDeno(make: MakeHandler, keepsNothing: boolean): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (conn: Deno.TcpConn) => {
    conn.setNoDelay(true);
    let output: Uint8Array | undefined;
    const handler = make((bytes) => {
      output = bytes;
      return true;
    });
    let buffer = new Uint8Array(16_384);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      const done = handler.data(buffer.subarray(0, count));
      if (done !== undefined) await done;
      const bytes = output;
      output = undefined;
      for (let at = 0; bytes !== undefined && at < bytes.length;) {
        at += await conn.write(at === 0 ? bytes : bytes.subarray(at));
      }
      if (!keepsNothing) buffer = new Uint8Array(buffer.length);
    }
    handler.end();
    conn.close();
  };
  const accept = async () => {
    for await (const conn of listener) {
      // A peer that resets the connection has ended it, too.
      serve(conn).catch(() => conn.close());
    }
  };
  void accept();
  return listener.addr.port;
}

interface BunSocket {
  data: { handler: Handler; rest: Uint8Array[] };
  write(bytes: Uint8Array): number;
}

interface BunRuntime {
  listen(options: {
    hostname: string;
    port: number;
    socket: {
      binaryType: "uint8array";
      open(socket: BunSocket): void;
      data(socket: BunSocket, chunk: Uint8Array): void;
      drain(socket: BunSocket): void;
      close(socket: BunSocket): void;
      error(socket: BunSocket): void;
    };
  }): { port: number };
}

function listenBun(make: MakeHandler): number {
  const { Bun } = globalThis as unknown as { Bun: BunRuntime };
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      binaryType: "uint8array",
      open(socket) {
        const rest: Uint8Array[] = [];
        const handler = make((bytes) => {
          const count = rest.length === 0 ? socket.write(bytes) : 0;
          // A copy: what is left outlives the call.
          if (count < bytes.length) rest.push(bytes.slice(count));
          return true;
        });
        socket.data = { handler, rest };
      },
      data: (socket, chunk) => void socket.data.handler.data(chunk),
      drain(socket) {
        const { rest } = socket.data;
        for (let bytes = rest[0]; bytes !== undefined; bytes = rest[0]) {
          const count = socket.write(bytes);
          if (count < bytes.length) {
            rest[0] = bytes.subarray(count);
            return;
          }
          rest.shift();
        }
      },
      close: (socket) => socket.data.handler.end(),
      error: () => {},
    },
  }).port;
}
