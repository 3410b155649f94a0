/**
 * The defaults of all options that are numbers, and the limits that are no options
 * but can be seen from outside, in one place. Times are in milliseconds, sizes in
 * bytes; `Infinity` stands for no limit. This file imports nothing.
 *
 * Each `@default` of an options interface repeats one of these:
 * `tests/defaults_test.ts` compares them.
 */

// Codecs

/** The largest frame, where the format or the peer has no limit of its own: 1 MiB. */
export const MAX_FRAME_LENGTH = 1_048_576;

/** The largest header of a format whose headers are text: 8 KiB. */
export const MAX_HEADER_LENGTH = 8_192;

/** The largest header of `headerPrefixed`, whose headers are binary. */
export const MAX_BINARY_HEADER_LENGTH = 64;

/**
 * How far a header of `headerPrefixed` may grow byte by byte: its function gets all
 * of it each time.
 */
export const MAX_GROWN_HEADER_LENGTH = 256;

/** How many parts of a frame may be within each other. */
export const MAX_DEPTH = 128;

/** What that limit may be at most: programs go through such frames by recursion. */
export const LARGEST_MAX_DEPTH = 1_000;

/** How many lists and objects of a JSON message may be within each other. */
export const MAX_JSON_DEPTH = 1_000;

// Connections and listeners

/** The host of an address without one: nothing is offered to the network by accident. */
export const HOSTNAME = "127.0.0.1";

/** How long connecting may take. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** How long the handshake of a program may take (`handshake`). */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How long a handshake of TLS or WebSocket, or the header of a proxy, may take. */
export const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;

/** How many of them, of each kind, may be under way at a time. */
export const MAX_HANDSHAKES = 1_024;

/** The longest header of the PROXY protocol that is read: 4 KiB. */
export const MAX_PROXY_HEADER_LENGTH = 4_096;

/** How many accepted connections may wait until the program takes them. */
export const MAX_WAITING_CONNECTIONS = 512;

/** How long a request to `healthEndpoint`, and its response, may take. */
export const HEALTH_TIMEOUT_MS = 5_000;

/** How many connections `healthEndpoint` has at a time. */
export const HEALTH_MAX_CONNECTIONS = 100;

/** The peer is paused when more bytes than this have arrived and are not read. */
export const RECEIVE_HIGH_WATER_MARK = 65_536;

/** `send` returns a promise of room when more bytes than this wait to be sent. */
export const SEND_HIGH_WATER_MARK = 65_536;

/** `send` throws when more bytes than this wait to be sent: 16 MiB. */
export const MAX_SEND_BUFFER = 16_777_216;

/** How many bytes may wait where a browser cannot hold the peer back: 16 MiB. */
export const MAX_BROWSER_BUFFER = 16_777_216;

/** How many bytes of datagrams may wait to be received. */
export const MAX_RECEIVE_BUFFER = 1_048_576;

// Time limits of connections

/** How long the peer may take none of our bytes, or go on sending, during a close. */
export const CLOSE_TIMEOUT_MS = 30_000;

/** After how much silence of the peer a close on this side is complete. */
export const LINGER_MS = 2_000;

/** The time limits of a connection. */
export type TimeLimits = Readonly<
  Record<
    | "firstFrameTimeoutMs"
    | "idleTimeoutMs"
    | "frameTimeoutMs"
    | "bodyTimeoutMs"
    | "writeTimeoutMs"
    | "handlerTimeoutMs"
    | "closeTimeoutMs",
    number
  >
>;

/**
 * The time limits of the connections of a server. The limit on writing is long
 * because a system whose send buffer is full takes no more bytes before a third of
 * the buffer is free: with a peer that reads 20 KB/s, that takes 80 seconds.
 */
export const SERVER_TIME_LIMITS: TimeLimits = {
  firstFrameTimeoutMs: Infinity,
  idleTimeoutMs: 300_000,
  frameTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  writeTimeoutMs: 120_000,
  handlerTimeoutMs: Infinity,
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
};

