import { clock } from "../clock.ts";
import { EXIT } from "../errors.ts";
import { codecOf, type FrameKind, frameKindOf } from "../formats.ts";
import { FramePrinter } from "../frame_printer.ts";
import { readFrames } from "../frame_reader.ts";
import { talk } from "../interactive.ts";
import type { LineEditor, Program, Verb } from "../program.ts";
import { openSession, type Session } from "../session.ts";

/** Talks to a server: a person on a terminal, or a filter in a pipe. */
export const connect: Verb = async (program) => {
  const { flags, operands: [address = ""], stdin, stdout, signal } = program;
  const codec = await codecOf(flags, address);
  const kind = frameKindOf(codec);
  const session = await openSession(address, codec, program);
  const onAbort = () => session.abort(signal.reason);
  signal.addEventListener("abort", onAbort);
  const editor = stdin.isTerminal && stdout.isTerminal
    ? stdin.editor()
    : undefined;
  try {
    const sending = editor === undefined
      ? sendAll(session, kind, program)
      : talk(session, kind, editor, program);
    const printing = printAll(session, editor, program);
    // An input that goes on does not hold up the end of the peer.
    await Promise.race([printing, sending.then(() => printing)]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    editor?.close();
  }
  await session.close();
  return EXIT.good;
};

async function sendAll(
  session: Session,
  kind: FrameKind,
  { flags, stdin }: Program,
): Promise<void> {
  const frames = readFrames(stdin.chunks(), flags.in ?? "lines", kind);
  for await (const batch of frames) {
    for (const frame of batch) await session.send(frame);
  }
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
