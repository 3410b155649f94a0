/** Rooms of several nodes, where one node is cut off, or much is lost. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { MemorySystem } from "../../src/backplane/mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import { Person } from "../support/person.ts";
import { until } from "../support/until.ts";
import { codesOf, startNode } from "./support.ts";

test("serveRooms() says so when it has not all that was missed", async () => {
  const system = new MemorySystem({ maxTopicBytes: 500 });
  await using a = await startNode(system);
  const ann = await Person.enter(
    a.rooms.address,
    "Ann",
    "lobby",
  );
  const { entered } = ann;
  for (let i = 0; i < 20; i++) ann.say("lobby", `${i}`);
  await ann.hears(20);
  await ann[Symbol.asyncDispose]();
  await until(() => a.rooms.names.length === 0);
  const positions = [entered.position, "1@another", "nonsense", ""];
  for (const position of positions) {
    const back = await Person.enter(
      a.rooms.address,
      "Ann",
      "lobby",
      position,
    );
    assertEquals(back.entered.recovered, false);
    const { history } = back.entered;
    assert(history.length > 0 && history.length < 20);
    assertEquals(history.at(-1)?.text, "19");
    await back[Symbol.asyncDispose]();
    await until(() => a.rooms.names.length === 0);
  }
});

for (const delivery of ["fast", "kept"] as const) {
  test(`serveRooms() refuses at once while the engine is away when delivery is ${delivery}`, async () => {
    const system = new MemorySystem();
    await using a = await startNode(system, { delivery });
    await using b = await startNode(system, { delivery });
    await using ann = await Person.enter(a.rooms.address, "Ann", "lobby");
    await using bob = await Person.enter(b.rooms.address, "Bob", "lobby");
    await using eve = await Person.connect(a.rooms.address);

    a.engine.setState("down");
    ann.say("lobby", "lost", "1");
    ann.send({ type: "join", room: "attic" });
    ann.send({ type: "tell", to: "Bob", text: "psst" });
    eve.send({ type: "name", name: "Eve" });
    await until(() => codesOf(ann).length === 3 && codesOf(eve).length === 1);
    assertEquals(codesOf(ann), ["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"]);
    assertEquals(codesOf(eve), ["UNAVAILABLE"]);
    ann.send({ type: "who", room: "lobby" });
    await until(() => ann.events.at(-1)?.type === "members");
    bob.say("lobby", "meanwhile");
    await bob.hears(1);
    bob.send({ type: "leave", room: "lobby" });
    await until(() => bob.events.at(-1)?.type === "left");

    a.engine.setState("up");
    await until(() => a.rooms.who("lobby").length === 1);
    ann.say("lobby", "again", "2");
    await until(() => ann.heard.includes("again"));
    assertEquals(
      ann.heard,
      delivery === "kept" ? ["meanwhile", "again"] : ["again"],
    );
    const lost = ann.events.filter(({ type }) => type === "lost").length;
    assertEquals(lost, delivery === "kept" ? 0 : 1);
    assert(!bob.heard.includes("lost"));
  });
}

test("serveRooms() ends the connection of who has lost the name meanwhile", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  await using eve = await Person.enter(b.rooms.address, "Eve", "lobby");
  await using _bob = bob;
  b.engine.setState("down");
  await until(() => a.backplane.nodes.size === 1);
  const person = await Person.enter(a.rooms.address, "Bob", "lobby");
  await using _person = person;
  b.engine.setState("up");
  await bob.ended;
  eve.say("lobby", "still here");
  assertEquals(await person.hears(1), ["still here"]);
  assertEquals([...a.rooms.who("lobby")].sort(), ["Bob", "Eve"]);
});

test("serveRooms() lets people on two servers of one node talk", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  const { backplane } = a;
  await using another = await serveRooms({ address: { port: 0 }, backplane });
  await using ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using bob = await Person.enter(
    another.address,
    "Bob",
    "lobby",
  );
  const { entered } = bob;
  assertEquals([...entered.names].sort(), ["Ann", "Bob"]);
  assertEquals((await ann.next("joined")).name, "Bob");
  bob.send({ type: "tell", to: "Ann", text: "psst" });
  assertEquals((await ann.next("told")).text, "psst");
  bob.say("lobby", "hello");
  for (const person of [ann, bob]) {
    assertEquals(await person.hears(1), ["hello"]);
  }
});
