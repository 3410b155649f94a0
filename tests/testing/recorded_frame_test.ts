import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  formatRecording,
  parseRecording,
  type RecordedFrame,
  RecordingError,
} from "../../src/testing/mod.ts";

const frames: fc.Arbitrary<RecordedFrame[]> = fc.array(fc.record({
  time: fc.double({ min: 0, max: 1e9, noNaN: true }),
  direction: fc.constantFrom("toServer", "toClient"),
  connection: fc.integer({ min: 1 }),
  offset: fc.maxSafeNat(),
  data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
}, { noNullPrototype: true }));

test("parseRecording() reads what formatRecording() has written", () => {
  fc.assert(fc.property(frames, (given) => {
    const text = formatRecording(given);
    assertEquals(text.split("\n").length, given.length + 1);
    assertEquals(parseRecording(text), given);
    assertEquals(parseRecording(text.replace(/\n$/, "")), given);
    assertEquals(given.map((one) => formatRecording([one])).join(""), text);
  }));
});

test("formatRecording() writes data longer than a call takes arguments", () => {
  const data = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
  const frame: RecordedFrame = {
    time: 0,
    direction: "toClient",
    connection: 1,
    offset: 0,
    data,
  };
  assertEquals(parseRecording(formatRecording([frame])), [frame]);
});

test("parseRecording() passes over properties that it does not know", () => {
  const line =
    '{"text":"hi","time":1,"direction":"toServer","connection":2,"offset":3,"length":2,"data":"aGk="}\r\n';
  assertEquals(parseRecording(line), [{
    time: 1,
    direction: "toServer",
    connection: 2,
    offset: 3,
    data: Uint8Array.of(0x68, 0x69),
  }]);
});

test("parseRecording() says which line is wrong, and how", () => {
  const good = {
    time: 1,
    direction: "toServer",
    connection: 1,
    offset: 0,
    length: 1,
    data: "AA==",
  };
  const wrong: readonly (readonly [line: string, message: string])[] = [
    ["", 'a frame as a JSON object, got ""'],
    ["{", 'a frame as a JSON object, got "{"'],
    ["[1]", "a frame as a JSON object, got an array"],
    ...([
      [{ time: -1 }, "time in milliseconds from 0 on, got -1"],
      [{ time: "1" }, 'time in milliseconds from 0 on, got "1"'],
      [
        { direction: "up" },
        'direction to be "toServer" or "toClient", got "up"',
      ],
      [{ connection: 0 }, "connection as a whole number from 1 on, got 0"],
      [{ connection: 1.5 }, "connection as a whole number from 1 on, got 1.5"],
      [{ offset: -1 }, "offset as a whole number from 0 on, got -1"],
      [{ data: "?" }, 'data in Base64, got "?"'],
      [{ data: undefined }, "data in Base64, got undefined"],
      [{ length: 2 }, "length 1, which data has, got 2"],
    ] as const).map(([change, message]) =>
      [JSON.stringify({ ...good, ...change }), message] as const
    ),
  ];
  for (const [line, message] of wrong) {
    const text = `${JSON.stringify(good)}\n${line}\n${JSON.stringify(good)}\n`;
    const error = assertThrows(() => parseRecording(text), RecordingError);
    assertEquals(error.line, 2);
    assertEquals(
      error.message,
      `Cannot read line 2 of the recording: expected ${message}`,
    );
    assertEquals(message, `${error.expected}, got ${error.got}`);
  }
});
