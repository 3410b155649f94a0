/** Rooms in which two things happen at once, or at a bad moment. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  createBackplane,
  type MemoryEngine,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import { unavailable } from "../../src/backplane/errors.ts";
import { type Deferred, deferred } from "../../src/net/deferred.ts";
import { Person } from "../support/person.ts";
import { until } from "../support/until.ts";
import { codesOf, startNode } from "./support.ts";

/** Holds back what an engine reads, once it has read it. */
function holdReads(engine: MemoryEngine): { held: Deferred<void>[] } {
  const held: Deferred<void>[] = [];
  const read = engine.read.bind(engine);
  engine.read = async (...args) => {
    const history = await read(...args);
    const gate = deferred<void>();
    held.push(gate);
    await gate.promise;
    return history;
  };
  return { held };
}

/** A node whose room has forgotten its first messages, and a position before them. */
async function forgetful() {
  const system = new MemorySystem();
  const node = await startNode(system, { historyBytes: 600 });
  const { address } = node.rooms;
  const ann = await Person.enter(address, "Ann", "lobby");
  const { entered } = ann;
  for (let i = 0; i < 20; i++) ann.say("lobby", `${i}`);
  await ann.hears(20);
  return {
    node,
    ann,
    start: entered.position,
    async [Symbol.asyncDispose]() {
      await ann[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}

const texts = Array.from({ length: 20 }, (_, i) => `${i}`);

test("serveRooms() forgets who is cut while the past is being read", async () => {
  await using setting = await forgetful();
  const { node, ann, start } = setting;
  const { address } = node.rooms;
  await using bob = await Person.enter(address, "Bob", "attic");
  const { held } = holdReads(node.engine);
  bob.send({ type: "join", room: "lobby", since: start! });
  await until(() => held.length === 1);
  const { engine, backplane } = node;
  // What is read next is not held back.
  Reflect.deleteProperty(engine, "read");
  // Bob loses his name.
  for await (const [name, value] of engine.registers()) {
    if (name === "name:bob") await engine.swap(name, value, "another 1 ");
  }
  engine.setState("down");
  engine.setState("up");
  await bob.ended;
  held[0]!.resolve();
  await until(() => !node.rooms.names.includes("attic"));
  ann.say("lobby", "end");
  await until(() => ann.heard.includes("end"));
  assertEquals(node.rooms.who("lobby"), ["Ann"]);
  assertEquals(backplane.state, "up");
});

test("serveRooms() gives back the name of who is gone before it was taken", async () => {
  const engine = new MemorySystem().engine();
  await using backplane = await createBackplane(engine);
  const rooms = await serveRooms({ address: { port: 0 }, backplane });
  const gate = deferred<void>();
  const swap = engine.swap.bind(engine);
  let isAsked = false;
  engine.swap = async (...args) => {
    const value = await swap(...args);
    isAsked = true;
    await gate.promise;
    return value;
  };
  await using ann = await Person.connect(rooms.address);
  ann.send({ type: "name", name: "Ann" });
  await until(() => isAsked);
  const closed = rooms.close({ graceMs: 0 });
  await ann.ended;
  gate.resolve();
  await closed;
  engine.swap = swap;
  await until(async () => await backplane.holder("name:ann") === undefined);
});

test("serveRooms() tells nothing to who is gone", async () => {
  await using setting = await forgetful();
  const { node, ann } = setting;
  const { address } = node.rooms;
  const bob = await Person.enter(address, "Bob", "lobby");
  await bob[Symbol.asyncDispose]();
  await until(() => node.rooms.who("lobby").length === 1);
  ann.send({ type: "tell", to: "Bob", text: "psst" });
  await until(() => codesOf(ann).length > 0);
  assertEquals(codesOf(ann), ["NOBODY"]);
});

test("serveRooms() lets one join again whose past could not be read", async () => {
  await using setting = await forgetful();
  const { node, start } = setting;
  const { held } = holdReads(node.engine);
  await using bob = await Person.connect(node.rooms.address);
  bob.send({ type: "name", name: "Bob" });
  bob.send({ type: "join", room: "lobby", since: start! });
  await until(() => held.length === 1);
  node.engine.setState("down");
  held[0]!.reject(unavailable());
  node.engine.setState("up");
  bob.send({ type: "say", room: "lobby", text: "too early" });
  bob.send({ type: "join", room: "lobby" });
  await until(() => bob.events.some(({ type }) => type === "entered"));
  assertEquals(codesOf(bob), ["UNAVAILABLE", "NOT_MEMBER"]);
});

test("serveRooms() loses nothing that is said while the past is being read", async () => {
  await using setting = await forgetful();
  const { node, start } = setting;
  for (let turns = 0; turns < 12; turns++) {
    const { engine } = node;
    const { held } = holdReads(engine);
    const bob = await Person.connect(node.rooms.address);
    bob.send({ type: "name", name: `Bob${turns}` });
    bob.send({ type: "join", room: "lobby", since: start! });
    await until(() => held.length === 1);
    const line = JSON.stringify({
      type: "said",
      room: "lobby",
      from: "Eve",
      text: `late ${turns}`,
    });
    const bytes = new TextEncoder().encode(`${line}\n`);
    held[0]!.resolve();
    for (let i = 0; i < turns; i++) await Promise.resolve();
    const added = node.backplane.publish("room:lobby", bytes);
    await added;
    Reflect.deleteProperty(engine, "read");
    const { history } = await bob.next("entered");
    await until(() =>
      bob.heard.includes(`late ${turns}`) ||
      history.some(({ text }) => text === `late ${turns}`)
    );
    assertEquals([...history.map(({ text }) => text), ...bob.heard], [
      ...texts,
      ...Array.from({ length: turns + 1 }, (_, i) => `late ${i}`),
    ], `after ${turns} turns`);
    await bob[Symbol.asyncDispose]();
  }
});

test("serveRooms() tells nothing again to who comes from a node that was ahead", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  // What comes to a is late.
  const watch = a.engine.watch.bind(a.engine);
  const late: (() => void)[] = [];
  let isLate = false;
  a.engine.watch = (topic, onMessage) =>
    watch(topic, (message) => {
      if (isLate) late.push(() => onMessage(message));
      else onMessage(message);
    });
  await using ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  isLate = true;
  for (const text of ["one", "two", "three"]) bob.say("lobby", text);
  await bob.hears(3);
  const two = bob.events.find((event) =>
    event.type === "said" && event.text === "two"
  );
  assert(two?.type === "said");
  await using eve = await Person.enter(
    a.rooms.address,
    "Eve",
    "lobby",
    two.position,
  );
  const { entered } = eve;
  assertEquals(entered.recovered, true);
  assertEquals(entered.history, []);
  assertEquals(entered.position, two.position);
  assertEquals(ann.heard, []);
  // Who leaves, and comes back as anybody else, hears all that comes.
  await using max = await Person.enter(
    a.rooms.address,
    "Max",
    "lobby",
    two.position,
  );
  max.send({ type: "leave", room: "lobby" });
  max.send({ type: "join", room: "lobby" });
  await max.next("entered");
  isLate = false;
  for (const run of late) run();
  await ann.hears(3);
  bob.say("lobby", "four");
  await ann.hears(4);
  await until(() => eve.heard.includes("four"));
  assertEquals(eve.heard, ["three", "four"]);
  await until(() => max.heard.includes("four"));
  assertEquals(max.heard, ["one", "two", "three", "four"]);

  const [offset, epoch] = two.position!.split("@");
  await using far = await Person.enter(
    a.rooms.address,
    "Far",
    "lobby",
    `${Number(offset) + 1_000}@${epoch}`,
  );
  assertEquals(far.entered.recovered, false);
  bob.say("lobby", "five");
  await until(() => far.heard.includes("five"));
});

test("serveRooms() does not recover what was lost in a gap", async () => {
  const system = new MemorySystem({ maxTopicBytes: 1_000 });
  await using a = await startNode(system);
  await using b = await startNode(system);
  await using ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  ann.say("lobby", "before");
  await bob.hears(1);
  const { position } = await ann.next("said");
  a.engine.setState("down");
  for (let i = 0; i < 20; i++) bob.say("lobby", `${i}`);
  await bob.hears(21);
  a.engine.setState("up");
  await ann.next("lost");
  await until(() => ann.heard.includes("19"));
  await using eve = await Person.enter(
    a.rooms.address,
    "Eve",
    "lobby",
    position,
  );
  const { entered } = eve;
  assertEquals(entered.recovered, false);
  assertEquals(entered.history.at(-1)?.text, "19");
  // From after the gap on, all is there.
  await using back = await Person.enter(
    a.rooms.address,
    "Far",
    "lobby",
    entered.history[0]!.position,
  );
  assertEquals(back.entered.recovered, true);
  assertEquals(back.entered.history, entered.history.slice(1));
});

test("serveRooms() forgets those who left elsewhere while the engine was away", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  const ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  await using bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  await until(() => b.rooms.who("lobby").length === 2);
  a.engine.setState("down");
  await ann[Symbol.asyncDispose]();
  await until(() => a.rooms.names.length === 0);
  assertEquals(b.rooms.who("lobby").length, 2);
  a.engine.setState("up");
  await until(() => b.rooms.who("lobby").length === 1);
  assertEquals((await bob.next("left")).name, "Ann");
});

test("serveRooms() knows who is there when nobody heard that a room was closed", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  await using _bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  const ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  const max = await Person.enter(a.rooms.address, "Max", "lobby");
  await until(() => b.rooms.who("lobby").length === 3);
  await max[Symbol.asyncDispose]();
  await until(() => b.rooms.who("lobby").length === 2);
  const send = a.engine.send.bind(a.engine);
  a.engine.send = (channel, bytes) => {
    const text = new TextDecoder().decode(bytes);
    if (!text.includes(`"type":"closed"`)) send(channel, bytes);
  };
  await ann[Symbol.asyncDispose]();
  await until(() => a.rooms.names.length === 0);
  a.engine.send = send;
  await using _eve = await Person.enter(a.rooms.address, "Eve", "lobby");
  await until(() => !b.rooms.who("lobby").includes("Ann"));
  assertEquals([...b.rooms.who("lobby")].sort(), ["Bob", "Eve"]);
});

