import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type AddressLike,
  bindDatagram,
  connect,
  type DatagramSocket,
  listen,
  NetError,
  type UdpAddressLike,
} from "../../src/net/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { answerAll, ask } from "../support/datagrams.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { openDescriptors, until } from "./conformance.ts";

const noIpv6 = !hasIpv6() && "no IPv6 on this machine";

for (
  const { family, address, other, limit, skip } of [
    {
      family: "IPv4",
      address: "udp://127.0.0.1:0",
      other: "udp://[::1]:9",
      limit: 65_507,
      skip: false,
    },
    {
      family: "IPv6",
      address: "udp://[::1]:0",
      other: "udp://127.0.0.1:9",
      limit: 65_527,
      skip: noIpv6,
    },
  ] as const
) {
  test(`bindDatagram() gives the port that was taken [${family}]`, {
    skip,
  }, async () => {
    await using socket = await bindDatagram(address);
    assertEquals(socket.address, {
      transport: "udp",
      hostname: address.includes("::1") ? "::1" : "127.0.0.1",
      port: socket.address.port,
    });
    assert(socket.address.port > 0);
    assertEquals(socket.dropped, 0);
  });

  test(
    `bindDatagram() gives datagrams of any size and their senders [${family}]`,
    {
      skip,
    },
    async () => {
      await using server = await bindDatagram(address);
      await using client = await bindDatagram(address);
      const serving = answerAll(server, (data) => data);
      for (const size of [0, 1, 2, 1_472, 1_473, 9_216, 65_506, limit]) {
        const sent = new Uint8Array(size).fill(size);
        // Answers to what was asked twice may come late.
        let answer: Uint8Array;
        do {
          const { data, from } = await ask(client, sent, server.address);
          assertEquals(from, server.address);
          answer = data;
        } while (answer.length !== size);
        assertEquals(answer, sent);
      }
      await server.close();
      await serving;
    },
  );

  test(
    `DatagramSocket.send() rejects with MESSAGE_TOO_LARGE before it sends [${family}]`,
    {
      skip,
    },
    async () => {
      await using server = await bindDatagram(address);
      await using client = await bindDatagram(address);
      const serving = answerAll(server, (data) => data);
      for (const size of [limit + 1, 1_000_000]) {
        const error = await assertRejects(
          () => client.send(new Uint8Array(size), server.address),
          NetError,
        );
        assertEquals(error.code, "MESSAGE_TOO_LARGE");
        assert(error.message.includes(`at most ${limit} bytes, got ${size}`));
        assertEquals(error.cause, undefined);
      }
      const { data } = await ask(client, utf8("still open"), server.address);
      assertEquals(data, utf8("still open"));
      await server.close();
      await serving;
    },
  );

  test(
    `DatagramSocket.send() rejects with TypeError for the other family [${family}]`,
    {
      skip,
    },
    async () => {
      await using socket = await bindDatagram(address);
      await assertRejects(
        () => socket.send(utf8("x"), other),
        TypeError,
        `${family} addresses only`,
      );
    },
  );
}

test("bindDatagram() takes the loopback interface when no host is given", async () => {
  for (const address of [{ port: 0 }, { transport: "udp", port: 0 }] as const) {
    await using socket = await bindDatagram(address);
    assertEquals(socket.address.hostname, "127.0.0.1");
  }
});

test("bindDatagram() takes host names", async () => {
  await using server = await bindDatagram("udp://localhost:0");
  assertEquals(server.address.hostname, "127.0.0.1");
  await using client = await bindDatagram({ hostname: "localhost", port: 0 });
  const serving = answerAll(server, (data) => data);
  const to = { hostname: "localhost", port: server.address.port };
  assertEquals(await ask(client, utf8("hello"), to), {
    data: utf8("hello"),
    from: server.address,
  });
  await server.close();
  await serving;
});

test("bindDatagram() takes both families on all of IPv6", {
  skip: noIpv6,
}, async () => {
  await using server = await bindDatagram("udp://[::]:0");
  const serving = answerAll(server, (data) => data);
  const { port } = server.address;
  for (const hostname of ["127.0.0.1", "::1"]) {
    await using client = await bindDatagram({ hostname, port: 0 });
    const answer = await ask(client, utf8("hello"), { hostname, port });
    assertEquals(answer.data, utf8("hello"));
    assertEquals(answer.from.port, port);
  }
  await server.close();
  await serving;
});

test("bindDatagram() gives data that keeps no more memory than it needs", async () => {
  await using server = await bindDatagram({ port: 0 });
  await using client = await bindDatagram({ port: 0 });
  const serving = answerAll(server, (data) => data);
  const { data } = await ask(client, utf8("tiny"), server.address);
  assertEquals(data.constructor, Uint8Array);
  assertEquals(data.buffer.byteLength, 4);
  await server.close();
  await serving;
});

