/** Questions over WebTransport: a stream for each, so that none waits for another. */

import { type ByteDuplex, framed, lines } from "../../mod.ts";

/** What is used of a `WebTransport`. */
export interface Session {
  createBidirectionalStream(): Promise<ByteDuplex>;
  /** The streams that the peer opens. */
  readonly incomingBidirectionalStreams: ReadableStream<ByteDuplex>;
}

/** Asks a question, and returns the answer. */
export async function ask(
  session: Session,
  question: string,
): Promise<string | undefined> {
  const stream = framed(await session.createBidirectionalStream(), lines());
  await stream.send(question);
  await stream.closeWrite();
  const answer = await stream.receive();
  await stream.close();
  return answer;
}

/** Answers the questions of the peer until the session ends. */
export async function answerAll(
  session: Session,
  answer: (question: string) => Promise<string>,
): Promise<void> {
  for await (const duplex of session.incomingBidirectionalStreams) {
    const stream = framed(duplex, lines());
    stream.forEach(async (question) => stream.send(await answer(question)))
      .then(() => stream.close(), (error) => stream.abort(error));
  }
}
