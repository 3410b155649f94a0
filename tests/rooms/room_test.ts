/** One room on one server, called directly: what depends on the very order of things. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  type Backplane,
  createBackplane,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import { encodeEvent, type RoomEvent } from "../../src/rooms/protocol.ts";
import { Room } from "../../src/rooms/room.ts";
import type { RoomDelivery } from "../../src/rooms/room_host.ts";
import { inVirtualTime } from "../../src/testing/mod.ts";

const ann = { id: 1, name: "Ann" };
const max = { id: 2, name: "Max" };

function said(text: string): Uint8Array {
  return encodeEvent({
    type: "said",
    room: "lobby",
    from: "Bob",
    text,
    time: 0,
  });
}

/** A room of a server, with what its members are told. */
async function roomOn(
  backplane: Backplane,
  delivery: RoomDelivery = "fast",
  historyOf = () => Promise.resolve<readonly Uint8Array[]>([]),
) {
  const told: RoomEvent[] = [];
  const id = `${backplane.nodeId}/server`;
  const room = new Room("lobby", "lobby", {
    backplane,
    delivery,
    historyBytes: 10_000,
    id,
    isAlone: false,
    changes: 0,
    tell: (event) => {
      if (!(event instanceof Uint8Array)) told.push(event);
    },
    historyOf,
  });
  const { unsubscribe } = await backplane.listen(
    `rooms:${id}`,
    (bytes) => room.take(JSON.parse(new TextDecoder().decode(bytes))),
  );
  return { room, told, unsubscribe };
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two servers that have the same room open, with Ann on the first. */
async function twoRooms() {
  const system = new MemorySystem();
  const engine = system.engine();
  const nodes = [
    await createBackplane(engine),
    await createBackplane(system.engine()),
  ] as const;
  const one = await roomOn(nodes[0]);
  await one.room.open();
  one.room.enter(ann);
  await later(50);
  const two = await roomOn(nodes[1]);
  await two.room.open();
  two.told.length = 0;
  return {
    engine,
    one,
    two,
    async [Symbol.asyncDispose]() {
      for (const { room } of [one, two]) room.close();
      for (const node of nodes) await node.close();
    },
  };
}

test("Room.open() waits no longer than for the answers of the other nodes", async () => {
  await inVirtualTime(async () => {
    const system = new MemorySystem();
    const nodes = [
      await createBackplane(system.engine()),
      await createBackplane(system.engine()),
    ] as const;
    const one = await roomOn(nodes[0]);
    await one.room.open();
    one.room.enter(ann);
    const { room } = await roomOn(nodes[1]);
    const since = performance.now();
    await room.open();
    assertEquals(performance.now() - since, 0);
    assertEquals(room.names, ["Ann"]);
    for (const opened of [one.room, room]) opened.close();
    for (const node of nodes) await node.close();
  });
});

test("Room does not tell other servers of who comes and goes at once", async () => {
  await inVirtualTime(async () => {
    await using rooms = await twoRooms();
    const { one, two } = rooms;
    assertEquals(two.room.names, ["Ann"]);
    one.room.enter(max);
    one.room.leave(max);
    one.room.leave(ann);
    one.room.enter(ann);
    await later(50);
    assertEquals(two.room.names, ["Ann"]);
    assertEquals(two.told, []);
    one.room.enter(max);
    await later(50);
    assertEquals(two.told, [{ type: "joined", room: "lobby", name: "Max" }]);
  });
});

test("Room asks again when a change was lost", async () => {
  await inVirtualTime(async () => {
    await using rooms = await twoRooms();
    const { engine, one, two } = rooms;
    const send = engine.send.bind(engine);
    engine.send = (channel, bytes) => {
      const text = new TextDecoder().decode(bytes);
      if (!text.includes(`"type":"changed"`)) send(channel, bytes);
    };
    one.room.enter(max);
    await later(50);
    assertEquals(two.room.names, ["Ann"]);
    engine.send = send;
    one.room.leave(ann);
    await later(50);
    assertEquals(two.room.names, ["Max"]);
    assertEquals(two.told.map(({ type }) => type).sort(), ["joined", "left"]);
  });
});

test("Room.open() leaves nothing behind when the room is closed meanwhile", async () => {
  for (const delivery of ["fast", "kept"] as const) {
    const engine = new MemorySystem().engine();
    const backplane = await createBackplane(engine);
    const { room } = await roomOn(backplane, delivery);
    let open = 0;
    const counted = (stop: () => void) => {
      open++;
      return () => {
        open--;
        stop();
      };
    };
    const { listen, watch } = engine;
    engine.listen = async (...args) =>
      counted(await listen.apply(engine, args));
    engine.watch = async (...args) => counted(await watch.apply(engine, args));
    const opening = room.open();
    room.close();
    await opening;
    assertEquals(open, 0);
    await backplane.close();
  }
});

test("Room.open() has what is said between reading and following", async () => {
  const engine = new MemorySystem().engine();
  const backplane = await createBackplane(engine);
  const { room } = await roomOn(backplane, "kept");
  await backplane.publish("room:lobby", said("before"));
  const read = engine.read.bind(engine);
  let isFirst = true;
  engine.read = async (...args) => {
    const history = await read(...args);
    if (isFirst) {
      await engine.append("room:lobby", said("meanwhile"), undefined);
    }
    isFirst = false;
    return history;
  };
  await room.open();
  const { history } = room.enter(ann);
  assertEquals(history.map(({ text }) => text), ["before", "meanwhile"]);
  room.close();
  await backplane.close();
});

test("Room.open() takes no history of another server when it hears something first", async () => {
  const system = new MemorySystem();
  const nodes = [
    await createBackplane(system.engine()),
    await createBackplane(system.engine()),
  ] as const;
  const one = await roomOn(nodes[0]);
  await one.room.open();
  one.room.enter(ann);
  const { room } = await roomOn(nodes[1], "fast", () => {
    one.room.say(said("hello"), undefined);
    return Promise.resolve([said("hello")]);
  });
  await room.open();
  assertEquals(room.enter(max).history.map(({ text }) => text), ["hello"]);
  for (const opened of [one.room, room]) opened.close();
  for (const node of nodes) await node.close();
});
