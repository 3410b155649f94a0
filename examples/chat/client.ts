/** A chat client: `client.ts [NAME] [ROOM] [ADDRESS...]`. */

import process from "node:process";
import type { RoomEvent, RoomMessage } from "../../src/rooms/mod.ts";
import { explain, misused, programArguments } from "../support/arguments.ts";
import { help, readCommand } from "./commands.ts";
import { Member } from "./member.ts";
import { Screen } from "./screen.ts";

const usage =
  "client.ts [NAME] [ROOM] [ADDRESS...]: a chat client; with several addresses, it goes on to the next one when a server is gone";
const [
  name = `guest-${process.pid}`,
  firstRoom = "lobby",
  ...addresses
] = programArguments(usage);
for (const given of [name, firstRoom]) {
  // An address is easily given in the place of a name.
  if (/[:/]/.test(given)) misused(`Cannot use ${given} as a name`, usage);
}
if (addresses.length === 0) addresses.push("tcp://127.0.0.1:6666");

const screen = new Screen("> ");
const member = new Member(firstRoom, {
  name,
  addresses,
  onEvent: show,
  onLoss: (error) =>
    screen.print(`Not connected: ${messageOf(error)}; trying again`, "error"),
  onReturn: showMissed,
});
try {
  await member.ready;
  await Promise.race([screen.readLines(obey), member.ended]);
  await member.leave();
} catch (error) {
  screen.close();
  process.exitCode = explain(error, usage);
}
// On Deno a standard input that is still open would keep the program alive.
process.exit();

async function obey(line: string): Promise<void> {
  const command = readCommand(line, member.rooms);
  switch (command.type) {
    case "nothing":
      break;
    case "help":
      for (const one of help) screen.print(one, "faint");
      break;
    case "quit":
      screen.close();
      break;
    case "complaint":
      screen.print(command.text, "error");
      break;
    case "switch":
      member.talkIn(command.room);
      screen.print(`You talk in ${command.room}`, "faint");
      break;
    case "join":
      // A line typed after a join is meant for the new room.
      if (!await member.join(command.room)) complainOfLoss();
      break;
    case "request": {
      const { request } = command;
      if (request.type === "say") member.say(request.room, request.text);
      else if (!member.send(request)) complainOfLoss();
    }
  }
}

function complainOfLoss(): void {
  screen.print("Not connected: try again in a moment", "error");
}

function show(event: RoomEvent): void {
  switch (event.type) {
    case "named":
      screen.print(`You are ${event.name}; /help tells more`, "faint");
      break;
    case "entered":
      for (const said of event.history) show(said);
      screen.print(`You are in ${event.room}: ${list(event.names)}`, "faint");
      break;
    case "members":
      screen.print(`In ${event.room}: ${list(event.names)}`, "faint");
      break;
    case "joined":
      screen.print(`${event.name} is in ${event.room} now`, "faint");
      break;
    case "left":
      screen.print(`${event.name} has left ${event.room}`, "faint");
      break;
    case "said":
      screen.print(`[${event.room}] ${event.from}: ${event.text}`);
      break;
    case "told":
      screen.print(`${event.from} -> ${event.to}: ${event.text}`, "private");
      break;
    case "lost":
      screen.print(`Something said in ${event.room} is lost`, "error");
      break;
    case "refused":
      screen.print(event.reason, "error");
  }
}

function showMissed(
  room: string,
  missed: readonly RoomMessage[],
  isAll: boolean,
): void {
  for (const said of missed) show(said);
  screen.print(`You are in ${room} again`, "faint");
  if (!isAll) screen.print(`Something said in ${room} may be missing`, "error");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nobody" : names.join(", ");
}

function messageOf(error: unknown): string {
  if (error === undefined) return "the server has closed the connection";
  return error instanceof Error ? error.message : String(error);
}
