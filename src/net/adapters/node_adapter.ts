import net from "node:net";
import process from "node:process";
import type { Acceptor, Adapter } from "../adapter.ts";
import type { Address } from "../address.ts";
import { deferred } from "../deferred.ts";
import type { Transport } from "../transport.ts";
import {
  acceptingAgain,
  descriptorsError,
  DescriptorWatch,
} from "./descriptors.ts";
import { endAddress, unnamed } from "./ends.ts";
import {
  ATTEMPT_DELAY_MS,
  connectToFirst,
  ipAddressesOf,
} from "./happy_eyeballs.ts";
import { connectSocket, type NodePlace } from "./node_connect.ts";
import { nodeSettings, NodeTransport } from "./node_transport.ts";
import { checkReusePort, nodeSharesPorts } from "./reuse_port.ts";
import {
  addressError,
  listenError,
  SOCKET_ADDRESSES,
} from "./runtime_errors.ts";
import { checkPath, SocketFile } from "./unix_file.ts";

/** The sockets of Node as transports. */
export const nodeAdapter: Adapter = {
  async connect(to, settings): Promise<Transport> {
    const place = nodePlace(to);
    const { signal } = settings;
    signal.throwIfAborted();
    const connect = (place: NodePlace, signal: AbortSignal) =>
      connectSocket(
        to,
        place,
        { ...settings, signal },
        (socket) => new NodeTransport(socket, unnamed(to), to),
      );
    if (!("host" in place)) return await connect(place, signal);
    // Node would give up an address after 250 ms when it tries the next one.
    const hosts = await ipAddressesOf(to, place.host, signal);
    return await connectToFirst(
      hosts,
      ATTEMPT_DELAY_MS,
      signal,
      (host, signal) => connect({ ...place, host }, signal),
    );
  },

  // deno-lint-ignore require-await -- so that a wrong address rejects
  async listen(at, settings, accept, alarm): Promise<Acceptor> {
    const where = nodePlace(at);
    const { reusePort } = settings;
    if (reusePort) {
      checkReusePort({
        isThere: nodeSharesPorts(process.versions.node),
        needs: `Node 22.12 or 23.1, this is ${process.versions.node}`,
      });
    }
    const { promise, resolve, reject } = deferred<Acceptor>();
    const server = net.createServer({
      ...nodeSettings(settings),
      // Nothing is read, and so nothing is held, before the transport is opened.
      pauseOnConnect: true,
    });
    // Once the server listens, an error concerns one connection that was not
    // accepted. The promise is settled already and ignores it.
    server.on("error", (cause) => reject(listenError(at, cause)));
    server.listen({ ...where, reusePort }, () => {
      const address = boundAddress(server, at);
      const file = new SocketFile(at);
      const watch = new DescriptorWatch(
        (cause) => alarm(descriptorsError(address, cause)),
        () => alarm(acceptingAgain(address)),
      );
      server.on("connection", (socket) => {
        watch.accepted();
        accept(new NodeTransport(socket, address, unnamed(at)));
      });
      resolve({
        address,
        close() {
          watch.close();
          return file.release(() => void server.close());
        },
      });
    });
    return promise;
  },
};

function nodePlace(address: Address): NodePlace {
  switch (address.transport) {
    case "tcp":
      return { host: address.hostname, port: address.port };
    case "unix":
      checkPath(address);
      return { path: address.path };
    default:
      throw addressError(address, SOCKET_ADDRESSES);
  }
}

function boundAddress(server: net.Server, at: Address): Address {
  const bound = server.address();
  return bound === null || typeof bound === "string"
    ? at
    : endAddress(at, bound.address, bound.port);
}
