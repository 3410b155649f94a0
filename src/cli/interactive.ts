import { FrameError } from "../codec/errors.ts";
import { UsageError } from "./errors.ts";
import type { FrameKind } from "./formats.ts";
import { bytesOfHex, frameOf } from "./frame_reader.ts";
import type { LineEditor, Program } from "./program.ts";
import type { Session } from "./session.ts";
import { valueOfBytes } from "./values.ts";

const HELP = `a line is a frame; one that ends with \\ goes on in the next line
/hex 01 02 ff  send a frame of these bytes
/half          close this side: no more frames will be sent
/close         close in good order, and exit
/reset         reset the connection, and exit
//...          a frame that begins with /
/help          this text`;

/**
 * Sends what a person types, until the input or the session ends. The caller closes the
 * session.
 */
export async function talk(
  session: Session,
  kind: FrameKind,
  editor: LineEditor,
  { flags, stderr }: Pick<Program, "flags" | "stderr">,
): Promise<void> {
  const notation = flags.in ?? "lines";
  const tell = (text: string) => {
    editor.hide();
    stderr.tell(text);
    editor.show();
  };
  let typed = "";
  let isHalfClosed = false;
  for await (const line of editor) {
    if (line.endsWith("\\")) {
      typed += `${line.slice(0, -1)}\n`;
      continue;
    }
    const text = typed + line;
    typed = "";
    const command = /^\/(\w+)\s*(.*)$/s.exec(text);
    try {
      if (command === null || text.startsWith("//")) {
        if (text === "") continue;
        await session.send(frameOf(text.replace(/^\/\//, "/"), notation, kind));
        continue;
      }
      const [, name, rest = ""] = command;
      switch (name) {
        case "hex":
          await session.send(valueOfBytes(bytesOfHex(rest), kind));
          break;
        case "half":
          isHalfClosed = true;
          await session.closeWrite();
          break;
        case "close":
          return await session.close();
        case "reset":
          return session.abort();
        case "help":
          tell(HELP);
          break;
        default:
          tell(`There is no /${name}; /help lists what there is`);
      }
    } catch (error) {
      // The person can type it again.
      if (!(error instanceof FrameError || error instanceof UsageError)) {
        throw error;
      }
      tell(error.message);
    }
    editor.show();
  }
  if (!isHalfClosed) await session.closeWrite();
}
