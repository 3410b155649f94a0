/** HL7 over MLLP: our sender with python-hl7's server, its client with our receiver. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { mllpReceiver } from "../../examples/conversations/mllp_receiver.ts";
import {
  type MllpSender,
  mllpSender,
} from "../../examples/conversations/mllp_sender.ts";
import { connect, framed, text } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { hl7Mllp } from "../../src/presets/mod.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import { noHl7, sendWithHl7, startHl7 } from "./servers/hl7.ts";
import { ways } from "./through.ts";

const skip = noHl7;
const ids = (length: number) => Array.from({ length }, (_, n) => `ID${n}/2026`);

/** An admission. */
function admission(id: string, patient = "Grüße^Ärzt"): string {
  const head = "MSH|^~\\&|ADT|WARD|LAB|HOUSE|20260101||ADT^A01^ADT_A01";
  return `${head}|${id}|P|2.5\rPID|1||${id}||${patient}\r`;
}

/** The fields of the segments of an acknowledgement. */
function parse(acknowledgement: unknown): string[][] {
  const segments = String(acknowledgement).split("\r");
  return segments.slice(0, -1).map((segment) => segment.split("|"));
}

/** 120 messages and their acknowledgements, all under way at a time. */
async function converse(sender: MllpSender, count = 120): Promise<void> {
  await Promise.all(
    ids(count).map(async (id) => {
      const [header, answer] = parse(await sender.send(admission(id)));
      assertEquals(answer, ["MSA", "AA", id]);
      assertEquals(header?.slice(2, 6), ["LAB", "HOUSE", "ADT", "WARD"]);
    }),
  );
  assertEquals(sender.peer.stats().strays, {
    late: 0,
    duplicate: 0,
    foreign: 0,
  });
}

for (const way of ways) {
  test(`mllpSender() is acknowledged by python-hl7 ${way.name}`, {
    skip,
  }, async () => {
    await using server = await startHl7();
    await using route = await way.to(server.address);
    await using sender = await mllpSender(route.address);
    await converse(sender);
  });

  test(`mllpReceiver() acknowledges python-hl7 ${way.name}`, {
    skip,
  }, async () => {
    const taken: string[] = [];
    await using server = await mllpReceiver({ port: 0 }, async (message) => {
      const [, , , id] = message.split("\r")[1]!.split("|");
      if (id?.startsWith("ID7")) {
        throw new MessageError("BED", "No | bed\rOBX|1");
      }
      if (id?.startsWith("ID8")) {
        throw new MessageError("APPLICATION_REJECT", "Never");
      }
      await Promise.resolve();
      taken.push(message);
    });
    const { port } = server.address as { port: number };
    await using route = await way.to({ hostname: "127.0.0.1", port });
    const acknowledgements = await sendWithHl7(
      route.address.port,
      ids(100).map((id) => admission(id)),
    );
    assert(Array.isArray(acknowledgements));
    const answers = acknowledgements.map((acknowledgement) => {
      const [header, answer] = parse(acknowledgement);
      assertEquals(header?.slice(2, 6), ["LAB", "HOUSE", "ADT", "WARD"]);
      assertEquals(header?.slice(8), [
        "ACK^A01",
        `${answer?.[2]}A`,
        "P",
        "2.5",
      ]);
      return answer;
    });
    const expected = ids(100).map((id) => {
      if (id.startsWith("ID7")) return ["MSA", "AE", id, "No   bed OBX 1"];
      if (id.startsWith("ID8")) return ["MSA", "AR", id, "Never"];
      return ["MSA", "AA", id, ""];
    });
    assertEquals(answers, expected);
    const accepted = ids(100).filter((id) => !/^ID[78]/.test(id));
    assertEquals(taken, accepted.map((id) => admission(id)));
  });
}

test("mllpSender() rejects what is open when python-hl7 is killed", {
  skip,
}, async () => {
  await using server = await startHl7();
  await using sender = await mllpSender(server.address);
  await converse(sender, 20);
  await killWithOpen(server, (n) => sender.send(admission(`K${n}`)));
  await using next = await mllpSender(server.address);
  await converse(next, 20);
});

test("mllpSender() rejects with the refusals of mllpReceiver()", async () => {
  await using receiver = await mllpReceiver({ port: 0 }, (message) => {
    if (message.includes("|AE|")) throw new MessageError("BED", "No bed");
    if (message.includes("|AR|")) {
      throw new MessageError("APPLICATION_REJECT", "Never");
    }
  });
  await using sender = await mllpSender(receiver.address);
  const refused = async (id: string) => {
    const error = await assertRejects(
      () => sender.send(admission(id)),
      MessageError,
    );
    return [error.code, error.message];
  };
  assertEquals(
    await Promise.all([
      refused("AE"),
      sender.send(admission("AA")).then(parse)
        .then(([, answer]) => answer),
      refused("AR"),
    ]),
    [
      ["APPLICATION_ERROR", "No bed"],
      ["MSA", "AA", "AA", ""],
      ["APPLICATION_REJECT", "Never"],
    ],
  );
});

test("mllpReceiver() refuses with AE what is no HL7 message", async () => {
  await using receiver = await mllpReceiver({ port: 0 }, () => undefined);
  await using connection = framed(
    await connect(receiver.address),
    text(hl7Mllp()),
  );
  await connection.send("hello");
  const [, answer] = parse(await connection.receive());
  assertEquals(answer, ["MSA", "AE", "", "No segment MSH"]);
});

test("mllpSender() sends a message again that was given up, with its control id", async () => {
  const finish: (() => void)[] = [];
  await using receiver = await mllpReceiver(
    { port: 0 },
    () => new Promise((resolve) => void finish.push(resolve)),
  );
  await using sender = await mllpSender(receiver.address);
  const message = admission("42");
  const first = sender.peer.request("request", message, {
    signal: AbortSignal.timeout(20),
  });
  await assertRejects(() => first, DOMException);
  const second = sender.send(message);
  const third = await assertRejects(() => sender.send(message), MessageError);
  assertEquals(third.code, "TOO_MANY_REQUESTS"); // it is under way
  await until(() => finish.length === 2);
  finish.forEach((end) => end());
  assertEquals(parse(await second)[1], ["MSA", "AA", "42", ""]);
  await until(() => sender.peer.stats().strays.duplicate === 1);
});
