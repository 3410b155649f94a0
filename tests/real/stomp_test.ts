/** Our client of STOMP with RabbitMQ. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { stompClient } from "../../examples/conversations/stomp_client.ts";
import { NetError } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import {
  noRabbitmq as skip,
  rabbitmqLogin,
  startRabbitmq,
} from "./servers/rabbitmq.ts";
import { ways } from "./through.ts";

const numbers = Array.from({ length: 100 }, (_, n) => n);
// What ends a frame, and what begins one
const body = (n: number) => Uint8Array.of(n, 0, 10, 13, 10, 0x53, 0, 255);

test(
  "stompClient() sends and hears over RabbitMQ, plain, cut, glued and killed",
  {
    skip,
  },
  async () => {
    await using server = await startRabbitmq();
    for (const [i, way] of ways.entries()) {
      await using route = await way.to(server.address);
      const heard: number[][] = [];
      await using hearing = await stompClient(
        route.address,
        rabbitmqLogin,
        ({ body }) => heard.push([...body]),
      );
      await hearing.subscribe(`/topic/${i}`);
      await using sending = await stompClient(route.address, rabbitmqLogin);
      await Promise.all(
        numbers.map((n) => sending.send(`/topic/${i}`, body(n))),
      );
      await until(() => heard.length >= numbers.length);
      assertEquals(heard, numbers.map((n) => [...body(n)]));
    }
    // RabbitMQ closes the connection behind the second of these errors only.
    for (
      const [destination, why] of [
        ["/nowhere/x", "Unknown destination"],
        ["/exchange/none", "not_found"],
      ] as const
    ) {
      await using client = await stompClient(server.address, rabbitmqLogin);
      for (const _ of [1, 2]) {
        const error = await assertRejects(
          () => client.send(destination, body(1)),
          NetError,
          why,
        );
        assert(error.cause instanceof MessageError, `${error.cause}`);
      }
    }
    const refused = await assertRejects(
      () =>
        stompClient(server.address, { ...rabbitmqLogin, passcode: "wrong" }),
      NetError,
      "Bad CONNECT",
    );
    assertEquals(refused.code, "HANDSHAKE_FAILED");
    await using client = await stompClient(server.address, rabbitmqLogin);
    await killWithOpen(server, (n) => client.send("/topic/x", body(n)));
    await using next = await stompClient(server.address, rabbitmqLogin);
    await next.send("/topic/x", body(1));
  },
);