test("serveRooms() asks those of whom it knows when the engine is up again", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  await using _bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  const ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  await until(() => b.rooms.who("lobby").length === 2);
  b.engine.setState("down");
  await ann[Symbol.asyncDispose]();
  await until(() => a.rooms.names.length === 0);
  b.engine.setState("up");
  await until(() => b.rooms.who("lobby").length === 1);
});

test("serveRooms() asks again who is there when the engine goes away while a room opens", async () => {
  const system = new MemorySystem();
  await using a = await startNode(system);
  await using b = await startNode(system);
  await using _bob = await Person.enter(b.rooms.address, "Bob", "lobby");
  // Until he is told of to nobody any more.
  const observer = system.engine();
  let isTold = false;
  await observer.listen("channel:room:lobby", () => isTold = true);
  await until(() => isTold);
  await observer.close();
  const send = a.engine.send.bind(a.engine);
  let isCut = false;
  a.engine.send = (channel, bytes) => {
    if (isCut || !new TextDecoder().decode(bytes).includes(`"type":"ask"`)) {
      return send(channel, bytes);
    }
    // What has just been sent is lost.
    isCut = true;
    a.engine.setState("down");
    a.engine.setState("up");
  };
  await using _ann = await Person.enter(a.rooms.address, "Ann", "lobby");
  await until(() => a.rooms.who("lobby").length === 2);
});

