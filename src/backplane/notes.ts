import type { NetErrorCode } from "../net/errors.ts";

/** What nodes send one another: a line of JSON, and bytes. */
export type NoteHeader =
  | readonly ["request", from: string, id: number, subject: string]
  | readonly ["cancel", from: string, id: number]
  | readonly ["reply", id: number]
  | readonly ["error", id: number, code: string, message: string];

/** A header, and the bytes after it. */
export type Note = readonly [header: NoteHeader, bytes: Uint8Array];

const NEW_LINE = 0x0a;
const NONE = new Uint8Array(0);

/** Writes a note. */
export function writeNote(
  header: NoteHeader,
  bytes: Uint8Array = NONE,
): Uint8Array {
  const line = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const note = new Uint8Array(line.length + bytes.length);
  note.set(line);
  note.set(bytes, line.length);
  return note;
}

/** Reads a note; `undefined` if it is none. */
export function readNote(note: Uint8Array): Note | undefined {
  const end = note.indexOf(NEW_LINE);
  const header = readJson(note.subarray(0, Math.max(end, 0)));
  if (!Array.isArray(header)) return undefined;
  return [header as unknown as NoteHeader, note.subarray(end + 1)];
}

/** Reads bytes of JSON; `undefined` if they are none. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether a code is one of those with which a node refuses. */
export function isOwnCode(code: string): code is NetErrorCode {
  return code === "NO_HANDLER";
}