/** The time limits of all other connections: none, except during a close. */
export const CLIENT_TIME_LIMITS: TimeLimits = {
  firstFrameTimeoutMs: Infinity,
  idleTimeoutMs: Infinity,
  frameTimeoutMs: Infinity,
  bodyTimeoutMs: Infinity,
  writeTimeoutMs: Infinity,
  handlerTimeoutMs: Infinity,
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
};

// Servers and clients

/** How many connections a server has at a time. */
export const MAX_CONNECTIONS = 10_000;

/** How many of them may come from one address. */
export const MAX_CONNECTIONS_PER_ADDRESS: number = Infinity;

/** How many bytes may wait in all of them, to be read and to be sent: 512 MiB. */
export const MAX_TOTAL_BUFFER = 536_870_912;

/** How many topics a connection of a server may be subscribed to. */
export const MAX_TOPICS_PER_CONNECTION = 1_000;

/** How long the name of a topic of a server may be, in UTF-16 units. */
export const MAX_TOPIC_LENGTH = 1_024;

/** For how long a rate may have been saved up. */
export const RATE_BURST_MS = 1_000;

/** How long the connections of a server may take to end before they are aborted. */
export const CLOSE_GRACE_MS = 5_000;

/** The peers are paused when more bytes of events than this wait for the loop. */
export const EVENTS_HIGH_WATER_MARK = 1_048_576;

/** The longest wait before the first attempt to connect again. */
export const RECONNECT_INITIAL_DELAY_MS = 1_000;

/** The longest wait before any attempt to connect again. */
export const RECONNECT_MAX_DELAY_MS = 30_000;

/** How long a connection must last for the waits to start anew. */
export const RECONNECT_STABLE_AFTER_MS = 10_000;

// Messages

/** How many connections of a server of messages may be in their setup. */
export const MAX_UNREADY: number = Infinity;

/** How many requests of the other side are handled at a time. */
export const MAX_REQUESTS = 1_000;

/** How many requests of the other side are handled a second. */
export const REQUESTS_PER_SECOND: number = Infinity;

/** How long the handler of a request may take. */
export const REQUEST_HANDLER_TIMEOUT_MS: number = Infinity;

/** How long the reply to a request may take. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** How many requests and events wait while there is no connection. */
export const MAX_QUEUED = 1_000;

/** How often one request is sent again. */
export const MAX_REPEATS = 3;

/** How many in a hundred requests may be sent again. */
export const MAX_REPEATS_PERCENT = 20;

/** How many may be sent again however few requests there are. */
export const MIN_REPEATS = 10;

/** For how long requests are counted for that. */
export const REPEATS_WINDOW_MS = 10_000;

/** After how much silence the other side is sent a ping. */
export const HEARTBEAT_MS = 30_000;

/** How long the answer to a ping may take. */
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** The same of a client of a service, which finds lost messages by it. */
export const SERVICE_HEARTBEAT_MS = 5_000;

/** How many items of a stream may be in flight. */
export const STREAM_CREDIT = 64;

/** How many messages wait while all handlers are at work and reading must go on. */
export const MAX_WAITING_MESSAGES = 10_000;

/** About how long those messages may be together, in bytes. */
export const MAX_WAITING_MESSAGES_LENGTH = 16_777_216;

/** How many commands are counted each; all others are counted together. */
export const MAX_COUNTED_COMMANDS = 1_000;

/** How many requests that were given up, and that were answered, are remembered. */
export const MAX_REMEMBERED_IDS = 1_000;

/** How many bytes of `pipelined` replies may wait for the replies before them. */
export const MAX_WAITING_REPLIES = 16_777_216;

// Backplanes

/** How many bytes of messages a topic in memory keeps. */
export const BACKPLANE_MAX_TOPIC_BYTES = 1_048_576;

/** How many topics are kept in memory. */
export const BACKPLANE_MAX_TOPICS = 10_000;

