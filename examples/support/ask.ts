import { lookup } from "node:dns/promises";
import { bindDatagram, type DatagramSocket, parseAddress } from "../../mod.ts";

/** Options of {@linkcode ask}. */
export interface AskOptions {
  /**
   * How long to wait for an answer before asking again, in milliseconds.
   *
   * @default {1_000}
   */
  timeoutMs?: number;
  /**
   * How often to ask.
   *
   * @default {3}
   */
  attempts?: number;
}

/**
 * Sends a datagram and waits for the answer; asks again where none comes, since
 * the network may lose either.
 *
 * The tutorials' datagrams have no numbers that say which request an answer
 * belongs to. So each request has a socket of its own, and with it a port of its
 * own: a late answer goes to the closed port of the earlier request. Datagrams of
 * other senders than the server are ignored.
 *
 * @param data What to send.
 * @param address Whom to ask, as `udp://host:port`.
 * @param options How long to wait, and how often to ask.
 * @returns The answer.
 * @throws {Error} If no answer came.
 */
export async function ask(
  data: Uint8Array,
  address: string,
  options: AskOptions = {},
): Promise<Uint8Array> {
  const { timeoutMs = 1_000, attempts = 3 } = options;
  const to = parseAddress(address);
  if (to.transport !== "udp") {
    throw new TypeError(
      `Cannot use the address ${address} here: expected "udp://host:port"`,
    );
  }
  // Answers come from the numeric address, whatever name was given.
  const { address: hostname, family } = await lookup(to.hostname, {
    order: "ipv4first",
  });
  const server = { hostname, port: to.port };
  await using socket = await bindDatagram(
    family === 6 ? "udp://[::]:0" : "udp://0.0.0.0:0",
  );
  for (let attempt = 0; attempt < attempts; attempt++) {
    await socket.send(data, server);
    const answer = await answerOf(socket, server, timeoutMs);
    if (answer !== undefined) return answer;
  }
  throw new Error(`There is no answer from ${address}`);
}

/** The next datagram of the server; `undefined` where none comes in time. */
async function answerOf(
  socket: DatagramSocket,
  server: { readonly hostname: string; readonly port: number },
  timeoutMs: number,
): Promise<Uint8Array | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    while (true) {
      const datagram = await socket.receive({ signal });
      if (datagram === undefined) return undefined;
      const { data, from } = datagram;
      if (from.hostname === server.hostname && from.port === server.port) {
        return data;
      }
    }
  } catch (error) {
    if (error === signal.reason) return undefined;
    throw error;
  }
}