test("bindDatagram() rejects with TypeError for an address that is not UDP's", async () => {
  const addresses: AddressLike[] = [
    "tcp://127.0.0.1:0",
    "unix:/tmp/x.sock",
    "memory:x",
    "127.0.0.1:0",
    { transport: "tcp", port: 0 },
    { path: "/tmp/x.sock" },
    { port: 65_536 },
  ];
  for (const address of addresses) {
    const wrong = address as UdpAddressLike;
    await assertRejects(() => bindDatagram(wrong), TypeError, "Cannot");
    await using socket = await bindDatagram({ port: 0 });
    await assertRejects(() => socket.send(utf8("x"), wrong), TypeError);
  }
});

test("connect() and listen() send who wants datagrams to the right place", async () => {
  await assertRejects(() => connect("udp://127.0.0.1:1"), TypeError, '"tcp://');
  await assertRejects(() => listen("udp://127.0.0.1:0"), TypeError, '"tcp://');
});

test("bindDatagram() rejects with RangeError for a negative maxReceiveBuffer", async () => {
  for (const maxReceiveBuffer of [-1, NaN]) {
    await assertRejects(
      () => bindDatagram({ port: 0 }, { maxReceiveBuffer }),
      RangeError,
    );
  }
});

test("bindDatagram() rejects with the code of what is wrong", async () => {
  await using socket = await bindDatagram({ port: 0 });
  for (
    const [address, code] of [
      [socket.address, "ADDRESS_IN_USE"],
      ["udp://192.0.2.1:0", "ADDRESS_NOT_AVAILABLE"],
      ["udp://no-such-host.invalid:0", "HOST_NOT_FOUND"],
    ] as const
  ) {
    const error = await assertRejects(() => bindDatagram(address), NetError);
    assertEquals(error.code, code, error.message);
    assert(error.message.startsWith("Cannot bind udp://"), error.message);
    assert(error.cause instanceof Error);
  }
});

test("DatagramSocket.send() rejects when the host does not exist, and goes on", async () => {
  await using server = await bindDatagram({ port: 0 });
  await using client = await bindDatagram({ port: 0 });
  const error = await assertRejects(
    () => client.send(utf8("x"), "udp://no-such-host.invalid:9"),
    NetError,
  );
  assertEquals(error.code, "HOST_NOT_FOUND");
  assert(error.cause instanceof Error);
  const serving = answerAll(server, (data) => data);
  await ask(client, utf8("x"), server.address);
  await server.close();
  await serving;
});

test("DatagramSocket.send() rejects with TypeError for port 0 and for text", async () => {
  await using socket = await bindDatagram({ port: 0 });
  await assertRejects(
    () => socket.send(utf8("x"), { port: 0 }),
    TypeError,
    "a port from 1",
  );
  await assertRejects(
    () => socket.send("x" as unknown as Uint8Array, { port: 9 }),
    TypeError,
    "expected a Uint8Array, got string",
  );
});

test("DatagramSocket.send() to where nobody is does no harm", async () => {
  const gone = await bindDatagram({ port: 0 });
  await gone.close();
  await using server = await bindDatagram({ port: 0 });
  await using client = await bindDatagram({ port: 0 });
  for (let i = 0; i < 20; i++) await client.send(utf8("x"), gone.address);
  const serving = answerAll(server, (data) => data);
  const { from } = await ask(client, utf8("x"), server.address);
  assertEquals(from, server.address);
  await server.close();
  await serving;
});

test("DatagramSocket.send() rejects with SEND_BUFFER_FULL when nobody waits", async () => {
  await using client = await bindDatagram({ port: 0 });
  await using server = await bindDatagram({ port: 0 });
  const data = new Uint8Array(65_000);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 400 }, () => client.send(data, server.address)),
  );
  const refused = outcomes.filter(({ status }) => status === "rejected");
  assertEquals(refused.length, 400 - Math.floor(16_777_216 / 65_256));
  for (const { reason } of refused as PromiseRejectedResult[]) {
    assert(reason instanceof NetError);
    assertEquals(reason.code, "SEND_BUFFER_FULL");
    assertEquals(reason.limit, "maxSendBuffer");
  }
  await client.send(data, server.address);
});

test("DatagramSocket.dropped counts what finds no room", async () => {
  await using server = await bindDatagram({ port: 0 }, { maxReceiveBuffer: 0 });
  await using client = await bindDatagram({ port: 0 });
  // One is always held, so that it can be received at all.
  await until(async () => {
    await client.send(utf8("x"), server.address);
    return server.dropped >= 3;
  }, "datagrams that are dropped");
  assertEquals((await server.receive())?.data, utf8("x"));
});

test("bindDatagram() holds no more than maxReceiveBuffer", async () => {
  const maxReceiveBuffer = 10 * (100 + 256);
  await using server = await bindDatagram({ port: 0 }, { maxReceiveBuffer });
  await using client = await bindDatagram({ port: 0 });
  await until(async () => {
    await client.send(new Uint8Array(100), server.address);
    return server.dropped > 0;
  }, "datagrams that are dropped");
  let held = 0;
  for (; held < 10; held++) await server.receive();
  const { dropped } = server;
  await until(async () => {
    await client.send(new Uint8Array(100), server.address);
    return server.dropped > dropped;
  }, "datagrams that are dropped");
});

