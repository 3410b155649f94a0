import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type AddressLike,
  connect,
  createClient,
  type FramedConnection,
  type Network,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import {
  type RoomEvent,
  type RoomRequest,
  roomsCodec,
  serveRooms,
} from "../../src/rooms/mod.ts";

type Client = FramedConnection<RoomRequest, RoomEvent>;

const networks: readonly [string, () => Place][] = [
  ["real sockets", () => ({ address: { port: 0 } })],
  ["a memory network that cuts", () => ({
    address: "memory:rooms",
    network: memoryNetwork({ seed: 1, maxChunkLength: 3 }),
  })],
];

interface Place {
  readonly address: AddressLike;
  readonly network?: Network;
}

for (const [name, makePlace] of networks) {
  test(`serveRooms() lets people talk, over ${name}`, async () => {
    const place = makePlace();
    await using rooms = await serveRooms(place);
    const at = { ...place, address: rooms.address };
    await using ann = await enter(at, "Ann", "lobby");
    await using bob = await enter(at, "Bob", "Lobby");
    assertEquals(await ann.receive(), {
      type: "joined",
      room: "lobby",
      name: "Bob",
    });

    await ann.send({ type: "say", room: "LOBBY", text: "你好 👋" });
    for (const client of [ann, bob]) {
      assertEquals(withoutTime(await client.receive()), {
        type: "said",
        room: "lobby",
        from: "Ann",
        text: "你好 👋",
      });
    }

    await bob.send({ type: "tell", to: "ann", text: "psst" });
    for (const client of [ann, bob]) {
      assertEquals(withoutTime(await client.receive()), {
        type: "told",
        from: "Bob",
        to: "Ann",
        text: "psst",
      });
    }

    await bob.send({ type: "who", room: "lobby" });
    assertEquals(await bob.receive(), {
      type: "members",
      room: "lobby",
      names: ["Ann", "Bob"],
    });
    assertEquals(rooms.who("lobby"), ["Ann", "Bob"]);

    await bob.send({ type: "leave", room: "lobby" });
    for (const client of [ann, bob]) {
      assertEquals(await client.receive(), {
        type: "left",
        room: "lobby",
        name: "Bob",
      });
    }
    await ann.close();
    while (rooms.names.length > 0) await turn();
    assertEquals(rooms.who("lobby"), []);
  });
}

test("serveRooms() refuses what is not allowed, and goes on", async () => {
  await using rooms = await serveRooms({
    address: { port: 0 },
    maxTextLength: 10,
    maxMembers: 2,
    maxRoomsPerMember: 2,
  });
  await using ann = await enter(rooms, "Ann", "lobby");
  await using bob = await createClient({
    address: rooms.address,
    codec: roomsCodec(),
  });
  const refusals: [RoomRequest, string][] = [
    [{ type: "join", room: "lobby" }, "NAME_MISSING"],
    ...["", "a b", "-x", "x".repeat(33), "\x1b[31m", "a\n", "👋"].map((
      name,
    ): [RoomRequest, string] => [{ type: "name", name }, "NAME_INVALID"]),
    ...["Ann", "ANN", "ann"].map((
      name,
    ): [RoomRequest, string] => [{ type: "name", name }, "NAME_TAKEN"]),
  ];
  for (const [request, code] of refusals) {
    assertEquals(await refusal(bob, request), code);
  }
  await bob.send({ type: "name", name: "Bob" });
  assertEquals(await bob.receive(), { type: "named", name: "Bob" });
  const more: [RoomRequest, string][] = [
    [{ type: "name", name: "Bob2" }, "NAMED_ALREADY"],
    [{ type: "say", room: "lobby", text: "x" }, "NOT_MEMBER"],
    [{ type: "leave", room: "nowhere" }, "NOT_MEMBER"],
    [{ type: "join", room: "a b" }, "ROOM_INVALID"],
    [{ type: "tell", to: "nobody", text: "x" }, "NOBODY"],
    [{ type: "tell", to: "Ann", text: " " }, "TEXT_INVALID"],
    [{ type: "tell", to: "Ann", text: "\x1b[2J" }, "TEXT_INVALID"],
    [{ type: "tell", to: "Ann", text: "\u202etxt" }, "TEXT_INVALID"],
    [{ type: "tell", to: "Ann", text: "\ud800" }, "TEXT_INVALID"],
    [{ type: "tell", to: "Ann", text: "你好你好" }, "TEXT_INVALID"],
  ];
  for (const [request, code] of more) {
    assertEquals(await refusal(bob, request), code);
  }
  await bob.send({ type: "say", room: "lobby", text: "x", id: "1" });
  assertEquals(await bob.receive(), {
    type: "refused",
    code: "NOT_MEMBER",
    reason: "You are not in that room",
    id: "1",
  });
  await bob.send({ type: "join", room: "lobby" });
  assertEquals((await bob.receive())?.type, "entered");
  assertEquals(
    await refusal(bob, { type: "join", room: "LOBBY" }),
    "MEMBER_ALREADY",
  );
  await using eve = await enter(rooms, "Eve", "other");
  assertEquals(
    await refusal(eve, { type: "join", room: "lobby" }),
    "ROOM_FULL",
  );
  await eve.send({ type: "join", room: "another" });
  assertEquals((await eve.receive())?.type, "entered");
  assertEquals(
    await refusal(eve, { type: "join", room: "third" }),
    "TOO_MANY_ROOMS",
  );
  // Nothing of all that was heard by Ann, and Bob's name is free after him.
  await bob.close();
  assertEquals((await ann.receive())?.type, "joined");
  assertEquals((await ann.receive())?.type, "left");
  await using again = await enter(rooms, "Bob", "lobby");
  assertEquals(rooms.who("lobby"), ["Ann", "Bob"]);
  assert(again.id > 0);
});

