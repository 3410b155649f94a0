import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { FrameError, lengthPrefixed, type ObservedEvent } from "../../mod.ts";
import { type Envelope, envelopes, Peer } from "../../src/message/mod.ts";
import { framed } from "../../mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { peerAndEnvelopes } from "./support.ts";

const header = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-01-01" };

test("the header of a request is its last element, and not there without one", async () => {
  const { peer, other } = peerAndEnvelopes();
  const bare = peer.request("add", 1);
  assertEquals(await other.receive(), ["request", 1, "add", 1]);
  const request = peer.request("add", 1, { header });
  assertEquals(await other.receive(), ["request", 2, "add", 1, header]);
  const items = peer.stream("count", 1, { header });
  const first = items.next();
  assertEquals(await other.receive(), ["stream", 3, "count", 1, 64, header]);
  for (const id of [1, 2, 3]) other.send(["reply", id, null]);
  await Promise.all([bare, request, first]);
  await Promise.all([peer.close(), other.close()]);
});

test("a handler and an observer get the header of a request", async () => {
  const [here, there] = streamPair();
  const events: ObservedEvent[] = [];
  await using answering = new Peer(framed(there, envelopes(), quick), {
    handlers: {
      add: (_, context) => ({ ...context.header }),
      count: async function* (_, context) {
        await Promise.resolve();
        yield { ...context.header };
      },
    },
    observe: (event) => void events.push(event),
  });
  await using asking = new Peer(framed(here, envelopes(), quick));
  assertEquals(await asking.request("add", 1, { header }), header);
  assertEquals(await asking.request("add", 1), {});
  for await (const item of asking.stream("count", 1, { header })) {
    assertEquals(item, header);
  }
  assertEquals(
    events.map((event) => event.type === "request" && event.header),
    [header, undefined, header],
  );
  void answering;
});

test("a header that is no object of texts is refused on both sides", async () => {
  const { peer, other } = peerAndEnvelopes();
  const wrong: unknown[] = [1, "text", null, ["text"], { one: 1 }];
  for (const header of wrong) {
    const options = { header: header as Record<string, string> };
    const error = await assertRejects(
      () => peer.request("add", 1, options),
      TypeError,
    );
    assertEquals(error.message.startsWith("Cannot use header"), true);
  }
  const codec = envelopes(lengthPrefixed());
  for (const header of wrong) {
    const envelopesWithIt = [
      ["request", 1, "add", 1, header],
      ["stream", 1, "add", 1, 64, header],
    ];
    for (const envelope of envelopesWithIt) {
      const bytes = codec.encode(envelope as unknown as Envelope);
      assertThrows(() => codec.decode(bytes), FrameError);
    }
  }
  await Promise.all([peer.close(), other.close()]);
});
