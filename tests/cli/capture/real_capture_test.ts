/** A real capture. */

import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { randomCut } from "../../support/cuts.ts";
import { eventsOf, told } from "./told.ts";

/** What tcpdump wrote of a conversation on the loopback interface of Linux. */
const REAL = new Uint8Array(Buffer.from(
  `
1MOyoQIABAAAAAAAAAAAAAAABAABAAAAE0gJa12xBQBKAAAASgAAAAAAAAAAAAAAAAAAAAgARQAAPLab
QABABoYefwAAAX8AAAHXMLgT2JdzqwAAAACgAv/X/jAAAAIE/9cEAggKF2roBAAAAAABAwMKE0gJa2qx
BQBKAAAASgAAAAAAAAAAAAAAAAAAAAgARQAAPAAAQABABjy6fwAAAX8AAAG4E9cwxok/4NiXc6ygEv/L
/jAAAAIE/9cEAggKhZ/fEBdq6AQBAwMKE0gJa3exBQBCAAAAQgAAAAAAAAAAAAAAAAAAAAgARQAANLac
QABABoYlfwAAAX8AAAHXMLgT2JdzrMaJP+GAEABA/igAAAEBCAoXaugEhZ/fEBNICWuysQUASAAAAEgA
AAAAAAAAAAAAAAAAAAAIAEUAADq2nUAAQAaGHn8AAAF/AAAB1zC4E9iXc6zGiT/hgBgAQP4uAAABAQgK
F2roBIWf3xBoZWxsbwoTSAlruLEFAEIAAABCAAAAAAAAAAAAAAAAAAAACABFAAA0JJhAAEAGGCp/AAAB
fwAAAbgT1zDGiT/h2JdzsoAQAED+KAAAAQEICoWf3xAXaugEE0gJayeyBQBJAAAASQAAAAAAAAAAAAAA
AAAAAAgARQAAOySZQABABhgifwAAAX8AAAG4E9cwxok/4diXc7KAGABA/i8AAAEBCAqFn98QF2roBCtI
RUxMTwoTSAlrMrIFAEIAAABCAAAAAAAAAAAAAAAAAAAACABFAAA0tp5AAEAGhiN/AAABfwAAAdcwuBPY
l3Oyxok/6IAQAED+KAAAAQEIChdq6ASFn98QE0gJa2+yBQBIAAAASAAAAAAAAAAAAAAAAAAAAAgARQAA
OrafQABABoYcfwAAAX8AAAHXMLgT2JdzssaJP+iAGABA/i4AAAEBCAoXaugEhZ/fEHdvcmxkChNICWuY
sgUASQAAAEkAAAAAAAAAAAAAAAAAAAAIAEUAADskmkAAQAYYIX8AAAF/AAABuBPXMMaJP+jYl3O4gBgA
QP4vAAABAQgKhZ/fEBdq6AQrV09STEQKE0gJa8myBQBCAAAAQgAAAAAAAAAAAAAAAAAAAAgARQAANLag
QABABoYhfwAAAX8AAAHXMLgT2JdzuMaJP++AEQBA/igAAAEBCAoXaugEhZ/fEBNICWvvsgUAQgAAAEIA
AAAAAAAAAAAAAAAAAAAIAEUAADQkm0AAQAYYJ38AAAF/AAABuBPXMMaJP+/Yl3O5gBEAQP4oAAABAQgK
hZ/fERdq6AQTSAlr/rIFAEIAAABCAAAAAAAAAAAAAAAAAAAACABFAAA0tqFAAEAGhiB/AAABfwAAAdcw
uBPYl3O5xok/8IAQAED+KAAAAQEIChdq6AWFn98R
`,
  "base64",
));

test("CaptureReader reads what tcpdump has written, however it is cut", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const events = eventsOf(randomCut(REAL, seed));
    assertEquals(
      events.map((event) => `${event.time} ${told(event)}`),
      [
        "0 1 open 127.0.0.1:55088 > 127.0.0.1:47123",
        '0.085 1 > "hello\\n"',
        '0.202 1 < "+HELLO\\n"',
        '0.274 1 > "world\\n"',
        '0.315 1 < "+WORLD\\n"',
        "0.364 1 > end",
        "0.402 1 < end",
        "0.402 1 close",
      ],
    );
  }
});