test("DatagramSocket.receive() answers in the order of the calls", async () => {
  await using server = await bindDatagram({ port: 0 });
  await using client = await bindDatagram({ port: 0 });
  const receiving = [server.receive(), server.receive(), server.receive()];
  let received = 0;
  for (const receive of receiving) void receive.then(() => received++);
  for (let i = 0; i < receiving.length; i++) {
    await until(async () => {
      if (received <= i) await client.send(utf8(`${i}`), server.address);
      return received > i;
    }, "what was sent");
  }
  // What was sent twice is the one before.
  const order = (await Promise.all(receiving))
    .map((datagram) => new TextDecoder().decode(datagram?.data));
  assertEquals(order.toSorted(), order);
  assertEquals(order[0], "0");
});

test("DatagramSocket.receive() stops waiting when its signal says so", async () => {
  await using server = await bindDatagram({ port: 0 });
  await using client = await bindDatagram({ port: 0 });
  const reason = new Error("enough");
  const aborting = new AbortController();
  const stopped = server.receive({ signal: aborting.signal });
  const next = server.receive();
  aborting.abort(reason);
  assertEquals(await stopped.catch((error) => error), reason);
  const { signal } = aborting;
  assertEquals(await server.receive({ signal }).catch((e) => e), reason);

  const serving = next.then((datagram) => {
    assert(datagram !== undefined);
    return server.send(datagram.data, datagram.from);
  });
  const { data } = await ask(client, utf8("for the next"), server.address);
  assertEquals(data, utf8("for the next"));
  await serving;
});

test("leaving the loop over a DatagramSocket leaves it open", async () => {
  await using server = await bindDatagram({ port: 0 });
  await using client = await bindDatagram({ port: 0 });
  for (let turn = 0; turn < 3; turn++) {
    const serving = (async () => {
      for await (const { from } of server) {
        await server.send(utf8(`${turn}`), from);
        break;
      }
    })();
    await ask(client, utf8("next"), server.address);
    await serving;
  }
});

test("DatagramSocket.close() sends what is under way, and ends the loop", async () => {
  await using server = await bindDatagram({ port: 0 });
  const received = new Set<string>();
  const receiving = (async () => {
    for await (const { data } of server) {
      received.add(new TextDecoder().decode(data));
    }
  })();
  // All at once, and again where the system had no room for them.
  await until(async () => {
    const client = await bindDatagram({ port: 0 });
    const sending = Array.from(
      { length: 20 },
      (_, i) => client.send(utf8(`${i}`), server.address),
    );
    await client.close();
    await Promise.all(sending);
    await nextTasks();
    return received.size === 20;
  }, "what was sent just before close()");
  await server.close();
  await receiving;
});

test("DatagramSocket.close() waits for a name that is being resolved", async () => {
  const client = await bindDatagram({ port: 0 });
  const sending = client.send(utf8("x"), "udp://localhost:9");
  await client.close();
  await sending;
});

test("DatagramSocket.close() twice is harmless, then sending rejects", async () => {
  const socket: DatagramSocket = await bindDatagram({ port: 0 });
  const waiting = socket.receive();
  await Promise.all([socket.close(), socket.close()]);
  await socket.close();
  assertEquals(await socket.closed, { by: "local" });
  assertEquals(await waiting, undefined);
  assertEquals(await socket.receive(), undefined);
  for await (const datagram of socket) throw new Error(`Got ${datagram}`);
  const error = await assertRejects(
    () => socket.send(utf8("x"), { port: 9 }),
    NetError,
  );
  assertEquals(error.code, "CONNECTION_CLOSED");
  await using again = await bindDatagram(socket.address);
  assertEquals(again.address, socket.address);
});

test("bindDatagram() closes when its signal says so", async () => {
  const aborting = new AbortController();
  const { signal } = aborting;
  const socket = await bindDatagram({ port: 0 }, { signal });
  const waiting = socket.receive();
  aborting.abort();
  assertEquals(await socket.closed, { by: "local" });
  assertEquals(await waiting, undefined);
});

test("bindDatagram() rejects with the reason when aborted before or meanwhile", async () => {
  const reason = new Error("never mind");
  const before = bindDatagram({ port: 0 }, {
    signal: AbortSignal.abort(reason),
  });
  assertEquals(await before.catch((error) => error), reason);

  for (let turns = 0; turns < 10; turns++) {
    const aborting = new AbortController();
    const { signal } = aborting;
    const outcome = bindDatagram("udp://localhost:0", { signal }).then(
      (socket) => socket.closed,
      (error) => assertEquals(error, reason),
    );
    for (let turn = 0; turn < turns; turn++) await undefined;
    aborting.abort(reason);
    await outcome;
  }
});

test("200 datagram sockets leave no descriptors behind", async () => {
  const visit = async () => {
    await using socket = await bindDatagram({ port: 0 });
    await socket.send(utf8("x"), socket.address);
  };
  await visit(); // opens what a runtime opens once
  const before = await openDescriptors();
  for (let i = 0; i < 10; i++) {
    await Promise.all(Array.from({ length: 20 }, visit));
  }
  await until(
    async () => await openDescriptors() <= before + 2,
    `more than ${before + 2} descriptors are open`,
  );
});

async function nextTasks(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
