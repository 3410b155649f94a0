import { type Address, formatAddress } from "../address.ts";
import { NetError, type NetErrorCode } from "../errors.ts";

/** What the runtimes call it: an error's `code`, or its name in Deno. */
const CODES: ReadonlyMap<string, NetErrorCode> = new Map([
  ["ECONNREFUSED", "CONNECTION_REFUSED"],
  ["ECONNRESET", "CONNECTION_RESET"],
  ["ECONNABORTED", "CONNECTION_RESET"],
  ["EPIPE", "CONNECTION_RESET"],
  ["ETIMEDOUT", "TIMED_OUT"],
  ["EADDRINUSE", "ADDRESS_IN_USE"],
  ["EADDRNOTAVAIL", "ADDRESS_NOT_AVAILABLE"],
  ["ENOTFOUND", "HOST_NOT_FOUND"],
  ["EAI_AGAIN", "HOST_NOT_FOUND"],
  ["ENOENT", "HOST_NOT_FOUND"],
  ["ENOTDIR", "HOST_NOT_FOUND"],
  ["EACCES", "PERMISSION_DENIED"],
  ["EPERM", "PERMISSION_DENIED"],
  ["NotCapable", "PERMISSION_DENIED"],
]);

/** How Deno says, without a code, that a host name is unknown, and Bun when it listens. */
const UNKNOWN_HOST =
  /failed to lookup address|No such host|^Failed to listen at/;

/** Makes the error of a connection that could not be made. */
export function connectError(to: Address, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "CONNECTION_REFUSED"
    ? "nobody listens there"
    : code === "HOST_NOT_FOUND"
    ? to.transport === "unix"
      ? "there is no such path"
      : "the host name cannot be resolved"
    : messageOf(cause);
  const message = `Cannot connect to ${formatAddress(to)}: ${why}`;
  return new NetError(code, message, { cause });
}

/** Makes the error of a listener that could not be opened. */
export function listenError(at: Address, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "ADDRESS_IN_USE"
    ? at.transport === "unix"
      ? "the path exists already; delete it if it is the socket of a process that has ended"
      : "the port is in use already"
    : code === "ADDRESS_NOT_AVAILABLE"
    ? "it is not an address of this machine"
    : code === "HOST_NOT_FOUND"
    ? at.transport === "unix"
      ? "there is no such directory"
      : "the host name cannot be resolved"
    : code === "PERMISSION_DENIED" && at.transport === "unix"
    ? `${messageOf(cause)} (is there such a directory?)` // ENOENT, in Node
    : messageOf(cause);
  const message = `Cannot listen on ${formatAddress(at)}: ${why}`;
  return new NetError(code, message, { cause });
}

/** Makes the error of a read or a write that failed. */
export function transferError(cause: unknown): NetError {
  const code = codeOf(cause);
  const message = code === "CONNECTION_RESET"
    ? "The peer reset the connection"
    : `The connection broke: ${messageOf(cause)}`;
  return new NetError(code, message, { cause });
}

/** Makes the error of a connection that the peer has left. */
export function resetError(): NetError {
  return new NetError("CONNECTION_RESET", "The peer reset the connection");
}

/** Makes the error of a connection that was closed on this side. */
export function closedError(): NetError {
  return new NetError("CONNECTION_CLOSED", "The connection is closed");
}

/** Makes the error of an address that is not for this adapter. */
export function addressError(address: Address): TypeError {
  return new TypeError(
    `Cannot use the address ${formatAddress(address)} here: expected ${
      address.transport === "memory"
        ? '"tcp://host:port" or "unix:/path"'
        : '"memory:name"'
    }`,
  );
}

function codeOf(cause: unknown): NetErrorCode {
  if (!(cause instanceof Error)) return "NETWORK_ERROR";
  const code = "code" in cause && typeof cause.code === "string"
    ? cause.code
    : cause.name;
  return CODES.get(code) ??
    (UNKNOWN_HOST.test(cause.message) ? "HOST_NOT_FOUND" : "NETWORK_ERROR");
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
