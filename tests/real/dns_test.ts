/** DNS over TCP: our resolver with dnsmasq, and with a server that answers badly. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type DnsResolver,
  dnsResolver,
} from "../../examples/conversations/dns_resolver.ts";
import { type FramedConnection, NetError, serve } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { dnsTcp } from "../../src/presets/mod.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { noDnsmasq, startDnsmasq } from "./servers/dnsmasq.ts";
import { ways } from "./through.ts";

const skip = noDnsmasq;
const numbers = (length: number) => Array.from({ length }, (_, n) => n);
const long = "x".repeat(200);

function start(): Promise<ServerProcess> {
  return startDnsmasq(
    "--local=/test/",
    ...numbers(50).flatMap((n) => [
      `--host-record=h${n}.test,192.0.2.${n},2001:db8::${n + 1}`,
      `--txt-record=h${n}.test,text ${n} ,${long}`,
      `--cname=c${n}.test,h${n}.test`,
    ]),
  );
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => asked, MessageError)).code;
}

/** What is asked of one name, and the answers: seven queries. */
async function ask(dns: DnsResolver, n: number): Promise<void> {
  const answers = await Promise.all([
    dns.resolve(`h${n}.test`, "A"),
    dns.resolve(`h${n}.test.`, "AAAA"),
    dns.resolve(`h${n}.test`, "TXT"),
    dns.resolve(`c${n}.test`, "A"),
    dns.resolve(`c${n}.test`, "CNAME"),
    codeOf(dns.resolve(`no${n}.test`, "A")),
    codeOf(dns.resolve(`h${n}.elsewhere`, "A")),
  ]);
  assertEquals(answers, [
    [`192.0.2.${n}`],
    [`2001:db8:0:0:0:0:0:${n + 1}`],
    [`text ${n} ${long}`],
    [`192.0.2.${n}`],
    [`h${n}.test`],
    "NXDOMAIN",
    "REFUSED",
  ]);
}

/** 350 queries, 70 of them under way at a time. */
async function converse(dns: DnsResolver): Promise<void> {
  for (const ten of numbers(5)) {
    await Promise.all(numbers(10).map((n) => ask(dns, 10 * ten + n)));
  }
}

for (const way of ways) {
  test(`dnsResolver() asks dnsmasq ${way.name}`, { skip }, async () => {
    await using server = await start();
    await using route = await way.to(server.address);
    await using dns = dnsResolver(route.address);
    await converse(dns);
  });
}

test(
  "dnsResolver() asks again what dnsmasq has not answered when it is killed",
  { skip },
  async () => {
    await using server = await start();
    await using dns = dnsResolver(server.address);
    await converse(dns);
    // It stands still, so nothing is answered before it is killed.
    server.stop();
    let settled = 0;
    const asked = numbers(10).map((n) => ask(dns, n).finally(() => settled++));
    await server.kill();
    assertEquals(settled, 0);
    await server.start();
    await Promise.all(asked);
    assertEquals(settled, 10);
    await converse(dns);
  },
);

test(
  "dnsResolver() rejects what is open when dnsmasq is killed and stays away",
  { skip },
  async () => {
    await using server = await start();
    await using dns = dnsResolver(server.address, 300);
    await ask(dns, 1);
    server.stop();
    const errors: unknown[] = [];
    const asked = numbers(50).map((n) =>
      dns.resolve(`h${n}.test`, "A").catch((error) => void errors.push(error))
    );
    await server.kill();
    await Promise.all(asked);
    assertEquals(new Set(errors).size, 50);
    for (const error of errors) {
      assert(error instanceof NetError);
      assertEquals(error.code, "TIMED_OUT");
    }
    await server.start();
    // Not with `dns`, whose waits have grown.
    await using next = dnsResolver(server.address);
    await ask(next, 2);
  },
);

/** A server that has an address for every name: 192.0.2. and the length of the name. */
function serveDns(
  answer: (query: Uint8Array, connection: FramedConnection<Uint8Array>) => void,
) {
  return serve(
    { address: { port: 0 }, codec: dnsTcp() },
    (connection) =>
      connection.forEach((query) => answer(query.slice(), connection)),
  );
}

/** The answer to a query for the address of a name. */
function answerTo(query: Uint8Array, pointer = 0xc00c): Uint8Array {
  const record = [pointer >> 8, pointer & 0xff, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4];
  const length = query[12]!;
  const answer = Uint8Array.of(...query, ...record, 192, 0, 2, length);
  answer[2] = 0x85;
  answer[7] = 1;
  return answer;
}

test("dnsResolver() takes answers in any order", async () => {
  let queries: Uint8Array[] = [];
  await using server = await serveDns((query, connection) => {
    queries.push(query);
    if (queries.length < 20) return;
    for (const query of queries.reverse()) {
      void connection.send(answerTo(query));
    }
    queries = [];
  });
  await using dns = dnsResolver(server.address);
  const lengths = numbers(60).map((n) => n + 1);
  assertEquals(
    await Promise.all(lengths.map((n) => dns.resolve("x".repeat(n), "A"))),
    lengths.map((n) => [`192.0.2.${n}`]),
  );
});

test("dnsResolver() rejects an answer that makes no sense, and that one alone", async () => {
  await using server = await serveDns((query, connection) => {
    const answer = answerTo(query);
    const at = query.length;
    switch (query[12]) {
      case 1: // a pointer to itself
        answer[at + 1] = at;
        break;
      case 2: // another question
        answer[13] = answer[13]! + 1;
        break;
      case 3: // more answers than there are
        answer[7] = 2;
        break;
      case 4: // a pointer behind the end
        answer[at] = 0xff;
    }
    void connection.send(answer);
  });
  await using dns = dnsResolver(server.address);
  const results = await Promise.allSettled(
    numbers(5).map((n) => dns.resolve("x".repeat(n + 1), "A")),
  );
  assertEquals(
    results.map((result) =>
      result.status === "fulfilled" ? result.value : result.reason.name
    ),
    ["RangeError", "MessageError", "RangeError", "RangeError", ["192.0.2.5"]],
  );
  await assertRejects(() => dns.resolve("x".repeat(64), "A"), RangeError);
});

test("dnsResolver() follows a pointer to a pointer", async () => {
  await using server = await serveDns((query, connection) => {
    const first = answerTo(query);
    const chained = [0xc0, query.length, ...first.subarray(query.length + 2)];
    chained[15] = 99; // the last byte of the address
    const answer = Uint8Array.of(...first, ...chained);
    answer[7] = 2;
    void connection.send(answer);
  });
  await using dns = dnsResolver(server.address);
  assertEquals(await dns.resolve("abc", "A"), ["192.0.2.3", "192.0.2.99"]);
});
