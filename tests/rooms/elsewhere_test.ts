import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Elsewhere } from "../../src/rooms/elsewhere.ts";

const note = { room: "lobby", from: "node/server", name: "lobby" } as const;

test("Elsewhere.take() ignores what is older than what it knows", () => {
  const elsewhere = new Elsewhere();
  elsewhere.take({ ...note, type: "here", number: 2, members: ["Ann"] });
  const nothing = { joined: [], left: [] };
  for (const number of [1, 2]) {
    const old = { joined: ["Max"], left: ["Ann"] };
    assertEquals(
      elsewhere.take({ ...note, type: "changed", number, ...old }),
      nothing,
    );
  }
  assertEquals(
    elsewhere.take({ ...note, type: "here", number: 1, members: ["Max"] }),
    nothing,
  );
  assertEquals([...elsewhere.names()], ["Ann"]);
  const next = { joined: ["Max"], left: [] };
  assertEquals(
    elsewhere.take({ ...note, type: "changed", number: 3, ...next }),
    next,
  );
  assertEquals(
    elsewhere.take({ ...note, type: "changed", number: 5, ...next }),
    undefined,
  );
  assertEquals([...elsewhere.names()], ["Ann", "Max"]);
});
