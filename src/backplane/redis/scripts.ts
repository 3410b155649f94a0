/**
 * The steps that Redis does as one.
 *
 * A topic is one hash, so that it expires and is evicted as a whole: `epoch`, the offsets
 * `first` and `last` of the messages that are kept, `bytes` for their size, and each
 * message in the field that is its offset.
 */

/** A script, and how many of its arguments are keys. */
export interface Script {
  readonly lua: string;
  readonly keys: number;
}

/** What a message counts besides its bytes: about what a field of a hash takes. */
const MESSAGE_OVERHEAD = 64;

/** Lua shows large numbers with an exponent. */
const DIGITS = `
local function digits(number) return string.format("%.0f", number) end
`;

/**
 * Adds a message to a topic.
 *
 * Keys: the topic, the id. Arguments: the bytes, the epoch of a new topic, the channel,
 * the most bytes of the topic, how long a topic and an id are kept, in milliseconds;
 * 0 for no id.
 */
export const APPEND: Script = {
  keys: 2,
  lua: `${DIGITS}
local topic, id = KEYS[1], KEYS[2]
local message, most, idMs = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[6])
redis.call("HSETNX", topic, "epoch", ARGV[2])
local epoch = redis.call("HGET", topic, "epoch")
if idMs > 0 then
  -- Redis may have lost the topic, and not the id.
  local known = redis.call("HMGET", id, "epoch", "offset")
  if known[1] == epoch then return known[2] end
end
local last = redis.call("HINCRBY", topic, "last", 1)
local offset = digits(last)
redis.call("HSET", topic, offset, message)
local bytes = redis.call("HINCRBY", topic, "bytes", #message + ${MESSAGE_OVERHEAD})
local first = tonumber(redis.call("HGET", topic, "first") or 1)
while bytes > most and first < last do
  local field = digits(first)
  bytes = bytes - redis.call("HSTRLEN", topic, field) - ${MESSAGE_OVERHEAD}
  redis.call("HDEL", topic, field)
  first = first + 1
end
redis.call("HSET", topic, "first", digits(first), "bytes", digits(bytes))
redis.call("PEXPIRE", topic, ARGV[5])
if idMs > 0 then
  redis.call("HSET", id, "epoch", epoch, "offset", offset)
  redis.call("PEXPIRE", id, idMs)
end
redis.call("PUBLISH", ARGV[3], offset .. ":" .. message)
return offset
`,
};

/**
 * Reads a topic, the newest message first. A topic that is new has an epoch from then on.
 *
 * Key: the topic. Arguments: the epoch of a new topic, how long a topic is kept, the
 * epoch and the offset of the position, the most bytes.
 */
export const READ: Script = {
  keys: 1,
  lua: `${DIGITS}
local topic = KEYS[1]
if redis.call("EXISTS", topic) == 0 then
  redis.call("HSET", topic, "epoch", ARGV[1])
  redis.call("PEXPIRE", topic, ARGV[2])
end
local found = redis.call("HMGET", topic, "epoch", "first", "last")
local epoch, first, last = found[1], tonumber(found[2] or 1), tonumber(found[3] or 0)
local after = tonumber(ARGV[4])
local isOfThis = ARGV[3] == epoch and after <= last
if not isOfThis then after = 0 end
local most, bytes, offset, messages = tonumber(ARGV[5]), 0, last, {}
while offset > after and offset >= first do
  local field = digits(offset)
  bytes = bytes + redis.call("HSTRLEN", topic, field)
  if bytes > most then break end
  messages[#messages + 1] = redis.call("HGET", topic, field)
  offset = offset - 1
end
return { epoch, digits(last), isOfThis and offset == after and 1 or 0, messages }
`,
};

/**
 * Gives a register another value if it has a certain one.
 *
 * Key: the registers. Arguments: the name, whether it must have a value and which,
 * whether it gets one and which.
 */
export const SWAP: Script = {
  keys: 1,
  lua: `
local value = redis.call("HGET", KEYS[1], ARGV[1])
if value ~= (ARGV[2] == "1" and ARGV[3]) then return value end
if ARGV[4] == "1" then
  redis.call("HSET", KEYS[1], ARGV[1], ARGV[5])
  return ARGV[5]
end
redis.call("HDEL", KEYS[1], ARGV[1])
return false
`,
};
