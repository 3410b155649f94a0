// Programs of Debian that answer what the presets write: Git, Redis, Mosquitto.

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Codec, connect, framed } from "../../mod.ts";
import type { GitPacket, RespValue } from "../../src/presets/mod.ts";
import { gitPktLine, mqtt, resp } from "../../src/presets/mod.ts";
import { Child } from "../interop/child.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { needs } from "./peer.ts";

test(
  "gitPktLine() asks git upload-pack for the refs of an empty repository",
  needs("no git on this machine", "git", "--version"),
  () => {
    using folder = temporaryFolder();
    const git = (input: string | Uint8Array, ...args: readonly string[]) =>
      spawnSync("git", args, {
        input,
        env: { ...process.env, GIT_PROTOCOL: "version=2" },
      });
    git("", "init", "--quiet", "--initial-branch=main", folder.path);
    const request: readonly GitPacket[] = [
      utf8("command=ls-refs\n"),
      utf8("object-format=sha1"),
      "delimiter",
      utf8("symrefs\n"),
      utf8("unborn\n"),
      "flush",
    ];
    const codec = gitPktLine();
    const { stdout, stderr } = git(
      concat(request.map((packet) => codec.encode(packet))),
      "upload-pack",
      "--stateless-rpc",
      folder.path,
    );
    assertEquals(`${stderr}`, "");
    assertEquals(codec.decode(stdout), [
      utf8("unborn HEAD symref-target:refs/heads/main\n"),
      "flush",
    ]);
  },
);

test(
  "resp() talks to redis-server, RESP2 and RESP3",
  needs(
    "no Redis on this machine (Debian: redis-server)",
    "redis-server",
    "--version",
  ),
  async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "redis.sock");
    await using server = new Child([
      "redis-server",
      ...["--port", "0", "--unixsocket", path],
      ...["--save", "", "--appendonly", "no", "--dir", folder.path],
    ]);
    await server.printed("eady to accept connections");
    const bulk = (text: string): RespValue => ({
      type: "bulk",
      value: utf8(text),
    });
    const command = (...words: readonly string[]): RespValue => ({
      type: "array",
      value: words.map(bulk),
    });
    const value = "a".repeat(100_000) + "\r\n你";
    assertEquals(
      await replies(path, resp(), [
        command("SET", "key", value),
        command("GET", "key"),
        command("GET", "none"),
        command("LPUSH", "key", "a"),
        command("HELLO", "3"),
        command("GET", "none"),
        command("SADD", "set", "m"),
        command("SMEMBERS", "set"),
        command("ZADD", "z", "1.5", "m"),
        command("ZSCORE", "z", "m"),
      ], 10).then((got) => got.filter(({ type }) => type !== "map")),
      [
        { type: "string", value: "OK" },
        bulk(value),
        { type: "bulk", value: null },
        {
          type: "error",
          value:
            "WRONGTYPE Operation against a key holding the wrong kind of value",
        },
        { type: "null", value: null },
        { type: "integer", value: 1 },
        { type: "set", value: [bulk("m")] },
        { type: "integer", value: 1 },
        { type: "double", value: 1.5 },
      ],
    );
    // Thousands of values within each other.
    const [docs] = await replies(path, resp(), [command("COMMAND")], 1);
    assertEquals(resp().decode(resp().encode(docs!)), [docs!]);
  },
);

test(
  "mqtt() talks to mosquitto, with a length of three bytes",
  needs(
    "no Mosquitto on this machine (Debian: mosquitto)",
    "sh",
    "-c",
    "command -v mosquitto",
  ),
  async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "mosquitto.sock");
    const configuration = join(folder.path, "mosquitto.conf");
    writeFileSync(
      configuration,
      `listener 0 ${path}\nallow_anonymous true\nuser root\n`,
    );
    await using broker = new Child(["mosquitto", "-c", configuration]);
    await broker.printed("running");
    // 20,003 is 23 9c 01, seven bits each.
    const publish = concat([
      hex("30 a39c01 0001 61"),
      new Uint8Array(20_000).fill(7),
    ]);
    assertEquals(
      await replies(path, mqtt(), [
        hex("100d 0004 4d515454 04 02 003c 0001 73"), // CONNECT
        hex("8206 0001 0001 61 00"), // SUBSCRIBE
        publish,
        hex("c000"), // PINGREQ
      ], 4),
      [
        hex("2002 0000"),
        hex("9003 0001 00"),
        publish,
        hex("d000"),
      ],
    );
  },
);

/** Sends frames to a Unix socket, which no other process can take, and returns as many as are to come back. */
async function replies<T>(
  path: string,
  codec: Codec<T>,
  frames: readonly T[],
  count: number,
): Promise<T[]> {
  await using peer = framed(await connect({ path }), codec);
  for (const frame of frames) await peer.send(frame);
  const got: T[] = [];
  for await (const frame of peer) {
    if (got.push(frame) === count) break;
  }
  return got;
}

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "framewire-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}
