import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { md5, sha256 } from "../../src/algorithms/mod.ts";
import {
  ByteWriter,
  type Digest,
  jsonHeader,
  type JsonHeaderFrame,
  type JsonHeaderOptions,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const hi = utf8("HI");
const md5OfHi = "bf8c144140b15befb8ce662632a7b76e";

/** A frame with any header, written out by hand. */
function frameOf(header: string | Uint8Array, body: string = ""): Uint8Array {
  const bytes = typeof header === "string" ? utf8(header) : header;
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat([length, bytes, utf8(body)]);
}

const first = frameOf('{"length":2}', "HI");
const firstFrame: JsonHeaderFrame = { header: { length: 2 }, body: hi };

// Layouts

test("jsonHeader() lays a frame out as its options say", () => {
  const layouts: [JsonHeaderOptions, string, string][] = [
    [{}, "0000000c", '{"length":2}'],
    [{ endian: "little" }, "0c000000", '{"length":2}'],
    [{ lengthKey: "size" }, "0000000a", '{"size":2}'],
    [{ fields: { ver: "1" } }, "00000016", '{"ver":"1","length":2}'],
    [{ digest: md5 }, "00000035", `{"md5":"${md5OfHi}","length":2}`],
    [{ digest: [] }, "0000000c", '{"length":2}'],
  ];
  for (const [options, length, header] of layouts) {
    const codec = jsonHeader(options);
    const bytes = concat([hex(length), utf8(header), hi]);
    assertEquals(codec.encode({ body: hi }), bytes);
    assertDecodes(() => codec, bytes, {
      frames: [{ header: JSON.parse(header), body: hi }],
    });
  }
});

test("jsonHeader() reads what the tutorial's Python server writes", () => {
  // struct.pack("i", len(head)) + json.dumps(head).encode() + b"hello\n"
  const head = '{"ver": "1", "md5": "b1946ac92492d2347c6235b4d2611184", ' +
    '"lenth": 6}';
  const bytes = concat([hex("43000000"), utf8(head), utf8("hello\n")]);
  assertStrictEquals(head.length, 0x43);
  assertDecodes(
    () => jsonHeader({ endian: "little", lengthKey: "lenth", digest: md5 }),
    bytes,
    { frames: [{ header: JSON.parse(head), body: utf8("hello\n") }] },
  );
});

test("jsonHeader() takes empty bodies and headers in any script", () => {
  const header = { name: "世界 ä 😀", nested: { list: [1, null, true] } };
  const codec = jsonHeader();
  const bytes = codec.encode({ header, body: hex("") });
  assertDecodes(() => codec, concat([bytes, first]), {
    frames: [{ header: { ...header, length: 0 }, body: hex("") }, firstFrame],
  });
});

test("jsonHeader() takes white space around and in the header", () => {
  assertDecodes(() => jsonHeader(), frameOf(' {\n "length" : 2.0 } ', "HI"), {
    frames: [firstFrame],
  });
});

test("jsonHeader() gives a frame back as it was handed out", () => {
  const codec = jsonHeader({ digest: [sha256, md5], fields: { ver: "1" } });
  const bytes = codec.encode({ header: { ver: "2", name: "a" }, body: hi });
  const [frame] = codec.decode(bytes);
  assertEquals(Object.keys(frame!.header), [
    "ver",
    "name",
    "sha-256",
    "length",
  ]);
  assertStrictEquals(frame!.header["ver"], "2");
  assertEquals(codec.encode(frame!), bytes);
});

test("jsonHeader() writes the length and the digest of the body it sends", () => {
  const codec = jsonHeader({ digest: [md5, sha256] });
  const stale = { length: 99, md5: "00", "sha-256": "00" };
  const [frame] = codec.decode(codec.encode({ header: stale, body: hi }));
  assertEquals(frame?.header, { length: 2, md5: md5OfHi });
});

// Headers that are none

test("jsonHeader() refuses a header that is not JSON in UTF-8", () => {
  const headers = [
    "",
    "{",
    "length: 2",
    "{'length': 2}",
    '{"length":2}}',
    '\ufeff{"length":2}',
    '{"length":02}',
    '{"length":NaN}',
    concat([utf8('{"a":"'), hex("ff"), utf8('","length":2}')]),
  ];
  for (const header of headers) {
    assertDecodes(
      () => jsonHeader(),
      concat([first, frameOf(header, "HI")]),
      {
        frames: [firstFrame],
        error: { code: "HEADER_INVALID", offset: first.length },
      },
    );
  }
});

test("jsonHeader() refuses a header that is not an object", () => {
  for (const header of ["null", "2", '"length"', "[2]", "true"]) {
    assertDecodes(() => jsonHeader(), frameOf(header, "HI"), {
      frames: [],
      error: { code: "HEADER_INVALID", offset: 0 },
    });
  }
  const { expected, got } = frameError(() =>
    jsonHeader().decode(frameOf("[2]"))
  );
  assertStrictEquals(expected, "a JSON object");
  assertStrictEquals(got, "an array");
});

test("jsonHeader() refuses a length that is missing, negative, fractional or no number", () => {
  const lengths: [string, string][] = [
    ["{}", "nothing"],
    ['{"Length":2}', "nothing"],
    ['{"length":-1}', "-1"],
    ['{"length":1.5}', "1.5"],
    ['{"length":"2"}', '"2"'],
    ['{"length":null}', "null"],
    ['{"length":true}', "true"],
    ['{"length":[2]}', "an array"],
    ['{"length":{}}', "an object"],
    ['{"length":1e999}', "Infinity"],
    ['{"__proto__":{"length":2}}', "nothing"],
  ];
  for (const [header, got] of lengths) {
    const make = () => jsonHeader({ onOversize: "skip" });
    assertDecodes(make, concat([first, frameOf(header, "HI")]), {
      frames: [firstFrame],
      error: { code: "LENGTH_INVALID", offset: first.length },
    });
    const error = frameError(() => make().decode(frameOf(header, "HI")));
    assertStrictEquals(error.expected, 'a whole number from 0 on as "length"');
    assertStrictEquals(error.got, got);
  }
});

test("jsonHeader() takes no length from the prototype of an object", () => {
  for (const lengthKey of ["constructor", "toString", "__proto__"]) {
    assertDecodes(() => jsonHeader({ lengthKey }), frameOf("{}", "HI"), {
      frames: [],
      error: { code: "LENGTH_INVALID", offset: 0 },
    });
  }
});

test("jsonHeader() takes no digest from the prototype of an object", () => {
  const digest: Digest = { name: "constructor", compute: () => "00" };
  assertDecodes(() => jsonHeader({ digest }), first, {
    frames: [],
    error: { code: "DIGEST_UNKNOWN", offset: 0 },
  });
});

test("jsonHeader() refuses huge lengths before a byte of the body has come", () => {
  for (
    const length of ["4000000000", "9007199254740993", "1e300", "1048577"]
  ) {
    assertDecodes(() => jsonHeader(), frameOf(`{"length":${length}}`), {
      frames: [],
      error: { code: "FRAME_TOO_LARGE", offset: 0 },
    });
  }
});

test("jsonHeader() is not harmed by a header with the key __proto__", () => {
  const text = '{"__proto__":{"polluted":true},"length":2}';
  const codec = jsonHeader();
  const [frame] = codec.decode(frameOf(text, "HI"));
  const { header } = frame!;
  assertEquals(Object.keys(header), ["__proto__", "length"]);
  assertStrictEquals(Object.getPrototypeOf(header), Object.prototype);
  assertStrictEquals(header["polluted"], undefined);
  assertStrictEquals(({} as Record<string, unknown>)["polluted"], undefined);
  assertEquals(codec.encode(frame!), frameOf(text, "HI"));
});

// Limits

test("jsonHeader() holds bodies to the limit in both directions", () => {
  const codec = jsonHeader({ maxFrameLength: 2 });
  assertDecodes(() => codec, concat([first, frameOf('{"length":3}', "abc")]), {
    frames: [firstFrame],
    error: { code: "FRAME_TOO_LARGE", offset: first.length },
  });
  assertEquals(codec.encode({ body: hi }), first);
  const error = frameError(() => codec.encode({ body: utf8("abc") }));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
});

test("jsonHeader() holds headers to a limit of their own in both directions", () => {
  const codec = jsonHeader({ maxHeaderLength: 12 });
  const body = new Uint8Array(10);
  for (const onOversize of ["error", "skip"] as const) {
    assertDecodes(
      () => jsonHeader({ maxHeaderLength: 12, onOversize }),
      concat([first, hex("0000000d")]),
      {
        frames: [firstFrame],
        error: { code: "FRAME_TOO_LARGE", offset: first.length },
      },
    );
  }
  assertEquals(codec.encode({ body: hi }), first);
  const output = new ByteWriter();
  const error = frameError(() => codec.encoder().encode({ body }, output));
  assertStrictEquals(
    error.message,
    "The header is too large: expected at most 12 bytes (maxHeaderLength), got 13 bytes",
  );
  assertStrictEquals(output.length, 0);
});

test("jsonHeader() limits headers to 8 KiB by default", () => {
  const codec = jsonHeader();
  const padding = "x".repeat(8192 - '{"a":"","length":0}'.length);
  const body = hex("");
  const bytes = codec.encode({ header: { a: padding }, body });
  assertStrictEquals(bytes.length, 4 + 8192);
  assertStrictEquals(codec.decode(bytes).length, 1);
  const header = { a: `${padding}x` };
  const refused = frameError(() => codec.encode({ header, body }));
  assertStrictEquals(refused.code, "FRAME_TOO_LARGE");
  for (const length of ["00002001", "7fffffff", "ffffffff"]) {
    const error = frameError(() => codec.decode(hex(length)));
    assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  }
});

test("jsonHeader() passes over bodies over the limit when asked to", () => {
  assertDecodes(
    (onSkip) => jsonHeader({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    concat([frameOf('{"length":3}', "abc"), first]),
    { frames: [firstFrame], skipped: [0] },
  );
});

// Digests

test("jsonHeader() refuses a body with another digest, once the body is there", () => {
  const header = `{"md5":"${md5OfHi}","length":2}`;
  const good = frameOf(header, "HI");
  assertDecodes(
    () => jsonHeader({ digest: md5 }),
    concat([good, frameOf(header, "HO"), good]),
    {
      frames: [{ header: JSON.parse(header), body: hi }],
      error: { code: "CHECKSUM_MISMATCH", offset: good.length },
    },
  );
  const error = frameError(() =>
    jsonHeader({ digest: md5 }).decode(frameOf(header, "HO"))
  );
  assertStrictEquals(error.expected, md5.compute(utf8("HO")));
  assertStrictEquals(error.got, `"${md5OfHi}"`);
});

test("jsonHeader() refuses a digest that is no lower-case hexadecimal", () => {
  for (const got of [`"${md5OfHi.toUpperCase()}"`, "null", "5", '""', "[]"]) {
    assertDecodes(
      () => jsonHeader({ digest: md5 }),
      frameOf(`{"md5":${got},"length":2}`, "HI"),
      { frames: [], error: { code: "CHECKSUM_MISMATCH", offset: 0 } },
    );
  }
});

test("jsonHeader() checks every digest that a header has", () => {
  const digest = [sha256, md5];
  const right = { "sha-256": sha256.compute(hi), md5: md5OfHi };
  const decode = (header: Record<string, unknown>) =>
    jsonHeader({ digest }).decode(
      frameOf(JSON.stringify({ ...header, length: 2 }), "HI"),
    );
  assertStrictEquals(decode(right).length, 1);
  assertStrictEquals(decode({ md5: right.md5 }).length, 1);
  assertStrictEquals(decode({ "sha-256": right["sha-256"] }).length, 1);
  for (const wrong of [{ md5: "00" }, { "sha-256": "00" }]) {
    const error = frameError(() => decode({ ...right, ...wrong }));
    assertStrictEquals(error.code, "CHECKSUM_MISMATCH");
  }
});

test("jsonHeader() refuses a header without any of the digests, before the body comes", () => {
  const digest = [sha256, md5];
  for (const header of ['{"length":2}', '{"sha1":"00","length":2}']) {
    assertDecodes(() => jsonHeader({ digest }), frameOf(header), {
      frames: [],
      error: { code: "DIGEST_UNKNOWN", offset: 0 },
    });
  }
  const error = frameError(() => jsonHeader({ digest }).decode(first));
  assertStrictEquals(error.expected, "sha-256 or md5");
});

test("jsonHeader() ignores digests that it was not asked to check", () => {
  const header = '{"md5":"00","length":2}';
  assertDecodes(() => jsonHeader(), frameOf(header, "HI"), {
    frames: [{ header: JSON.parse(header), body: hi }],
  });
});

test("jsonHeader() takes a digest that is an object of a class", () => {
  class Sum implements Digest {
    readonly name: string = "sum";
    readonly #digits: number = 4;
    compute(bytes: Uint8Array): string {
      const sum = bytes.reduce((sum, byte) => sum + byte, 0);
      return sum.toString(16).padStart(this.#digits, "0");
    }
  }
  const codec = jsonHeader({ digest: new Sum() });
  const [frame] = codec.decode(codec.encode({ body: hi }));
  assertStrictEquals(frame?.header["sum"], "0091");
});

// Ends of the stream

test("jsonHeader() takes only an end between two frames for a clean one", () => {
  assertDecodes(() => jsonHeader(), hex(""), { frames: [] });
  const whole = frameOf('{"length":3}', "abc");
  for (const length of [1, 4, 5, 15, 16, 18]) {
    assertDecodes(
      () => jsonHeader(),
      concat([first, whole.slice(0, length)]),
      {
        frames: [firstFrame],
        error: { code: "FRAME_TRUNCATED", offset: first.length },
      },
    );
  }
});

// The encoder

test("jsonHeader() refuses a header that cannot become JSON, and writes nothing", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const output = new ByteWriter();
  const encoder = jsonHeader().encoder();
  for (const header of [cyclic, { big: 1n }]) {
    const error = frameError(() =>
      encoder.encode({ header, body: hi }, output)
    );
    assertStrictEquals(error.code, "HEADER_INVALID");
    assert(error.cause instanceof TypeError);
    assertStrictEquals(output.length, 0);
  }
});

test("jsonHeader() does not change the header that it is given", () => {
  const header = Object.freeze({ name: "a", md5: "00" });
  const fields = Object.freeze({ ver: "1" });
  jsonHeader({ digest: [sha256, md5], fields }).encode({ header, body: hi });
  assertEquals(header, { name: "a", md5: "00" });
});

// Options

test("jsonHeader() refuses options that it cannot use", () => {
  const endian = "middle" as unknown as "big";
  assertThrows(() => jsonHeader({ endian }), TypeError, "Cannot use endian");
  for (const maxHeaderLength of [-1, 0.5, NaN, 2 ** 32]) {
    assertThrows(
      () => jsonHeader({ maxHeaderLength }),
      RangeError,
      "Cannot use maxHeaderLength",
    );
  }
});

// Work

test("jsonHeader() parses a header once and takes time linear in the bytes", () => {
  const length = 1 << 16;
  const codec = jsonHeader();
  const header = { padding: "x".repeat(4000) };
  const bytes = codec.encode({ header, body: new Uint8Array(length) });
  const { parse } = JSON;
  let parsed = 0;
  JSON.parse = (text: string) => {
    parsed++;
    return parse(text);
  };
  try {
    const { frame } = decodeByteByByte(codec, bytes);
    assertStrictEquals(frame?.body.length, length);
    assertStrictEquals(parsed, 1);
  } finally {
    JSON.parse = parse;
  }
});

test("jsonHeader() hands out bodies as views, or as copies when asked to", () => {
  const [view] = jsonHeader().decode(first);
  assertStrictEquals(view?.body.buffer, first.buffer);
  const [copy] = jsonHeader({ copy: true }).decode(first);
  assertStrictEquals(copy?.body.buffer.byteLength, 2);
});

// Laws

test("jsonHeader() gives back what was encoded, however it is cut", () => {
  const frame = fc.record({
    header: fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null)),
      { noNullPrototype: true },
    ),
    body: fc.uint8Array({ maxLength: 20 }),
  });
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 4 }),
    fc.array(fc.nat(500)),
    fc.constantFrom("big" as const, "little" as const),
    (frames, indices, endian) => {
      const codec = jsonHeader({ endian, digest: md5 });
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(() => codec, cutAt(bytes, indices)), {
        frames: frames.map(({ header, body }) => ({
          header: { ...header, md5: md5.compute(body), length: body.length },
          body,
        })),
        skipped: [],
        error: undefined,
      });
    },
  ));
});
