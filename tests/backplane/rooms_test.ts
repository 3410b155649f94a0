/** Rooms of several nodes, over each system that connects them. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Person } from "../support/person.ts";
import { systems } from "../support/systems.ts";
import { until } from "../support/until.ts";
import { codesOf, startNode } from "../rooms/support.ts";

for (const { name, needs, start } of systems) {
  for (const delivery of ["fast", "kept"] as const) {
    test(
      `serveRooms() lets people on two nodes talk when delivery is ${delivery} [${name}]`,
      needs,
      async () => {
        await using system = await start();
        await using a = await startNode(system, { delivery });
        await using b = await startNode(system, { delivery });
        await using ann = await Person.enter(
          a.rooms.address,
          "Ann",
          "lobby",
        );
        ann.say("lobby", "first");
        await ann.hears(1);

        await using bob = await Person.enter(
          b.rooms.address,
          "Bob",
          "Lobby",
        );
        const { entered } = bob;
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
        for (const person of [ann, bob]) {
          await until(() => person.heard.at(-1) === "你好 👋");
        }
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
      },
    );
  }

  test(
    `serveRooms() gives a name to one of all nodes, until it leaves [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system);
      await using b = await startNode(system);
      const ann = await Person.enter(
        a.rooms.address,
        "Ann",
        "lobby",
      );
      {
        await using other = await Person.connect(b.rooms.address);
        other.send({ type: "name", name: "ANN" });
        await until(() => other.events.length > 0);
        assertEquals(codesOf(other), ["NAME_TAKEN"]);
      }
      await ann[Symbol.asyncDispose]();
      await until(async () =>
        await b.backplane.holder("name:ann") === undefined
      );
      const person = await Person.enter(b.rooms.address, "Ann", "lobby");
      await person[Symbol.asyncDispose]();
    },
  );

  test(
    `serveRooms() gives one of many the name when all take it at once [${name}]`,
    needs,
    async () => {
      await using system = await start();
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
    },
  );

  test(
    `serveRooms() tells who is in a room that nobody on the node is in [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system);
      await using b = await startNode(system);
      await using _ann = await Person.enter(
        a.rooms.address,
        "Ann",
        "attic",
      );
      await using bob = await Person.enter(
        b.rooms.address,
        "Bob",
        "lobby",
      );
      bob.send({ type: "who", room: "attic" });
      assertEquals((await bob.next("members")).names, ["Ann"]);
      bob.send({ type: "who", room: "cellar" });
      assertEquals((await bob.next("members")).names, []);
      bob.send({ type: "tell", to: "Eve", text: "psst" });
      await until(() => codesOf(bob).length > 0);
      assertEquals(codesOf(bob), ["NOBODY"]);
    },
  );

  test(
    `serveRooms() lets everybody hear the same in one order when it is kept [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system);
      await using b = await startNode(system);
      const people: Person[] = [];
      for (let i = 0; i < 6; i++) {
        const { address } = (i % 2 === 0 ? a : b).rooms;
        people.push(await Person.enter(address, `P${i}`, "lobby"));
      }
      for (let n = 0; n < 50; n++) {
        people.forEach((person, i) => person.say("lobby", `${i}: ${n}`));
      }
      const heard = await Promise.all(
        people.map((person) => person.hears(300)),
      );
      for (const one of heard) assertEquals(one, heard[0]);
      assertEquals(new Set(heard[0]).size, 300);
      await Promise.all(people.map((person) => person[Symbol.asyncDispose]()));
    },
  );

  test(
    `serveRooms() says once what is said twice with an id [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system);
      await using ann = await Person.enter(
        a.rooms.address,
        "Ann",
        "lobby",
      );
      for (const id of ["x", "x", "y"]) {
        ann.say("lobby", `said with ${id}`, id);
        assertEquals((await ann.next("sent")).id, id);
      }
      // The answer of Redis can come before what it sends to all.
      assertEquals(await ann.hears(2), ["said with x", "said with y"]);
      ann.say("lobby", "no id", "");
      ann.say("lobby", "no id", "i".repeat(65));
      await until(() => codesOf(ann).length === 2);
      assertEquals(codesOf(ann), ["ID_INVALID", "ID_INVALID"]);
    },
  );

  test(
    `serveRooms() gives exactly what was missed to who comes back to another node [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system, { historyBytes: 600 });
      await using b = await startNode(system, { historyBytes: 600 });
      await using ann = await Person.enter(
        a.rooms.address,
        "Ann",
        "lobby",
      );
      const bob = await Person.enter(
        b.rooms.address,
        "Bob",
        "lobby",
      );
      const { entered: first } = bob;
      ann.say("lobby", "0");
      await bob.hears(1);
      const { position } = await bob.next("said");
      await bob[Symbol.asyncDispose]();
      await until(async () => !await a.backplane.holder("name:bob"));
      for (let i = 1; i <= 20; i++) ann.say("lobby", `${i}`);
      await ann.hears(21);

      const expected = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
      for (const { rooms } of [a, b]) {
        const back = await Person.enter(
          rooms.address,
          "Bob",
          "lobby",
          position,
        );
        assertEquals(back.entered.recovered, true);
        assertEquals(back.entered.history.map(({ text }) => text), expected);
        await back[Symbol.asyncDispose]();
        // Who comes and goes at once is not told of on other nodes.
        await until(async () => !await a.backplane.holder("name:bob"));
      }
      // From before the first message, which the nodes do not remember any more.
      const beginning = first.position;
      const back = await Person.enter(
        a.rooms.address,
        "Bob",
        "lobby",
        beginning,
      );
      assertEquals(back.entered.recovered, true);
      assertEquals(back.entered.history.length, 21);
      ann.say("lobby", "and on");
      assertEquals(await back.hears(1), ["and on"]);
      await back[Symbol.asyncDispose]();
    },
  );

  test(
    `serveRooms() removes the members of a node that has died, and frees their names [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system);
      const b = await startNode(system);
      await using ann = await Person.enter(
        a.rooms.address,
        "Ann",
        "lobby",
      );
      const bob = await Person.enter(
        b.rooms.address,
        "Bob",
        "lobby",
      );
      await ann.next("joined");
      const since = performance.now();
      // It says nothing more, not even that it leaves.
      await b.engine.close();
      assertEquals((await ann.next("left")).name, "Bob");
      assert(performance.now() - since < 10_000);
      assertEquals(a.rooms.who("lobby"), ["Ann"]);
      const back = await Person.enter(a.rooms.address, "Bob", "lobby");
      await back[Symbol.asyncDispose]();
      await bob[Symbol.asyncDispose]();
      await b[Symbol.asyncDispose]();
    },
  );

  for (const delivery of ["fast", "kept"] as const) {
    test(
      `serveRooms() refuses at once in an outage, and goes on when delivery is ${delivery} [${name}]`,
      needs,
      async () => {
        await using system = await start();
        await using a = await startNode(system, { delivery });
        await using b = await startNode(system, { delivery });
        await using ann = await Person.enter(
          a.rooms.address,
          "Ann",
          "lobby",
        );
        await using bob = await Person.enter(
          b.rooms.address,
          "Bob",
          "lobby",
        );
        await using eve = await Person.connect(a.rooms.address);
        await ann.next("joined");
        ann.say("lobby", "before");
        for (const person of [ann, bob]) await person.hears(1);

        await system.cut();
        await until(() =>
          [a, b].every(({ engine }) => engine.state === "down")
        );
        ann.say("lobby", "lost", "1");
        ann.send({ type: "join", room: "attic" });
        ann.send({ type: "tell", to: "Bob", text: "psst" });
        eve.send({ type: "name", name: "Eve" });
        await until(() =>
          codesOf(ann).length === 3 && codesOf(eve).length === 1
        );
        assertEquals(
          new Set([...codesOf(ann), ...codesOf(eve)]),
          new Set(["UNAVAILABLE"]),
        );
        ann.send({ type: "who", room: "lobby" });
        await until(() => ann.events.at(-1)?.type === "members");
        assertEquals([...a.rooms.who("lobby")].sort(), ["Ann", "Bob"]);

        await system.restore();
        await until(() => [a, b].every(({ engine }) => engine.state === "up"));
        const people = [ann, bob];
        if (delivery === "fast") {
          // The other node may be up, and not listen again yet.
          for (const person of people) {
            await until(() =>
              person.events.some(({ type }) => type === "lost")
            );
          }
        }
        bob.say("lobby", "again", "2");
        for (const person of people) {
          await until(() => person.heard.includes("again"));
          assertEquals(person.heard, ["before", "again"]);
          const lost = person.events.filter(({ type }) =>
            type === "lost"
          ).length;
          if (delivery === "kept") assertEquals(lost, 0);
          else assert(lost >= 1);
        }
        // The room whose opening was refused can be opened, and names be had.
        ann.send({ type: "join", room: "attic" });
        await until(() =>
          ann.events.some((event) =>
            event.type === "entered" && event.room === "attic"
          )
        );
        eve.send({ type: "name", name: "Eve" });
        await until(() => eve.events.at(-1)?.type === "named");
        bob.send({ type: "leave", room: "lobby" });
        await until(() => ann.events.at(-1)?.type === "left");
        assertEquals(a.rooms.who("lobby"), ["Ann"]);
      },
    );
  }

  test(
    `serveRooms() lets everybody hear each message once over an outage when it is kept [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await startNode(system);
      await using b = await startNode(system);
      await using ann = await Person.enter(
        a.rooms.address,
        "Ann",
        "lobby",
      );
      await using bob = await Person.enter(
        b.rooms.address,
        "Bob",
        "lobby",
      );
      const people = [ann, bob];
      // Each says a text until it is accepted, and then the next one.
      const talk = async (person: Person) => {
        const answers = () =>
          person.events.filter(({ type }) =>
            type === "sent" || type === "refused"
          );
        for (let i = 0; i < 100;) {
          const { length } = answers();
          person.say("lobby", `${i}`, `${i}`);
          await until(() => answers().length > length);
          if (answers().at(-1)?.type === "sent") i++;
          else await until(() => a.engine.state === b.engine.state);
        }
      };
      const talking = Promise.all(people.map(talk));
      await bob.hears(50);
      await system.cut();
      await until(() => [a, b].every(({ engine }) => engine.state === "down"));
      await system.restore();
      await talking;
      for (const person of people) {
        assertEquals((await person.hears(200)).length, 200);
        const said = person.events.flatMap((event) =>
          event.type === "said" ? [`${event.from} ${event.text}`] : []
        );
        assertEquals(new Set(said).size, 200);
        assertEquals(person.heard, ann.heard);
      }
      const gaps = people.flatMap(({ events }) =>
        events.filter(({ type }) => type === "lost")
      );
      assertEquals(gaps, []);
    },
  );
}