for (const delivery of ["fast", "kept"] as const) {
  test(`serveRooms() listens to nothing any more once it is closed when delivery is ${delivery}`, async () => {
    const engine = new MemorySystem().engine();
    let open = 0;
    const counted = (stop: () => void) => {
      open++;
      let isOpen = true;
      return () => {
        if (isOpen) open--;
        isOpen = false;
        stop();
      };
    };
    const [listen, watch, onState] = [
      engine.listen.bind(engine),
      engine.watch.bind(engine),
      engine.onState.bind(engine),
    ];
    engine.listen = async (...args) => counted(await listen(...args));
    engine.watch = async (...args) => counted(await watch(...args));
    engine.onState = (...args) => counted(onState(...args));
    await using backplane = await createBackplane(engine);
    const before = open;
    const rooms = await serveRooms({
      address: { port: 0 },
      backplane,
      delivery,
    });
    assert(open > before);
    const person = await Person.enter(rooms.address, "Ann", "lobby");
    await using _person = person;
    const withRoom = open;
    person.send({ type: "join", room: "attic" });
    await person.next("entered");
    assert(open > withRoom);
    person.send({ type: "leave", room: "attic" });
    await person.next("left");
    assertEquals(open, withRoom);
    await rooms.close({ graceMs: 0 });
    assertEquals(open, before);
  });
}
