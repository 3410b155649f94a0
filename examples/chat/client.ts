/** A chat client: `client.ts [NAME] [ROOM] [ADDRESS]`. */

import process from "node:process";
import { createClient } from "../../mod.ts";
import {
  type RoomEvent,
  type RoomRequest,
  roomsCodec,
} from "../../src/rooms/mod.ts";
import { misused, programArguments } from "../support/arguments.ts";
import { help, readCommand } from "./commands.ts";
import { Screen } from "./screen.ts";

const usage = "client.ts [NAME] [ROOM] [ADDRESS]: a chat client";
const [
  name = `guest-${process.pid}`,
  firstRoom = "lobby",
  address = "tcp://127.0.0.1:6666",
] = programArguments(usage);
for (const given of [name, firstRoom]) {
  // An address is easily given in the place of a name.
  if (/[:/]/.test(given)) misused(`Cannot use ${given} as a name`, usage);
}

/** How often to ping, so that the server does not cut a client that only listens. */
const PING_MS = 60_000;

let me = name;
/** The rooms that this one is in, the current one last. */
let rooms: string[] = [];
let leaving = false;
let failed = false;
/** Settles the request that waits for an answer. */
let settleAnswer = (): void => {};

const screen = new Screen("> ");
const connection = await createClient({ address, codec: roomsCodec() });
const receiving = receive();
await ask({ type: "name", name });
if (!failed) await ask({ type: "join", room: firstRoom });
const pinging = setInterval(() => void post({ type: "ping" }), PING_MS);
if (!failed) await screen.readLines(obey);
clearInterval(pinging);

// Half-close: the server still answers the last requests.
leaving = true;
await connection.closeWrite().catch(() => undefined);
await receiving;
await connection.close();
// On Deno a standard input that is still open would keep the program alive.
process.exit(failed ? 1 : 0);

async function obey(line: string): Promise<void> {
  const command = readCommand(line, rooms);
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
      rooms = [...rooms.filter((room) => room !== command.room), command.room];
      screen.print(`You talk in ${command.room}`, "faint");
      break;
    case "join":
      await ask({ type: "join", room: command.room });
      break;
    case "request":
      await post(command.request);
  }
}

/** Waits for the answer: a line typed after a join is meant for the new room. */
async function ask(request: RoomRequest): Promise<void> {
  const answered = new Promise<void>((resolve) => settleAnswer = resolve);
  await post(request);
  await Promise.race([answered, receiving]);
}

async function post(request: RoomRequest): Promise<void> {
  try {
    await connection.send(request);
  } catch (error) {
    fail(`Not sent: ${messageOf(error)}`);
  }
}

async function receive(): Promise<void> {
  try {
    await connection.forEach(show);
    if (!leaving) fail("The server has closed the connection");
  } catch (error) {
    fail(`The connection broke: ${messageOf(error)}`);
  }
  screen.close();
}

function fail(text: string): void {
  failed = true;
  screen.print(text, "error");
}

function show(event: RoomEvent): void {
  switch (event.type) {
    case "named":
      me = event.name;
      screen.print(`You are ${me}; /help tells more`, "faint");
      settleAnswer();
      break;
    case "entered":
      rooms.push(event.room);
      for (const said of event.history) show(said);
      screen.print(`You are in ${event.room}: ${list(event.names)}`, "faint");
      settleAnswer();
      break;
    case "members":
      screen.print(`In ${event.room}: ${list(event.names)}`, "faint");
      break;
    case "joined":
      screen.print(`${event.name} is in ${event.room} now`, "faint");
      break;
    case "left":
      if (event.name === me) {
        rooms = rooms.filter((room) => room !== event.room);
      }
      screen.print(`${event.name} has left ${event.room}`, "faint");
      break;
    case "said":
      screen.print(`[${event.room}] ${event.from}: ${event.text}`);
      break;
    case "told":
      screen.print(`${event.from} -> ${event.to}: ${event.text}`, "private");
      break;
    case "refused":
      screen.print(event.reason, "error");
      // Without a name, the server refuses everything else.
      if (event.code === "NAME_TAKEN" || event.code === "NAME_INVALID") {
        failed = true;
      }
      settleAnswer();
  }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nobody" : names.join(", ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
