/** How the rows of the state table of a link are tested. */
import { test } from "node:test";
import {
  delimited,
  type Framed,
  framed,
  type FramedOptions,
  text,
} from "../../mod.ts";
import { ScriptedTransport, turn } from "./scripted_transport.ts";
import { type Got, startTaking, waiters } from "./waiters.ts";

/** Both ends of what is tested. */
export interface Made {
  readonly wire: ScriptedTransport;
  readonly link: Framed<string>;
}

/** Lines whose last must have its end, too. */
const codec = text(delimited({ delimiter: "\n", maxFrameLength: 9 }));

/** A link over a transport that does what the test says. */
export function makeLink(options?: FramedOptions): Made {
  const wire = new ScriptedTransport();
  return { wire, link: framed(wire, codec, options) };
}

/**
 * Runs a row for each way to take frames: by those who wait when it happens, and
 * by those who come later.
 */
export function testRow(
  name: string,
  happen: (made: Made) => void | Promise<void>,
  check: (got: Got, made: Made) => void | Promise<void>,
): void {
  for (const way of Object.keys(waiters)) {
    test(`Link: ${name}, while ${way} waits`, async () => {
      const made = makeLink();
      const got = startTaking(made.link, way);
      await turn();
      await happen(made);
      await turn();
      await check(got, made);
    });
    test(`Link: ${name}, before ${way}`, async () => {
      const made = makeLink();
      await happen(made);
      await turn();
      const got = startTaking(made.link, way);
      await turn();
      await check(got, made);
    });
  }
}

/** What a promise that may never settle has come to: its value or its error. */
export async function soon(promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([
    promise.then((value) => value, (error) => error),
    turn().then(() => "pending"),
  ]);
}

/** What `receiveBytes` gives: its text, and how it ended. */
export function startReading(link: Framed<string>, length: number): Got {
  const got: Got = { frames: [], outcome: undefined };
  const decoder = new TextDecoder();
  (async () => {
    for await (const chunk of link.receiveBytes(length)) {
      got.frames.push(decoder.decode(chunk));
    }
    got.outcome = "end";
  })().catch((error) => got.outcome = error);
  return got;
}
