import type { RoomRequest } from "../../src/rooms/mod.ts";

/** The lines that `/help` prints. */
export const help: readonly string[] = [
  "text            say it in the current room",
  "/join ROOM      enter a room, or go back to one",
  "/leave [ROOM]   leave a room",
  "/who [ROOM]     who is there",
  "/msg NAME TEXT  say it to one only",
  "/help           this",
  "q, exit         end, like Ctrl-D",
];

/** The command in a typed line. */
export type Command =
  | { readonly type: "nothing" | "help" | "quit" }
  | { readonly type: "complaint"; readonly text: string }
  | { readonly type: "switch" | "join"; readonly room: string }
  | { readonly type: "request"; readonly request: RoomRequest };

/**
 * Reads a typed line.
 *
 * @param line The line.
 * @param rooms The rooms that one is in, the current one last.
 */
export function readCommand(line: string, rooms: readonly string[]): Command {
  const text = line.trim();
  if (text === "") return { type: "nothing" };
  if (text === "q" || text === "exit") return { type: "quit" };
  const current = rooms.at(-1);
  if (!text.startsWith("/")) {
    if (current === undefined) {
      return complaint("You are in no room: /join one");
    }
    return request({ type: "say", room: current, text });
  }
  const [, name = "", rest = ""] = /^\/(\S*)\s*(.*)$/.exec(text) ?? [];
  switch (name) {
    case "help":
      return { type: "help" };
    case "join": {
      if (rest === "") return complaint("Which room? /join ROOM");
      const room = rooms.find((one) =>
        one.toLowerCase() === rest.toLowerCase()
      );
      if (room !== undefined) return { type: "switch", room };
      return { type: "join", room: rest };
    }
    case "leave":
    case "who": {
      const room = rest || current;
      if (room === undefined) return complaint(`Which room? /${name} ROOM`);
      return request({ type: name, room });
    }
    case "msg": {
      const [, to, words] = /^(\S+)\s+(.+)$/.exec(rest) ?? [];
      if (to === undefined || words === undefined) {
        return complaint("What to whom? /msg NAME TEXT");
      }
      return request({ type: "tell", to, text: words });
    }
    default:
      return complaint(`There is no /${name}; see /help`);
  }
}

function request(request: RoomRequest): Command {
  return { type: "request", request };
}

function complaint(text: string): Command {
  return { type: "complaint", text };
}
