import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as defaults from "../src/defaults.ts";

const { SERVER_TIME_LIMITS, CLIENT_TIME_LIMITS } = defaults;

/** The options whose `@default` is a number, and the constant of each. */
const options: Readonly<Record<string, number>> = {
  "backplane/redis/types.ts maxTopicBytes": defaults.BACKPLANE_MAX_TOPIC_BYTES,
  "backplane/redis/types.ts retentionMs": defaults.REDIS_RETENTION_MS,
  "backplane/memory_system.ts maxTopicBytes":
    defaults.BACKPLANE_MAX_TOPIC_BYTES,
  "backplane/memory_system.ts maxTopics": defaults.BACKPLANE_MAX_TOPICS,
  "backplane/nats/types.ts maxAgeMs": defaults.NATS_MAX_AGE_MS,
  "backplane/nats/types.ts maxBytes": defaults.NATS_MAX_BYTES,
  "backplane/nats/types.ts maxTopicMessages": defaults.NATS_MAX_TOPIC_MESSAGES,
  "backplane/nats/types.ts replicas": 1,
  "backplane/types.ts maxBytes": defaults.BACKPLANE_HISTORY_BYTES,
  "backplane/types.ts timeoutMs": defaults.BACKPLANE_REQUEST_TIMEOUT_MS,
  "codec/define_codec.ts maxDepth": defaults.MAX_DEPTH,
  "codec/define_codec.ts maxFrameLength": defaults.MAX_FRAME_LENGTH,
  "codec/formats/header_prefixed.ts maxHeaderLength":
    defaults.MAX_BINARY_HEADER_LENGTH,
  "codec/types.ts maxFrameLength": defaults.MAX_FRAME_LENGTH,
  "codec/types.ts maxHeaderLength": defaults.MAX_HEADER_LENGTH,
  "codec/views/choose.ts maxHeaderLength": defaults.MAX_BINARY_HEADER_LENGTH,
  "codec/views/compressed.ts maxFrameLength": defaults.MAX_FRAME_LENGTH,
  "codec/views/joined.ts maxFrameLength": defaults.MAX_FRAME_LENGTH,
  "client/attempts.ts initialDelayMs": defaults.RECONNECT_INITIAL_DELAY_MS,
  "client/attempts.ts maxAttempts": Infinity,
  "client/attempts.ts maxDelayMs": defaults.RECONNECT_MAX_DELAY_MS,
  "client/attempts.ts stableAfterMs": defaults.RECONNECT_STABLE_AFTER_MS,
  "exec/command.ts maxConcurrent": defaults.COMMAND_MAX_CONCURRENT,
  "exec/command.ts maxOutput": defaults.COMMAND_MAX_OUTPUT,
  "exec/command.ts timeoutMs": defaults.COMMAND_TIMEOUT_MS,
  "exec/command_runner.ts killGraceMs": defaults.COMMAND_KILL_GRACE_MS,
  "exec/command_runner.ts maxConnections": defaults.COMMAND_MAX_CONNECTIONS,
  "exec/command_runner.ts maxRuns": defaults.COMMAND_MAX_RUNS,
  "exec/command_runner.ts writeTimeoutMs":
    defaults.SERVER_TIME_LIMITS.writeTimeoutMs,
  "exec/remote_run.ts maxBytes": defaults.COLLECT_MAX_BYTES,
  "exec/serve_commands.ts handshakeTimeoutMs":
    defaults.COMMAND_HANDSHAKE_TIMEOUT_MS,
  "exec/serve_commands.ts idleTimeoutMs": defaults.COMMAND_IDLE_TIMEOUT_MS,
  "framed/handshake.ts timeoutMs": defaults.HANDSHAKE_TIMEOUT_MS,
  "framed/heartbeat.ts everyMs": defaults.HEARTBEAT_MS,
  "framed/heartbeat.ts timeoutMs": defaults.HEARTBEAT_TIMEOUT_MS,
  "framed/types.ts bodyTimeoutMs": SERVER_TIME_LIMITS.bodyTimeoutMs,
  "framed/types.ts closeTimeoutMs": defaults.CLOSE_TIMEOUT_MS,
  "framed/types.ts firstFrameTimeoutMs": SERVER_TIME_LIMITS.firstFrameTimeoutMs,
  "framed/types.ts frameTimeoutMs": SERVER_TIME_LIMITS.frameTimeoutMs,
  "framed/types.ts handlerTimeoutMs": SERVER_TIME_LIMITS.handlerTimeoutMs,
  "framed/types.ts handshakeTimeoutMs": defaults.TLS_HANDSHAKE_TIMEOUT_MS,
  "framed/types.ts highWaterMark": defaults.SEND_HIGH_WATER_MARK,
  "framed/types.ts idleTimeoutMs": SERVER_TIME_LIMITS.idleTimeoutMs,
  "framed/types.ts maxSendBuffer": defaults.MAX_SEND_BUFFER,
  "framed/types.ts timeoutMs": Infinity,
  "framed/types.ts writeTimeoutMs": SERVER_TIME_LIMITS.writeTimeoutMs,
  "message/connect_service.ts heartbeatMs": defaults.SERVICE_HEARTBEAT_MS,
  "message/connect_service.ts maxRepeats": defaults.MAX_REPEATS,
  "message/connect_service.ts maxRepeatsPercent": defaults.MAX_REPEATS_PERCENT,
  "message/reconnecting_messages_options.ts maxQueued": defaults.MAX_QUEUED,
  "message/reconnecting_messages_options.ts maxRepeats": defaults.MAX_REPEATS,
  "message/reconnecting_messages_options.ts maxRepeatsPercent":
    defaults.MAX_REPEATS_PERCENT,
  "message/serve_messages_options.ts heartbeatMs": defaults.HEARTBEAT_MS,
  "message/serve_messages_options.ts maxUnready": defaults.MAX_UNREADY,
  "message/types.ts graceMs": defaults.CLOSE_GRACE_MS,
  "message/types.ts handlerTimeoutMs": defaults.REQUEST_HANDLER_TIMEOUT_MS,
  "message/types.ts heartbeatMs": defaults.HEARTBEAT_MS,
  "message/types.ts heartbeatTimeoutMs": defaults.HEARTBEAT_TIMEOUT_MS,
  "message/types.ts maxRequests": defaults.MAX_REQUESTS,
  "message/types.ts requestsPerSecond": defaults.REQUESTS_PER_SECOND,
  "message/types.ts timeoutMs": defaults.REQUEST_TIMEOUT_MS,
  "net/datagram_types.ts maxReceiveBuffer": defaults.MAX_RECEIVE_BUFFER,
  "net/types.ts handshakeTimeoutMs": defaults.TLS_HANDSHAKE_TIMEOUT_MS,
  "net/types.ts timeoutMs": defaults.CONNECT_TIMEOUT_MS,
  "net/websocket_types.ts maxMessageLength": defaults.MAX_FRAME_LENGTH,
  "net/websocket_types.ts pingMs": Infinity,
  "rooms/serve_rooms.ts historyBytes": defaults.ROOM_HISTORY,
  "rooms/serve_rooms.ts maxMembers": defaults.ROOM_MAX_MEMBERS,
  "rooms/serve_rooms.ts maxRoomsPerMember": defaults.ROOMS_PER_MEMBER,
  "rooms/serve_rooms.ts maxSendBuffer": defaults.ROOM_MAX_SEND_BUFFER,
  "rooms/serve_rooms.ts maxTextLength": defaults.ROOM_MAX_TEXT_LENGTH,
  "server/rate.ts burstMs": defaults.RATE_BURST_MS,
  "server/topics.ts maxPerConnection": defaults.MAX_TOPICS_PER_CONNECTION,
  "server/types.ts graceMs": defaults.CLOSE_GRACE_MS,
  "server/types.ts maxConnections": defaults.MAX_CONNECTIONS,
  "server/types.ts maxConnectionsPerAddress":
    defaults.MAX_CONNECTIONS_PER_ADDRESS,
  "server/types.ts maxTotalBuffer": defaults.MAX_TOTAL_BUFFER,
};