test("serveRooms() refuses names that look the same when they are not", async () => {
  await using rooms = await serveRooms({ address: { port: 0 } });
  await using ann = await enter(rooms, "Ann", "lobby");
  await using nikos = await enter(rooms, "ΝΙΚΟΣ", "other");
  // Its capital is three characters, of which two make one.
  await using may = await enter(rooms, "Μα\u0390ου", "another");
  await using eve = await createClient({
    address: rooms.address,
    codec: roomsCodec(),
  });
  const unseen = [
    "Ann\u034f",
    "Ann\ufe0f",
    "Ann\u17b5",
    "Ann\u3164",
    "A\u115fnn",
    "Ann\u180b",
    "Ann\u{e0100}",
    "\u3164",
    "\uffa0",
  ];
  for (const name of unseen) {
    assertEquals(await refusal(eve, { type: "name", name }), "NAME_INVALID");
  }
  for (
    const name of ["νικοσ", "νικος", "Νικος", "ΜΑ\u03aa\u0301ΟΥ", "Ａｎｎ"]
  ) {
    assertEquals(await refusal(eve, { type: "name", name }), "NAME_TAKEN");
  }
  for (const room of ["lobby\u034f", "\u3164"]) {
    assertEquals(await refusal(ann, { type: "join", room }), "ROOM_INVALID");
  }
  await nikos.send({ type: "who", room: "OTHER" });
  assertEquals(await nikos.receive(), {
    type: "members",
    room: "OTHER",
    names: ["ΝΙΚΟΣ"],
  });
  await may.send({ type: "leave", room: "another" });
  assertEquals((await may.receive())?.type, "left");
});

test("serveRooms() refuses a text when nothing of it is seen", async () => {
  await using rooms = await serveRooms({ address: { port: 0 } });
  await using ann = await enter(rooms, "Ann", "lobby");
  for (const text of ["\u200b", "\u3164", " \u115f\ufe0f ", "\u{e0041}"]) {
    const request = { type: "say", room: "lobby", text } as const;
    assertEquals(await refusal(ann, request), "TEXT_INVALID");
  }
  // Where they make other characters, they are none of its business.
  await ann.send({ type: "say", room: "lobby", text: "❤\ufe0f 👩\u200d🚀" });
  assertEquals((await ann.receive())?.type, "said");
});

