/** How many connections a server takes, in all and by address. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { connect, createClient, lines, NetError, serve } from "../../mod.ts";
import type { Address } from "../../src/net/address.ts";
import type { Connection } from "../../src/net/types.ts";
import { Admission, type AdmissionLimits } from "../../src/server/admission.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { turn } from "../support/scripted_transport.ts";

/** An admission with limits, and what it has said of refusals. */
function gate(limits: Partial<AdmissionLimits>) {
  const told: (string | undefined)[] = [];
  const admission = new Admission({
    maxConnections: Infinity,
    maxConnectionsPerAddress: Infinity,
    ...limits,
  }, ({ limit }, _, isFirst) => {
    if (isFirst) told.push(limit);
  });
  return { admission, told };
}

/** A connection of a client. */
function arrival(hostname: string) {
  const address: Address = { transport: "tcp", hostname, port: 1 };
  let reason: unknown;
  const abort = (error?: unknown) => void (reason = error);
  return {
    address,
    connection: { remoteAddress: address, abort } as unknown as Connection,
    get reason() {
      return reason;
    },
  };
}

test("Admission counts the connections of each address apart", () => {
  const { admission, told } = gate({ maxConnectionsPerAddress: 2 });
  const admit = (ip: string) => admission.admit(arrival(ip).connection);
  assertEquals(
    ["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"].map(admit),
    [true, true, false, true],
  );
  assertEquals(
    ["2001:db8::1", "2001:db8::f:2", "2001:db8:0:0:9::", "2001:db8:0:1::1"]
      .map(admit),
    [true, true, false, true],
  );
  assertEquals(told, ["maxConnectionsPerAddress", "maxConnectionsPerAddress"]);
});

test("Admission gives the place of a connection that has ended to another", () => {
  const { admission, told } = gate({ maxConnectionsPerAddress: 1 });
  for (let i = 0; i < 3; i++) {
    const first = arrival("192.0.2.1");
    const second = arrival("192.0.2.1");
    assert(admission.admit(first.connection));
    assert(!admission.admit(second.connection));
    const { reason } = second;
    assert(reason instanceof NetError && reason.code === "CONNECTION_REFUSED");
    assertEquals(reason.limit, "maxConnectionsPerAddress");
    // The one that was refused took no place, and gives none up.
    assert(!admission.admit(arrival("192.0.2.1").connection));
    admission.leave(first.address);
  }
  // Once for each time that there was no room.
  assertEquals(told.length, 3);
});

test("Admission reports refusals again when a tenth of the places was free", () => {
  const { admission, told } = gate({ maxConnections: 20 });
  const inside = Array.from({ length: 20 }, () => arrival("192.0.2.1"));
  for (const { connection } of inside) assert(admission.admit(connection));
  const refuse = () =>
    assert(!admission.admit(arrival("192.0.2.2").connection));
  refuse();
  for (const { address } of inside.slice(0, 5)) {
    admission.leave(address);
    assert(admission.admit(arrival("192.0.2.3").connection));
    refuse();
  }
  assertEquals(told, ["maxConnections"]);
  for (const { address } of inside.slice(5, 7)) admission.leave(address);
  for (let i = 0; i < 2; i++) {
    assert(admission.admit(arrival("192.0.2.3").connection));
  }
  refuse();
  assertEquals(told, ["maxConnections", "maxConnections"]);
});

test("Admission takes no place of an address for a connection over maxConnections", () => {
  const { admission, told } = gate({
    maxConnections: 1,
    maxConnectionsPerAddress: 1,
  });
  const first = arrival("192.0.2.1");
  assert(admission.admit(first.connection));
  assert(!admission.admit(arrival("192.0.2.2").connection));
  assert(!admission.admit(arrival("192.0.2.3").connection));
  admission.leave(first.address);
  assert(admission.admit(arrival("192.0.2.2").connection));
  assertEquals(told, ["maxConnections"]);
});

for (const hostname of ["127.0.0.1", "::1"]) {
  const skip = hostname === "::1" && !hasIpv6();
  test(`serve() refuses more than maxConnectionsPerAddress of ${hostname}`, {
    skip,
  }, async () => {
    const errors: unknown[] = [];
    await using server = await serve({
      address: { hostname, port: 0 },
      codec: lines(),
      maxConnectionsPerAddress: 2,
      onError: (error) => void errors.push(error),
    }, (connection) => connection.forEach((line) => connection.send(line)));
    const options = { address: server.address, codec: lines() };
    await using first = await createClient(options);
    await using second = await createClient(options);
    for (const client of [first, second]) {
      await client.send("in");
      assertEquals(await client.receive(), "in");
    }
    // The reset may come before the runtime has said that it is connected.
    const third = await connect(server.address).catch(() => undefined);
    await third?.readable.getReader().read().catch(() => undefined);
    third?.abort();
    while (errors.length === 0) await turn();
    const [error] = errors;
    assert(error instanceof NetError && error.code === "CONNECTION_REFUSED");
    assertEquals(error.limit, "maxConnectionsPerAddress");
    await first.close();
    while (server.connections.size > 1) await turn();
    await using again = await createClient(options);
    await again.send("in again");
    assertEquals(await again.receive(), "in again");
  });
}