/** For how long a topic remembers the ids of its messages. */
export const BACKPLANE_ID_MS = 120_000;

/** How many bytes of a topic are read at once. */
export const BACKPLANE_HISTORY_BYTES = 1_048_576;

/** How often a node says that it is alive. */
export const BACKPLANE_BEAT_MS = 1_000;

/** After how many beats without a sign of life a node is dead. */
export const BACKPLANE_MAX_SILENT_BEATS = 4;

/** How long the reply of another node may take. */
export const BACKPLANE_REQUEST_TIMEOUT_MS = 5_000;

/** How often a connection to an engine is tried with a round trip. */
export const BACKPLANE_PROBE_MS = 400;

/** How long such a round trip may take. */
export const BACKPLANE_PROBE_TIMEOUT_MS = 500;

/** How long an engine may take to answer a request. */
export const BACKPLANE_ANSWER_TIMEOUT_MS = 3_000;

/** What the names of a service in NATS begin with. */
export const NATS_PREFIX = "framewire";

/** How many messages of a topic are kept in NATS. */
export const NATS_MAX_TOPIC_MESSAGES = 1_000;

/** For how long the messages of topics are kept in NATS: a day. */
export const NATS_MAX_AGE_MS = 86_400_000;

/** How many bytes of all topics together are kept in NATS. */
export const NATS_MAX_BYTES = 1_073_741_824;

/** The longest message that is given to Redis. */
export const REDIS_MAX_MESSAGE_LENGTH = 1_048_576;

/** How long Redis keeps a topic after its last message. */
export const REDIS_RETENTION_MS = 86_400_000;

/** How often Redis is asked whether it is there. */
export const REDIS_PING_MS = 500;

/** How long it may take to connect to Redis. */
export const REDIS_CONNECT_MS = 5_000;

/** About how long it takes until Redis is tried again. */
export const REDIS_RETRY_MS = 250;

// Rooms

/** How many bytes of what was said in a room are kept for those who join. */
export const ROOM_HISTORY = 65_536;

/** How many bytes of what was said a member gets that comes back to a room. */
export const ROOM_RECOVERY_BYTES = 1_048_576;

/** For how long a room that somebody asked about is watched. */
export const ROOM_WATCH_MS = 5_000;

/** How long another server of rooms may take to answer. */
export const ROOM_QUESTION_TIMEOUT_MS = 2_000;

/** The longest text that can be said. */
export const ROOM_MAX_TEXT_LENGTH = 4_096;

/** How many members a room has. */
export const ROOM_MAX_MEMBERS = 1_000;

/** How many rooms a member is in. */
export const ROOMS_PER_MEMBER = 16;

/** A member that has not taken more bytes than this is cut. */
export const ROOM_MAX_SEND_BUFFER = 1_048_576;

/** How many bytes a second a flooding member may say while others lag behind. */
export const ROOM_FLOOD_BYTES_PER_SECOND = 16_384;

// Remote commands

/** How many clients are connected to a server of commands. */
export const COMMAND_MAX_CONNECTIONS = 100;

/** How long a client may take to authenticate. */
export const COMMAND_HANDSHAKE_TIMEOUT_MS = 5_000;

/** How long a client may stay without a run. */
export const COMMAND_IDLE_TIMEOUT_MS = 300_000;

/** How many runs there are at a time, of all commands and clients together. */
export const COMMAND_MAX_RUNS = 64;

/** How many runs of one command there are at a time. */
export const COMMAND_MAX_CONCURRENT = 4;

/** How long a run may take. */
export const COMMAND_TIMEOUT_MS = 30_000;

/** How many bytes a run may put out. */
export const COMMAND_MAX_OUTPUT = 16_777_216;

/** How long a process may take to end after `SIGTERM` before it gets `SIGKILL`. */
export const COMMAND_KILL_GRACE_MS = 2_000;

/** How many bytes of output `collect` keeps. */
export const COLLECT_MAX_BYTES = 67_108_864;
