import {
  checkOptions,
  hasMethods,
  isObject,
  type OptionKinds,
  shown,
} from "../checks.ts";

/** All properties that the objects for an address have. */
const properties: OptionKinds<{
  transport: unknown;
  hostname: unknown;
  port: unknown;
  path: unknown;
  name: unknown;
  nodeId: unknown;
}> = {
  port: "checked",
  hostname: "string",
  transport: "string",
  path: "checked",
  name: "string",
  nodeId: "string",
};

/**
 * Refuses what is neither a string nor an object for an address: a number, a URL, a
 * socket, an object with `host`.
 *
 * @throws {TypeError} If it is refused. It says what to write instead.
 */
export function checkAddress(address: unknown): void {
  if (typeof address === "string") return;
  const instead = insteadOf(address);
  if (!isObject(address) || instead !== undefined) {
    throw addressError(address, instead);
  }
  checkOptions("an address", address, properties);
}

/**
 * The error of a string that cannot be read as an address.
 *
 * @param scheme What a string without a scheme was meant for.
 */
export function notAnAddress(
  text: string,
  scheme: "tcp" | "udp" = "tcp",
): TypeError {
  return addressError(text, insteadOfText(text.trim(), scheme));
}

function addressError(
  address: unknown,
  instead: string | undefined,
): TypeError {
  return new TypeError(
    `Cannot read the address: expected "tcp://host:port", "tls://host:port", "ws://host:port/path", "udp://host:port" or "unix:/path", got ${
      shown(address)
    }${instead === undefined ? "" : `; ${instead}`}`,
  );
}

/** What to write in place of a value, where it is known what was meant. */
function insteadOf(address: unknown): string | undefined {
  if (typeof address === "number") return `write { port: ${address} }`;
  if (address instanceof URL) return "write its .href";
  if (hasMethods(address, ["then"])) return "await it first";
  if (!isObject(address) || !("address" in address)) return undefined;
  // An object that has an address, or one that Node's `server.address()` returns.
  return isObject(address.address)
    ? "write its .address"
    : "write { hostname, port }";
}

/** A scheme or none; an IPv6 address, in brackets or not, or a host; a port. */
const HOST =
  /^(?:(tcp|tls|wss?|udp|http):\/*)?(?:\[?((?:[\da-f]*:){2,}?[\da-f.]*?)\]?|([\w.-]*))(?::(\d{1,5}))?\/?$/i;

function insteadOfText(text: string, scheme: string): string | undefined {
  if (/^\.{0,2}\/|\.sock$/.test(text)) return `write ${shown(`unix:${text}`)}`;
  if (/^\d+$/.test(text)) return `write { port: ${text} }`;
  const match = HOST.exec(text);
  if (text === "" || match === null) return undefined;
  const [, given = scheme, ip, host = "", port = "PORT"] = match;
  const known = given.toLowerCase().replace("http", "tcp");
  return `write "${known}://${ip === undefined ? host : `[${ip}]`}:${port}"`;
}
