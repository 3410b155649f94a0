import type { Backplane } from "../backplane/types.ts";
import {
  type BackplaneTestBodies,
  bytesOf,
  ensureCode,
  ensureRefused,
  ensureSame,
  textOf,
  until,
} from "./backplane_context.ts";
import { serveNever, untilKnown, untilServes } from "./node_context.ts";
import { ensure, rejection } from "./recorder.ts";

/** What nodes promise of requests from one to another. */
export const requestTests: BackplaneTestBodies = {
  async "request() brings the reply of the handler"({ node }) {
    const [a, b] = [await node(), await node()];
    const askers: string[] = [];
    b.serve("echo", (bytes, { from }) => {
      askers.push(from);
      return bytes;
    });
    await untilServes(a, "echo", b);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const reply = await a.request("echo", all);
    ensureSame(reply, all, "the reply");
    const empty = await a.request("echo", new Uint8Array(0));
    ensure(empty.length === 0, "the reply is not empty");
    const texts = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const bytes = await a.request("echo", bytesOf(i));
        return textOf({ bytes });
      }),
    );
    ensureSame(texts, Array(100).keys(), "the replies");
    ensureSame(new Set(askers), [a.nodeId], "the nodes that ask");
    await b.request("echo", all);
    ensure(askers.at(-1) === b.nodeId, "a node does not ask itself");
  },

  async "request() asks a node that serves, and the one that it is told"(
    { node },
  ) {
    const nodes = [await node(), await node(), await node()];
    const [a, b, c] = nodes as [Backplane, Backplane, Backplane];
    for (const one of [b, c]) one.serve("who", () => bytesOf(one.nodeId));
    await untilServes(a, "who", b);
    await untilServes(a, "who", c);
    const seen = new Set<string>();
    for (let i = 0; i < 200 && seen.size < 2; i++) {
      seen.add(textOf({ bytes: await a.request("who", bytesOf("")) }));
    }
    ensureSame([...seen].sort(), [b.nodeId, c.nodeId].sort(), "who answers");
    for (const to of [b.nodeId, c.nodeId, c.nodeId]) {
      const bytes = await a.request("who", bytesOf(""), { to });
      ensure(textOf({ bytes }) === to, "another node answers");
    }
    await ensureRefused(
      () => a.request("who", bytesOf(""), { to: a.nodeId }),
      "NO_HANDLER",
      "a request to a node that does not serve",
    );
  },

  async "request() rejects at once where no node serves"({ node }) {
    const [a, b] = [await node(), await node()];
    const ask = () => a.request("work", bytesOf(""));
    await ensureRefused(ask, "NO_HANDLER", "request()");
    const serving = b.serve("work", () => bytesOf("done"));
    await untilServes(a, "work", b);
    await ask();
    serving.unsubscribe();
    // Whether or not this node knows of it by now.
    await ensureRefused(ask, "NO_HANDLER", "request() after unsubscribe()");
    await until(() => a.serving("work").length === 0, "a knows of it");
    await ensureRefused(ask, "NO_HANDLER", "request() after that");
  },

  async "request() rejects when the handler fails or is too slow"({ node }) {
    const [a, b] = [await node(), await node()];
    b.serve("fail", () => {
      throw new Error("The handler of a test throws, which is reported");
    });
    const { contexts } = serveNever(b);
    await untilServes(a, "never", b);
    await ensureRefused(
      () => a.request("fail", bytesOf("")),
      "HANDLER_FAILED",
      "a request whose handler throws",
    );
    const late = a.request("never", bytesOf(""), { timeoutMs: 50 });
    ensureCode(
      await rejection(late, "a late request"),
      "TIMED_OUT",
      "request()",
    );
    await until(
      () => contexts.every(({ signal }) => signal.aborted),
      "the signal of the handler aborts",
    );
  },

  async "request() can be cancelled"({ node }) {
    const [a, b] = [await node(), await node()];
    const { contexts } = serveNever(b);
    await untilServes(a, "never", b);
    const controller = new AbortController();
    const { signal } = controller;
    const asked = rejection(
      a.request("never", bytesOf(""), { signal }),
      "a request that is cancelled",
    );
    await until(() => contexts.length > 0, "the handler is called");
    ensure(!contexts[0]!.signal.aborted, "the signal aborts too early");
    const reason = new Error("It is not needed any more");
    controller.abort(reason);
    ensure(await asked === reason, "it rejects with another reason");
    await until(
      () => contexts[0]!.signal.aborted,
      "the signal of the handler aborts",
    );
    const again = a.request("never", bytesOf(""), { signal });
    ensure(await rejection(again, "request()") === reason, "it is sent still");
  },

  async "request() rejects when the node that it asks is closed"({ node }) {
    const [a, b] = [await node(), await node()];
    const { contexts } = serveNever(b);
    await untilServes(a, "never", b);
    const asked = rejection(
      a.request("never", bytesOf(""), { timeoutMs: 30_000 }),
      "a request to a node that is closed",
    );
    await until(() => contexts.length > 0, "the handler is called");
    await b.close();
    ensureCode(await asked, "CONNECTION_RESET", "request()");
    ensure(contexts[0]!.signal.aborted, "the signal of the handler aborts");
    await untilKnown([a], [a]);
  },

  async "close() aborts the handlers that work for the node"({ node }) {
    const [a, b] = [await node(), await node()];
    const { contexts } = serveNever(b);
    await untilServes(a, "never", b);
    const asked = rejection(a.request("never", bytesOf("")), "request()");
    await until(() => contexts.length > 0, "the handler is called");
    await a.close();
    await a.close();
    await asked;
    await until(
      () => contexts[0]!.signal.aborted,
      "the signal of the handler aborts",
    );
  },
};
