import type { Datagram, DatagramSocket, UdpAddressLike } from "../../mod.ts";

/**
 * Sends a datagram and waits for the answer; asks again where none comes, since
 * the network may lose either.
 *
 * @param socket What to send from.
 * @param data What to send.
 * @param to Whom to ask.
 * @throws {Error} If three times no answer came.
 */
export async function ask(
  socket: DatagramSocket,
  data: Uint8Array,
  to: UdpAddressLike,
): Promise<Datagram> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await socket.send(data, to);
    const signal = AbortSignal.timeout(1_000);
    try {
      const answer = await socket.receive({ signal });
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error !== signal.reason) throw error;
    }
  }
  throw new Error("There is no answer");
}
