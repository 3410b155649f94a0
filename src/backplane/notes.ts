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

/** Reads a note. */
export function readNote(note: Uint8Array): Note {
  const end = note.indexOf(NEW_LINE);
  const line = new TextDecoder().decode(note.subarray(0, end));
  return [JSON.parse(line) as NoteHeader, note.subarray(end + 1)];
}

/** Whether a code is one of those with which a node refuses. */
export function isOwnCode(code: string): code is NetErrorCode {
  return code === "NO_HANDLER";
}
