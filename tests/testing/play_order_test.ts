import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { PlayOrder } from "../../src/testing/play_order.ts";
import { connectionsOf } from "../../src/testing/recorded_connections.ts";
import { frames } from "../support/short_recording.ts";

const connections = connectionsOf(frames("1>a", "2>b", "3>c", "1>d", "2>e"));

/** Which of the lines may be played now. */
async function turns(log: string[]): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  return log.splice(0).join(" ");
}

test("turnOf() resolves when all lines in front have been played", async () => {
  const order = new PlayOrder(connections.filter(({ number }) => number < 3));
  const log: string[] = [];
  for (const line of [1, 2, 4, 5]) {
    void order.turnOf(line).then(() => log.push(`${line}`));
  }
  assertEquals(await turns(log), "1");
  order.played(4);
  assertEquals(await turns(log), "");
  order.played(1);
  assertEquals(await turns(log), "2");
  order.played(2);
  assertEquals(await turns(log), "5");
});

test("end() lets all go on, those to come too", async () => {
  const order = new PlayOrder(connections);
  const waiting = order.turnOf(3);
  order.end();
  await waiting;
  await order.turnOf(5);
});
