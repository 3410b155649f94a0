/** Rooms of several nodes, over a system in the memory of this process. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  type Backplane,
  createBackplane,
  type MemoryEngine,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import {
  type Rooms,
  serveRooms,
  type ServeRoomsOptions,
} from "../../src/rooms/mod.ts";
import { Person } from "../support/person.ts";

interface RoomsNode extends AsyncDisposable {
  readonly engine: MemoryEngine;
  readonly backplane: Backplane;
  readonly rooms: Rooms;
}

async function startNode(
  system: MemorySystem,
  options: Partial<ServeRoomsOptions> = {},
): Promise<RoomsNode> {
  const engine = system.engine();
  const backplane = await createBackplane(engine);
  const rooms = await serveRooms({
    address: { port: 0 },
    backplane,
    ...options,
  });
  return {
    engine,
    backplane,
    rooms,
    async [Symbol.asyncDispose]() {
      await rooms.close();
      await backplane.close();
    },
  };
}

for (const delivery of ["fast", "kept"] as const) {
  test(`serveRooms() lets people on two nodes talk when delivery is ${delivery}`, async () => {
    const system = new MemorySystem();
    await using a = await startNode(system, { delivery });
    await using b = await startNode(system, { delivery });
    const { person: ann } = await Person.enter(a.rooms.address, "Ann", "lobby");
    await using _ann = ann;
    ann.say("lobby", "first");
    await ann.hears(1);

    const { person: bob, entered } = await Person.enter(
      b.rooms.address,
      "Bob",
      "Lobby",
    );
    await using _bob = bob;
    assertEquals(entered.room, "lobby");
    assertEquals([...entered.names].sort(), ["Ann", "Bob"]);
    assertEquals(entered.history.map(({ text }) => text), ["first"]);
    assertEquals(await ann.next("joined"), {
      type: "joined",
      room: "lobby",
      name: "Bob",
    });

    bob.say("LOBBY", "你好 👋", "1");
    assertEquals(await bob.next("sent"), {
      type: "sent",
      room: "lobby",
      id: "1",
    });
    assertEquals(await ann.hears(2), ["first", "你好 👋"]);
    assertEquals(await bob.hears(1), ["你好 👋"]);
    for (const { rooms } of [a, b]) {
      assertEquals([...rooms.who("lobby")].sort(), ["Ann", "Bob"]);
    }
    bob.send({ type: "tell", to: "ann", text: "psst" });
    for (const person of [ann, bob]) {
      const { from, to, text } = await person.next("told");
      assertEquals([from, to, text], ["Bob", "Ann", "psst"]);
    }
    bob.send({ type: "leave", room: "lobby" });
    assertEquals((await ann.next("left")).name, "Bob");
    assertEquals(a.rooms.who("lobby"), ["Ann"]);
  });
}

test("serveRooms() gives a name to one of all nodes, until it leaves", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const { person: ann } = await Person.enter(a.rooms.address, "Ann", "lobby");
  {
    await using other = await Person.connect(b.rooms.address);
    other.send({ type: "name", name: "ANN" });
    await until(() => other.events.length > 0);
    assertEquals(codesOf(other), ["NAME_TAKEN"]);
  }
  await ann[Symbol.asyncDispose]();
  await until(async () => await b.backplane.holder("name:ann") === undefined);
  const { person } = await Person.enter(b.rooms.address, "Ann", "lobby");
  await person[Symbol.asyncDispose]();
});

test("serveRooms() gives one of many the name when all take it at once", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const people = await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) => Person.connect((i % 2 === 0 ? a : b).rooms.address),
    ),
  );
  for (const person of people) person.send({ type: "name", name: "Ann" });
  await until(() => people.every(({ events }) => events.length > 0));
  const named = people.filter(({ events }) => events[0]?.type === "named");
  assertEquals(named.length, 1);
  await Promise.all(people.map((person) => person[Symbol.asyncDispose]()));
});

test("serveRooms() tells who is in a room that nobody on the node is in", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const { person: ann } = await Person.enter(a.rooms.address, "Ann", "attic");
  await using _ann = ann;
  const { person: bob } = await Person.enter(b.rooms.address, "Bob", "lobby");
  await using _bob = bob;
  bob.send({ type: "who", room: "attic" });
  assertEquals((await bob.next("members")).names, ["Ann"]);
  bob.send({ type: "who", room: "cellar" });
  assertEquals((await bob.next("members")).names, []);
  bob.send({ type: "tell", to: "Eve", text: "psst" });
  await until(() => codesOf(bob).length > 0);
  assertEquals(codesOf(bob), ["NOBODY"]);
});

test("serveRooms() lets everybody hear the same in one order when it is kept", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const people: Person[] = [];
  for (let i = 0; i < 6; i++) {
    const { address } = (i % 2 === 0 ? a : b).rooms;
    people.push((await Person.enter(address, `P${i}`, "lobby")).person);
  }
  for (let n = 0; n < 50; n++) {
    people.forEach((person, i) => person.say("lobby", `${i}: ${n}`));
  }
  const heard = await Promise.all(people.map((person) => person.hears(300)));
  for (const one of heard) assertEquals(one, heard[0]);
  assertEquals(new Set(heard[0]).size, 300);
  await Promise.all(people.map((person) => person[Symbol.asyncDispose]()));
});

test("serveRooms() says once what is said twice with an id", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  const { person: ann } = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using _ann = ann;
  for (const id of ["x", "x", "y"]) {
    ann.say("lobby", `said with ${id}`, id);
    assertEquals((await ann.next("sent")).id, id);
  }
  assertEquals(ann.heard, ["said with x", "said with y"]);
  ann.say("lobby", "no id", "");
  ann.say("lobby", "no id", "i".repeat(65));
  await until(() => codesOf(ann).length === 2);
  assertEquals(codesOf(ann), ["ID_INVALID", "ID_INVALID"]);
});

test("serveRooms() gives exactly what was missed to who comes back to another node", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system, { historyBytes: 600 });
  await using b = await startNode(system, { historyBytes: 600 });
  const { person: ann } = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using _ann = ann;
  const { person: bob, entered: first } = await Person.enter(
    b.rooms.address,
    "Bob",
    "lobby",
  );
  ann.say("lobby", "0");
  await bob.hears(1);
  const { position } = await bob.next("said");
  await bob[Symbol.asyncDispose]();
  await until(async () => !await a.backplane.holder("name:bob"));
  for (let i = 1; i <= 20; i++) ann.say("lobby", `${i}`);
  await ann.hears(21);

  const expected = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
  for (const { rooms } of [a, b]) {
    const back = await Person.enter(rooms.address, "Bob", "lobby", position);
    assertEquals(back.entered.recovered, true);
    assertEquals(back.entered.history.map(({ text }) => text), expected);
    await back.person[Symbol.asyncDispose]();
    // Who comes and goes at once is not told of on other nodes.
    await until(async () => !await a.backplane.holder("name:bob"));
  }
  // From before the first message, which the nodes do not remember any more.
  const start = first.position;
  const back = await Person.enter(a.rooms.address, "Bob", "lobby", start);
  assertEquals(back.entered.recovered, true);
  assertEquals(back.entered.history.length, 21);
  ann.say("lobby", "and on");
  assertEquals(await back.person.hears(1), ["and on"]);
  await back.person[Symbol.asyncDispose]();
});

test("serveRooms() says so when it has not all that was missed", async () => {
  const system = new MemorySystem({ maxTopicBytes: 500 });
  await using a = await startNode(system);
  const { person: ann, entered } = await Person.enter(
    a.rooms.address,
    "Ann",
    "lobby",
  );
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
    await back.person[Symbol.asyncDispose]();
    await until(() => a.rooms.names.length === 0);
  }
});

for (const delivery of ["fast", "kept"] as const) {
  test(`serveRooms() refuses at once while the engine is away when delivery is ${delivery}`, async () => {
    const system = new MemorySystem();
    await using a = await startNode(system, { delivery });
    await using b = await startNode(system, { delivery });
    const { person: ann } = await Person.enter(a.rooms.address, "Ann", "lobby");
    await using _ann = ann;
    const { person: bob } = await Person.enter(b.rooms.address, "Bob", "lobby");
    await using _bob = bob;
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

test("serveRooms() removes the members of a node that has died, and frees their names", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  const b = await startNode(system);
  const { person: ann } = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using _ann = ann;
  const { person: bob } = await Person.enter(b.rooms.address, "Bob", "lobby");
  await ann.next("joined");
  const since = performance.now();
  // It says nothing more, not even that it leaves.
  await b.engine.close();
  assertEquals((await ann.next("left")).name, "Bob");
  assert(performance.now() - since < 6_000);
  assertEquals(a.rooms.who("lobby"), ["Ann"]);
  const back = await Person.enter(a.rooms.address, "Bob", "lobby");
  await back.person[Symbol.asyncDispose]();
  await bob[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

test("serveRooms() ends the connection of who has lost the name meanwhile", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const { person: bob } = await Person.enter(b.rooms.address, "Bob", "lobby");
  const { person: eve } = await Person.enter(b.rooms.address, "Eve", "lobby");
  await using _eve = eve;
  await using _bob = bob;
  b.engine.setState("down");
  await until(() => a.backplane.nodes.size === 1);
  const { person } = await Person.enter(a.rooms.address, "Bob", "lobby");
  await using _person = person;
  b.engine.setState("up");
  await bob.ended;
  eve.say("lobby", "still here");
  assertEquals(await person.hears(1), ["still here"]);
  assertEquals([...a.rooms.who("lobby")].sort(), ["Bob", "Eve"]);
});

function codesOf({ events }: Person): string[] {
  return events.flatMap((event) =>
    event.type === "refused" ? [event.code] : []
  );
}

async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!await condition()) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
