import { type Address, formatAddress } from "../address.ts";
import { NetError, type NetErrorCode } from "../errors.ts";

/** Our codes by those of the runtimes: the `code` of an error, or its name in Deno. */
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
  ["EMSGSIZE", "MESSAGE_TOO_LARGE"],
  ["EMFILE", "OUT_OF_DESCRIPTORS"],
  ["ENFILE", "OUT_OF_DESCRIPTORS"],
]);

/** The messages for an unknown host name that come without a code (Deno, Bun). */
const UNKNOWN_HOST =
  /failed to lookup address|No such host|^Failed to listen at/;

const UNKNOWN_NAME =
  "the host name cannot be resolved; check its spelling, or give an IP address";

/** Makes the error of a connection that could not be made. */
export function connectError(to: Address, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "CONNECTION_REFUSED"
    ? to.transport === "unix"
      ? "nobody listens there: the file is no socket, or that of a process that has ended"
      : "nobody listens there; check the port, and whether the server has started"
    : code === "HOST_NOT_FOUND"
    ? to.transport === "unix"
      ? "there is no such path; check whether the server has started"
      : UNKNOWN_NAME
    : code === "PERMISSION_DENIED" && to.transport === "unix" && !says(cause)
    ? "the permissions of the socket's file or its directory do not allow it"
    : messageOf(cause);
  const message = `Cannot connect to ${formatAddress(to)}: ${why}`;
  return new NetError(code, message, { cause });
}

/** Makes the error of a listener, or a datagram socket, that could not be opened. */
export function listenError(at: Address, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "ADDRESS_IN_USE"
    ? at.transport === "unix"
      ? "somebody listens there, or it is no socket; delete it if nobody needs it"
      : "the port is in use already; take another, or 0 for a free one"
    : code === "ADDRESS_NOT_AVAILABLE"
    ? "it is not an address of this machine"
    : code === "HOST_NOT_FOUND"
    ? at.transport === "unix" ? "there is no such directory" : UNKNOWN_NAME
    : code === "PERMISSION_DENIED" && !says(cause)
    ? at.transport === "unix"
      ? "the directory does not exist, or its permissions do not allow it" // ENOENT, in Node
      : `${messageOf(cause)}; ports below 1024 are mostly for administrators`
    : messageOf(cause);
  const verb = at.transport === "udp" ? "bind" : "listen on";
  const message = `Cannot ${verb} ${formatAddress(at)}: ${why}`;
  return new NetError(code, message, { cause });
}

/** Makes the error of a datagram that could not be sent. */
export function sendError(to: Address, cause: unknown): NetError {
  const code = codeOf(cause);
  const why = code === "HOST_NOT_FOUND"
    ? UNKNOWN_NAME
    : code === "MESSAGE_TOO_LARGE"
    ? "the system does not take datagrams of this size"
    : messageOf(cause);
  const message = `Cannot send to ${formatAddress(to)}: ${why}`;
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

/** The addresses that the runtimes connect to and listen on, for error messages. */
export const SOCKET_ADDRESSES = '"tcp://host:port" or "unix:/path"';

/** Makes the error of an address that is not of the kind that was expected. */
export function addressError(address: Address, expected: string): TypeError {
  return new TypeError(
    `Cannot use the address ${
      formatAddress(address)
    } here: expected ${expected}`,
  );
}

/** Whether the message of the runtime says what to do: that of a Deno permission. */
function says(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "NotCapable";
}

/** The code for a runtime's error. */
export function codeOf(cause: unknown): NetErrorCode {
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
