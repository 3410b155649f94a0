import type { Position } from "../backplane/engine.ts";
import {
  type BackplaneTestBodies,
  bytesOf,
  ensureCode,
  ensureSame,
  textOf,
  until,
} from "./backplane_context.ts";
import { textsOf, untilKnown } from "./node_context.ts";
import { awaitedLater, ensure, rejection } from "./recorder.ts";

/** A node that was killed is gone within this time, in milliseconds. */
const DEAD_WITHIN_MS = 6_000;

/** What a backplane does over an engine. */
export const nodeTests: BackplaneTestBodies = {
  async "nodes has all nodes, and onNode() tells when they come and go"(
    { node },
  ) {
    const [a, b] = [await node(), await node()];
    await untilKnown([a, b], [a, b]);
    const events: string[] = [];
    const stop = a.onNode((id, isAlive) =>
      void events.push(`${id} ${isAlive}`)
    );
    const c = await node();
    const all = [a, b, c];
    await untilKnown(all, all);
    await until(() => events.length > 0, "onNode() tells of c");
    await c.close();
    // Sooner than a node that was silent would be.
    await untilKnown([a, b], [a, b], 2_000);
    const expected = [`${c.nodeId} true`, `${c.nodeId} false`];
    ensureSame(events, expected, "what onNode() told");
    stop();
    await untilKnown([a, b], [a, b, await node()]);
    ensureSame(events, expected, "what onNode() told after it was stopped");
  },

  async "listen() at a channel hears send() of all nodes, until it is told to stop"(
    { node },
  ) {
    const [a, b] = [await node(), await node()];
    const [stopped, texts]: string[][] = [[], []];
    const subscription = await b.listen(
      "c",
      (bytes) => void stopped!.push(textOf({ bytes })),
    );
    await b.listen("c", (bytes) => void texts!.push(textOf({ bytes })));
    a.send("c", bytesOf("a"));
    await until(() => texts!.length > 0, "b hears a");
    b.send("c", bytesOf("b"));
    await until(() => texts!.length > 1, "b hears itself");
    await until(() => stopped!.length > 1, "both listeners hear it");
    subscription.unsubscribe();
    subscription.unsubscribe();
    a.send("c", bytesOf("end"));
    await until(() => texts!.length > 2, "the other listener goes on");
    ensureSame(stopped!, ["a", "b"], "the listener that was stopped");
  },

  async "subscribe() gives each message once, in one order on all nodes"(
    { node },
  ) {
    const nodes = [await node(), await node(), await node()];
    await nodes[0]!.publish("t", bytesOf("before"));
    const seen = await Promise.all(
      [...nodes, nodes[0]!].map((one) => textsOf(one, "t")),
    );
    await Promise.all(
      Array.from(
        { length: 120 },
        (_, i) => nodes[i % 3]!.publish("t", bytesOf(i), { id: `${i % 100}` }),
      ),
    );
    const history = await nodes[0]!.history("t");
    const expected = history.messages.map(textOf).slice(1);
    ensure(expected.length === 100, `${expected.length} messages, not 100`);
    await nodes[0]!.publish("t", bytesOf("end"));
    for (const texts of seen) {
      await until(() => texts.includes("end"), "the end comes");
      ensureSame(texts, [...expected, "end"], "what came");
    }
  },

  async "subscribe() begins after a position, while others publish"({ node }) {
    const [a, b] = [await node(), await node()];
    await a.publish("t", bytesOf("first"));
    const { end } = await a.history("t");
    const publishing = awaitedLater((async () => {
      for (let i = 0; i < 100; i++) await a.publish("t", bytesOf(i));
    })());
    const gaps: Position[] = [];
    const texts: string[] = [];
    let position = end;
    // Again and again from where it was left.
    while (texts.at(-1) !== "99") {
      const subscription = await b.subscribe(
        "t",
        (message) => void texts.push(textOf(message)),
        { from: position, onGap: (gap) => void gaps.push(gap) },
      );
      const before = texts.length;
      await until(
        () => texts.length > before || texts.at(-1) === "99",
        "another message comes",
      );
      subscription.unsubscribe();
      position = subscription.position;
    }
    await publishing;
    ensureSame(texts, Array(100).keys(), "what came");
    ensure(gaps.length === 0, `${gaps.length} gaps were told`);
    const now = (await a.history("t")).end;
    ensure(position.offset === now.offset, "the position is not the end");
  },

  async "subscribe() gives nothing after unsubscribe()"({ node }) {
    const one = await node();
    const texts: string[] = [];
    const subscription = await one.subscribe("t", (message) => {
      texts.push(textOf(message));
      subscription.unsubscribe();
    });
    const others = await textsOf(one, "t");
    await one.publish("t", bytesOf("one"));
    await one.publish("t", bytesOf("two"));
    await until(() => others.length > 1, "the other goes on");
    ensureSame(texts, ["one"], "what came");
  },

  async "claim() gives a name to one node, when many try at once"({ node }) {
    const nodes = [await node(), await node(), await node()];
    await untilKnown(nodes, nodes);
    for (let round = 0; round < 5; round++) {
      const name = `name ${round}`;
      const claims = await Promise.all(
        [...nodes, ...nodes].map((one, i) => one.claim(name, `note ${i}`)),
      );
      const won = claims.flatMap((claim, i) => claim === undefined ? [] : [i]);
      ensure(won.length === 1, `${won.length} claims of one name`);
      const holders = await Promise.all(nodes.map((one) => one.holder(name)));
      const { nodeId } = nodes[won[0]! % 3]!;
      for (const holder of holders) {
        ensureSame(
          [holder?.nodeId, holder?.note],
          [nodeId, `note ${won[0]}`],
          "the holder",
        );
      }
    }
  },

  async "claim() gives a name that was released, or whose node was closed"(
    { node },
  ) {
    const [a, b] = [await node(), await node()];
    const claim = await a.claim("name");
    ensure(claim?.name === "name", "a does not get the name");
    ensure(await b.claim("name") === undefined, "b gets the name of a");
    ensure(await a.claim("name") === undefined, "a gets its name again");
    await claim.release();
    await claim.release();
    ensure(
      await a.holder("name") === undefined,
      "a released name has a holder",
    );
    const next = await b.claim("name");
    ensure(next !== undefined, "b does not get the name that was released");
    await claim.release();
    const holder = await a.holder("name");
    ensure(holder?.nodeId === b.nodeId, "the old claim releases the new one");
    await b.close();
    ensure(await a.claim("name") !== undefined, "b keeps its name when closed");
    ensure(!claim.lost.aborted && !next.lost.aborted, "a claim is lost");
  },

  async "a node that dies is gone, and its names are free"(
    { engine, mortal, node },
  ) {
    const { node: dying, kill } = await mortal();
    const [a, b] = [await node(), await node()];
    await untilKnown([a, b], [a, b, dying]);
    const names = ["one", "two", "three"];
    for (const name of names) {
      ensure(await dying.claim(name) !== undefined, "no claim");
    }
    dying.serve("work", () => new Promise<never>(() => undefined));
    await until(() => a.serving("work").length > 0, "a knows who serves");
    const events: string[] = [];
    b.onNode((id, isAlive) => void events.push(`${id} ${isAlive}`));
    const asked = rejection(
      a.request("work", bytesOf(""), { timeoutMs: 30_000 }),
      "a request to a dead node",
    );
    await kill();
    await untilKnown([a, b], [a, b], DEAD_WITHIN_MS);
    ensureCode(await asked, "CONNECTION_RESET", "a request to a dead node");
    ensureSame(events, [`${dying.nodeId} false`], "what onNode() told");
    ensureSame(a.serving("work"), [], "who serves");
    const under = await engine();
    await until(async () => {
      const values = [];
      for await (const [, value] of under.registers()) values.push(value);
      return values.length === 0;
    }, "the names of the dead node are removed");
    for (const name of names) {
      ensure(await a.holder(name) === undefined, "a dead node has a name");
      const claim = await b.claim(name);
      ensure(claim !== undefined, "the name of a dead node is not free");
    }
  },
};

/** For systems whose messages can be removed. */
export const forgettingTests: BackplaneTestBodies = {
  async "subscribe() tells of messages that are lost"({ node, forget }) {
    const [a, b] = [await node(), await node()];
    await a.publish("t", bytesOf("one"));
    const { end } = await a.history("t");
    await a.publish("t", bytesOf("two"));
    await forget("t");
    await a.publish("t", bytesOf("three"));
    const gaps: Position[] = [];
    const texts: string[] = [];
    await b.subscribe("t", (message) => void texts.push(textOf(message)), {
      from: end,
      onGap: (gap) => void gaps.push(gap),
    });
    await a.publish("t", bytesOf("four"));
    await until(() => texts.includes("four"), "the last message comes");
    ensureSame(texts, ["three", "four"], "what came");
    ensureSame(
      gaps.map(({ epoch, offset }) => `${epoch} ${offset}`),
      [`${end.epoch} ${end.offset}`],
      "the gaps",
    );
  },
};
