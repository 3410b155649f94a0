import type { Backplane } from "../backplane/types.ts";
import { ROOM_QUESTION_TIMEOUT_MS } from "../defaults.ts";
import { inboxOf } from "./notes.ts";
import type { RoomEvent } from "./protocol.ts";

/** What somebody says to one member. */
export type Told = Extract<RoomEvent, { type: "told" }>;

/** What one server of rooms asks another. */
export type Question =
  | { readonly type: "history"; readonly room: string }
  | {
    readonly type: "tell";
    readonly to: string;
    readonly event: Told;
  };

/** Asks a server of rooms. */
export async function askServer(
  backplane: Backplane,
  server: string,
  question: Question,
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  const [to = ""] = server.split("/");
  return await backplane.request(inboxOf(server), bytes, {
    to,
    timeoutMs: ROOM_QUESTION_TIMEOUT_MS,
  });
}

/** Reads a question. Other nodes are trusted. */
export function readQuestion(bytes: Uint8Array): Question {
  return JSON.parse(new TextDecoder().decode(bytes)) as Question;
}

/** How many servers of rooms there are on a node. */
const servers = new WeakMap<Backplane, number>();

/** Counts a server of rooms; returns what takes it off the count. */
export function countServer(backplane: Backplane): () => void {
  servers.set(backplane, (servers.get(backplane) ?? 0) + 1);
  return () => void servers.set(backplane, servers.get(backplane)! - 1);
}

/** Whether there is one server of rooms, on all nodes. */
export function hasOneServer(backplane: Backplane): boolean {
  return backplane.nodes.size === 1 && servers.get(backplane) === 1;
}
