import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { md5 } from "../../src/algorithms/mod.ts";
import type { Codec } from "../../src/codec/mod.ts";
import * as presets from "../../src/presets/mod.ts";

type Make = (options: object) => Codec<never, unknown>;

/** All presets by their names, with the options that they cannot be without. */
const makers: readonly [name: string, make: Make][] = Object
  .entries<unknown>({
    ...presets,
    erlang: (options: object) => presets.erlang(4, options),
    netty: (options: object) =>
      presets.netty({
        maxFrameLength: 9,
        lengthFieldOffset: 0,
        lengthFieldLength: 1,
        ...options,
      }),
    mnetSocket: (options: object) =>
      presets.mnetSocket({ endian: "big", ...options }),
    remoteCommand: (options: object) =>
      presets.remoteCommand({ digest: md5, ...options }),
  })
  // A value of `resp`, not a codec.
  .filter(([name]) => name !== "respCommand")
  .map(([name, make]) => [name, make as Make]);

for (const [name, make] of makers) {
  test(`${name}() describes itself, and refuses an option that it does not have`, () => {
    assertEquals(make({}).description?.kind, `preset:${name}`);
    const error = assertThrows(() => make({ colour: "red" }), TypeError);
    assertEquals(
      (error as TypeError).message,
      `Cannot use colour: ${name} has no such option`,
    );
  });
}

const schema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
  },
} as const;

test("a preset is described by what it was given and by what it is made of", () => {
  const onSkip = () => undefined;
  const limits = { maxFrameLength: 9, onOversize: "skip", onSkip } as const;
  assertEquals(presets.erlang(2, limits).description, {
    kind: "preset:erlang",
    options: { packet: 2, maxFrameLength: 9, onOversize: "skip" },
    over: {
      kind: "lengthPrefixed",
      options: { maxFrameLength: 9, onOversize: "skip", lengthBytes: 2 },
    },
  });
  assertEquals(presets.gob({ copy: true }).description, {
    kind: "preset:gob",
    options: { copy: true },
  });
  assertEquals(presets.jsonSeq(schema, { onInvalid: "skip" }).description, {
    kind: "preset:jsonSeq",
    options: { schema, onInvalid: "skip" },
  });
});

const slips: readonly [call: () => unknown, message: string][] = [
  [
    () => presets.kafka({ maxFrameLenght: 5 } as object),
    "Cannot use maxFrameLenght: kafka has no such option, did you mean maxFrameLength?",
  ],
  // An option of the codec that it is made of.
  [
    () => presets.dnsTcp({ endian: "little" } as object),
    "Cannot use endian: dnsTcp has no such option",
  ],
  [
    () => presets.erlang(4, { packet: 2 } as object),
    "Cannot use packet: erlang has no such option",
  ],
  [
    () => presets.ndjson(schema, { onInvalidd: "skip" } as object),
    "Cannot use onInvalidd: ndjson has no such option, did you mean onInvalid?",
  ],
  [
    () => presets.ndjson({ schema } as object),
    "Cannot use schema: ndjson has no such option",
  ],
];

for (const [call, message] of slips) {
  test(`a preset refuses an option that it does not have: ${message}`, () => {
    const error = assertThrows(call, TypeError);
    assertEquals((error as TypeError).message, message);
  });
}