test("serveRooms() looks nobody up when what is given is no name", async () => {
  await using rooms = await serveRooms({ address: { port: 0 } });
  await using ann = await enter(rooms, "Ann", "lobby");
  // Normalized, they would be the same; but what is long is slow to normalize.
  const room = "ⓛobby";
  const wrong: [RoomRequest, string][] = [
    [{ type: "say", room, text: "x" }, "NOT_MEMBER"],
    [{ type: "leave", room }, "NOT_MEMBER"],
    [{ type: "tell", to: "Ⓐnn", text: "x" }, "NOBODY"],
  ];
  for (const [request, code] of wrong) {
    assertEquals(await refusal(ann, request), code);
  }
  await ann.send({ type: "who", room });
  assertEquals(await ann.receive(), { type: "members", room, names: [] });
  assertEquals(rooms.who(room), []);
  assertEquals(rooms.who("lobby"), ["Ann"]);
});

test("serveRooms() ends who does not speak the format, and nobody else", async () => {
  const errors: unknown[] = [];
  await using rooms = await serveRooms({
    address: { port: 0 },
    onError: (error) => void errors.push(error),
  });
  await using ann = await enter(rooms, "Ann", "lobby");
  const bad = [
    "GET / HTTP/1.1\r\n\r\n",
    "null\n",
    '{"type":"constructor"}\n',
    '{"type":"say","room":1}\n',
    "x".repeat(100_000),
  ];
  for (const text of bad) {
    await using connection = await connect(rooms.address);
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(text));
    const { done } = await connection.readable.getReader().read();
    assert(done);
  }
  assertEquals(errors.length, bad.length);
  await ann.send({ type: "who", room: "lobby" });
  assertEquals((await ann.receive())?.type, "members");
});

test("serveRooms() keeps the last bytes of what was said", async () => {
  const lineLength = 1 + JSON.stringify({
    type: "said",
    room: "lobby",
    from: "Ann",
    text: "97",
    time: Date.now(),
  }).length;
  await using rooms = await serveRooms({
    address: { port: 0 },
    historyBytes: 3 * (128 + lineLength),
  });
  await using ann = await enter(rooms, "Ann", "lobby");
  for (let i = 0; i < 100; i++) {
    await ann.send({
      type: "say",
      room: "lobby",
      text: `${i}`.padStart(2, "0"),
    });
    await ann.receive();
  }
  const history = async (name: string): Promise<string[]> => {
    const client = await createClient({
      address: rooms.address,
      codec: roomsCodec(),
    });
    await client.send({ type: "name", name });
    await client.send({ type: "join", room: "lobby" });
    await client.receive();
    const event = await client.receive();
    await client.close();
    assert(event?.type === "entered");
    return event.history.map(({ text }) => text);
  };
  assertEquals(await history("Bob"), ["97", "98", "99"]);
  // With the last member it goes.
  await ann.close();
  while (rooms.names.length > 0) await turn();
  assertEquals(await history("Bob"), []);
});

test("serveRooms() cuts a member that does not read, and delays no other", async () => {
  await using rooms = await serveRooms({
    address: { port: 0 },
    maxSendBuffer: 65_536,
  });
  await using ann = await enter(rooms, "Ann", "lobby");
  const stalled = await connect(rooms.address);
  const writer = stalled.writable.getWriter();
  await writer.write(roomsCodec().encode({ type: "name", name: "Slow" }));
  await writer.write(roomsCodec().encode({ type: "join", room: "lobby" }));
  assertEquals((await ann.receive())?.type, "joined");

  let said = 0;
  let left = "";
  const hearing = ann.forEach((event) => {
    if (event.type === "said") said++;
    if (event.type === "left") left = event.name;
  });
  const text = "x".repeat(4_000);
  let sent = 0;
  // The system takes some megabytes for the stalled one first.
  for (; left === "" && sent < 20_000; sent++) {
    await ann.send({ type: "say", room: "lobby", text });
    while (said < sent - 8) await turn();
  }
  assertEquals(left, "Slow");
  while (said < sent) await turn();
  assertEquals(rooms.who("lobby"), ["Ann"]);
  await ann.close();
  await hearing;
  stalled.abort();
});

