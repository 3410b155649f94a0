import { clock } from "../clock.ts";
import { counted } from "../counted.ts";
import { EXIT } from "../errors.ts";
import { codecOf, type FrameKind, frameKindOf } from "../formats.ts";
import { FramePrinter } from "../frame_printer.ts";
import { readFrames } from "../frame_reader.ts";
import { talk } from "../interactive.ts";
import { isInterrupted } from "../interrupted.ts";
import type { LineEditor, Program, Verb } from "../program.ts";
import { openSession, sendBatch, type Session } from "../session.ts";

/** Talks to a server: a person on a terminal, or a filter in a pipe. */
export const connect: Verb = async (program) => {
  const { flags, operands: [address = ""], stdin, stdout, stderr, signal } =
    program;
  const codec = await codecOf(flags, address);
  const session = await openSession(address, codec, program);
  const close = () => void session.close().catch(() => undefined);
  signal.addEventListener("abort", close);
  const editor = stdin.isTerminal && stdout.isTerminal
    ? stdin.editor()
    : undefined;
  try {
    const kind = frameKindOf(codec);
    const sending = editor === undefined
      ? sendAll(session, kind, program)
      : talk(session, kind, editor, program);
    const printing = printAll(session, editor, program);
    // An input that goes on does not hold up the end of the peer.
    await Promise.race([printing, sending.then(() => printing)]);
    await session.close();
  } finally {
    signal.removeEventListener("abort", close);
    editor?.hide();
    editor?.close();
    if (editor !== undefined || isInterrupted(signal)) {
      const { framesSent, framesReceived } = session.stats();
      stderr.write(
        `${counted(framesSent, "frame")} sent, ${framesReceived} received\n`,
      );
    }
  }
  return EXIT.good;
};

async function sendAll(
  session: Session,
  kind: FrameKind,
  { flags, stdin }: Program,
): Promise<void> {
  const frames = readFrames(stdin.chunks(), flags.in ?? "lines", kind);
  for await (const batch of frames) await sendBatch(session, batch);
  await session.closeWrite();
}

async function printAll(
  session: Session,
  editor: LineEditor | undefined,
  { flags, stdout }: Program,
): Promise<void> {
  const printer = new FramePrinter(stdout, flags.out);
  const now = clock();
  let left = flags.limit ?? Infinity;
  for await (const batch of session.batches()) {
    const time = now();
    editor?.hide();
    for (const frame of batch) {
      printer.print(frame, { time, direction: "toClient", connection: 1 });
      if (--left === 0) return;
    }
    await stdout.flush();
    editor?.show();
  }
}
