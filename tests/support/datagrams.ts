import type { Datagram, DatagramSocket, UdpAddressLike } from "../../mod.ts";

/** How often to ask before giving up, and how long to wait for each answer. */
const TRIES = 20;
const ANSWER_MS = 1_000;

/**
 * Sends a datagram until an answer comes: either may be lost, even on one
 * machine.
 */
export async function ask(
  socket: DatagramSocket,
  data: Uint8Array,
  to: UdpAddressLike,
): Promise<Datagram> {
  return await retry(async (signal) => {
    await socket.send(data, to);
    return await socket.receive({ signal });
  });
}

/** Tries again while the answer does not come in time. */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries++) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const answer = await attempt(signal);
      if (answer === undefined) throw new Error("The socket was closed");
      return answer;
    } catch (error) {
      if (error !== signal.reason || !signal.aborted) throw error;
    }
  }
  throw new Error(`No answer came, though asked for ${TRIES} times`);
}

/** Answers every datagram; ends when the socket does. */
export async function answerAll(
  socket: DatagramSocket,
  answer: (data: Uint8Array) => Uint8Array,
): Promise<void> {
  for await (const { data, from } of socket) {
    await socket.send(answer(data), from);
  }
}