for (const [name, makePlace] of networks) {
  test(`serveRooms() slows down a member that floods, so that slower ones hear it all, over ${name}`, async () => {
    const place = makePlace();
    await using rooms = await serveRooms({
      ...place,
      maxSendBuffer: 65_536,
      historyBytes: 0,
    });
    const at = { ...place, address: rooms.address };
    await using slow = await enter(at, "Slow", "lobby");
    await using flooder = await enter(at, "Flooder", "lobby");
    const text = "x".repeat(4_000);
    // Sockets take some megabytes before anything waits here.
    const count = place.network === undefined ? 3_000 : 40;
    const echoes = hear(flooder, count, () => undefined);
    const hearing = hear(slow, count, (said) =>
      // As much at a time as the buffers between them hold.
      said % 20 === 0 ? turn() : undefined);
    for (let i = 0; i < count; i++) {
      await flooder.send({ type: "say", room: "lobby", text });
    }
    await Promise.all([hearing, echoes]);
    assertEquals(rooms.who("lobby"), ["Slow", "Flooder"]);
  });
}

test("serveRooms() does not delay members that talk at a human pace for a stalled one", async () => {
  const network = memoryNetwork();
  await using rooms = await serveRooms({
    address: "memory:rooms",
    network,
    maxSendBuffer: 262_144,
  });
  const at = { address: rooms.address, network };
  await using ann = await enter(at, "Ann", "lobby");
  await using flooder = await enter(at, "Flooder", "lobby");
  const stalled = await enter(at, "Stalled", "lobby");
  const text = "x".repeat(4_000);
  const flooding = (async () => {
    for (let i = 0; i < 75; i++) {
      await flooder.send({ type: "say", room: "lobby", text });
    }
  })();
  let flood = 0;
  let heard = "";
  const hearing = ann.forEach((event) => {
    if (event.type !== "said") return;
    if (event.from === "Ann") heard = event.text;
    else flood++;
  });
  const echoes = flooder.forEach(() => undefined);
  // So much is taken by the buffers of the stalled one before it is behind.
  while (flood < 48) await turn();
  // Ann is heard while what the flooder has sent still waits for its turn.
  await ann.send({ type: "say", room: "lobby", text: "Stop it" });
  while (heard === "") await turn();
  assert(flood < 75, `${flood}`);
  stalled.abort();
  await flooding;
  for (const client of [ann, flooder]) await client.close();
  await Promise.all([hearing, echoes]);
});

test("serveRooms() rejects with RangeError for a limit that is none", async () => {
  await assertRejects(
    () => serveRooms({ address: { port: 0 }, historyBytes: -1 }),
    RangeError,
    "historyBytes",
  );
});

/** Hears so many texts, and does something after each. */
async function hear(
  client: Client,
  count: number,
  after: (said: number) => Promise<void> | undefined,
): Promise<void> {
  let said = 0;
  for await (const event of client) {
    if (event.type !== "said") continue;
    await after(++said);
    if (said === count) return;
  }
  throw new Error(`The connection ended after ${said} of ${count}`);
}

/** Connects, takes a name and joins a room. */
async function enter(
  { address, network }: Pick<Place, "network"> & { address: AddressLike },
  name: string,
  room: string,
): Promise<Client> {
  const client = await createClient({
    address,
    codec: roomsCodec(),
    ...(network && { network }),
  });
  await client.send({ type: "name", name });
  await client.send({ type: "join", room });
  assertEquals((await client.receive())?.type, "named");
  assertEquals((await client.receive())?.type, "entered");
  return client;
}

async function refusal(client: Client, request: RoomRequest): Promise<string> {
  await client.send(request);
  const event = await client.receive();
  return event?.type === "refused" ? event.code : `${event?.type}`;
}

function withoutTime(event: RoomEvent | undefined): unknown {
  if (event === undefined || !("time" in event)) return event;
  const { time, ...rest } = event;
  assert(Math.abs(Date.now() - time) < 60_000);
  return rest;
}

/** Lets everything else that is ready go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

test("serveRooms() tells its numbers, and observers of its connections", async () => {
  const network = memoryNetwork();
  const address = "memory:counted";
  const types: string[] = [];
  await using rooms = await serveRooms({
    address,
    network,
    observe: ({ type }) => void types.push(type),
  });
  const ann = await enter({ address, network }, "Ann", "lobby");
  assertEquals(rooms.stats().connections.open, 1);
  assertEquals(rooms.stats().framesReceived, 2);
  assertEquals(types, ["open"]);
  await ann.close();
});
