/** A node that stands still, as one whose machine is out of breath, and goes on. */

import { assert, assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { NatsServer, needsNats } from "../support/nats_server.ts";
import { Person } from "../support/person.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";
import { until } from "../support/until.ts";
import { startNode } from "../rooms/support.ts";

/** Longer than a node may be silent, in milliseconds. */
const STANDING_MS = 6_000;

async function startProgram(servers: string) {
  const [file, ...args] = thisRuntime;
  const program = projectFile("tests/backplane/rooms_program.ts");
  const child: ChildProcess = spawn(file!, [...args, program, servers], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout!, "data");
  const { port, nodeId } = JSON.parse(String(line)) as {
    port: number;
    nodeId: string;
  };
  const exit = once(child, "exit");
  return {
    port,
    nodeId,
    // Not with child.kill(): after SIGSTOP, that of Deno sends nothing any more.
    signal: (name: "SIGSTOP" | "SIGCONT") => process.kill(child.pid!, name),
    async [Symbol.asyncDispose]() {
      process.kill(child.pid!, "SIGCONT");
      child.stdin!.end();
      await exit;
    },
  };
}

test(
  "a node that stood still comes back, without the names that others took",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    await using other = await startNode(server);
    await using node = await startProgram(`127.0.0.1:${server.port}`);
    const here = other.rooms.address;
    const there = { port: node.port };
    await using ann = await Person.enter(here, "Ann", "lobby");
    await using bob = await Person.enter(there, "Bob", "lobby");
    await using eve = await Person.enter(there, "Eve", "lobby");
    await until(() => other.rooms.who("lobby").length === 3);
    eve.say("lobby", "before");
    for (const person of [ann, bob, eve]) await person.hears(1);

    const since = performance.now();
    node.signal("SIGSTOP");
    // Others see it leave.
    await until(() => !other.backplane.nodes.has(node.nodeId));
    assertEquals(other.rooms.who("lobby"), ["Ann"]);
    for (let i = 0; i < 2; i++) {
      assert(["Bob", "Eve"].includes((await ann.next("left")).name));
    }
    // Its names are free.
    await using bob2 = await Person.enter(here, "Bob", "lobby");
    for (let i = 0; i < 50; i++) ann.say("lobby", `meanwhile ${i}`);
    await bob2.hears(50);
    await until(() => performance.now() - since > STANDING_MS);

    node.signal("SIGCONT");
    await bob.ended;
    await until(() => other.backplane.nodes.has(node.nodeId));
    await until(() => other.rooms.who("lobby").length === 3);
    assertEquals([...other.rooms.who("lobby")].sort(), ["Ann", "Bob", "Eve"]);
    eve.say("lobby", "still here");
    const expected = [
      "before",
      ...Array.from({ length: 50 }, (_, i) => `meanwhile ${i}`),
      "still here",
    ];
    for (const person of [ann, eve]) {
      await until(() => person.heard.includes("still here"));
      assertEquals(person.heard, expected);
      assert(!person.events.some(({ type }) => type === "lost"));
    }
    eve.send({ type: "who", room: "lobby" });
    assertEquals([...(await eve.next("members")).names].sort(), [
      "Ann",
      "Bob",
      "Eve",
    ]);
    // The name of who stayed is still taken.
    await using thief = await Person.connect(here);
    thief.send({ type: "name", name: "Eve" });
    await until(() => thief.events.length > 0);
    assertEquals(thief.events[0]?.type, "refused");
  },
);
