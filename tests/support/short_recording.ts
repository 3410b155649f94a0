import type { RecordedFrame } from "../../src/testing/mod.ts";
import { utf8 } from "./bytes.ts";

/**
 * Frames in short: `>text` to the server, `<text` to the client, and the number of the
 * connection before it where it is not 1. A frame a 10 milliseconds.
 */
export function frames(...given: string[]): RecordedFrame[] {
  const offsets: Record<string, number> = {};
  return given.map((one, i) => {
    const [, connection, arrow, text] = /^(\d*)([<>])([^]*)$/.exec(one)!;
    const data = utf8(text!);
    const offset = offsets[connection! + arrow] ?? 0;
    offsets[connection! + arrow] = offset + data.length;
    const direction = arrow === ">" ? "toServer" : "toClient";
    const number = Number(connection || "1");
    return { time: i * 10, direction, connection: number, offset, data };
  });
}