/** Folders whose options describe a format, a peer or a test, and no limit. */
const EXEMPT = /^(presets|testing)\//;

/** A `@default` that begins with a number, and the option behind it. */
const DOCUMENTED =
  /@default \{(Infinity|[\d_]+)(?:, for a server ([\d_]+)|, or [^}]*)?\}\s*\*\/\s*(?:readonly )?(\w+)\?:/g;

const root = new URL("../src/", import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), "utf8") }));

const numberOf = (text: string) => Number(text.replaceAll("_", ""));

test("the @default of an option is its constant in defaults.ts", () => {
  const documented: Record<string, number> = {};
  for (const { path, text } of files) {
    if (EXEMPT.test(path)) continue;
    for (const [, first, forServer, name] of text.matchAll(DOCUMENTED)) {
      const value = numberOf(forServer ?? first!);
      // The width of a field is no limit.
      const isWidth = path.startsWith("codec/formats/") && value < 16;
      if (value > 0 && !isWidth) documented[`${path} ${name}`] = value;
    }
  }
  assertEquals(documented, { ...options });
});

test("options that serve and createClient share have no limit for clients", () => {
  const { text } = files.find(({ path }) => path === "framed/types.ts")!;
  for (const [, first, , name] of text.matchAll(DOCUMENTED)) {
    if (!Object.hasOwn(CLIENT_TIME_LIMITS, name!)) continue;
    const limit = CLIENT_TIME_LIMITS[name as keyof typeof CLIENT_TIME_LIMITS];
    assertEquals(numberOf(first!), limit, name);
  }
});

test("no source but defaults.ts has the default of an option as a number", () => {
  const names = new Set(Object.keys(options).map((key) => key.split(" ")[1]));
  const literal = /(\w+)(?:: number)? (?:=|\?\?) [\d_]{2,}[,; ]/g;
  for (const { path, text } of files) {
    if (EXEMPT.test(path) || path === "defaults.ts") continue;
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    for (const [found, name] of code.matchAll(literal)) {
      assert(!names.has(name), `${path}: ${found}`);
    }
  }
});

test("a NetError whose message names an option has it as its limit", () => {
  let checked = 0;
  for (const { path, text } of files) {
    for (const [made] of text.matchAll(/new NetError\([\s\S]*?\)[,;]*\n/g)) {
      const named = [
        ...made.matchAll(/ \((\w+(?:Ms|Buffer|[a-z]s|Length))\)/g),
      ];
      if (named.length === 0) continue;
      checked++;
      const has = named.some(([, name]) => made.includes(`limit: "${name}"`));
      assert(has, `${path}: ${made}`);
    }
  }
  assert(checked > 10, `${checked}`);
});
