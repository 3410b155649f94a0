import { hasToken, type Head } from "./head.ts";

/** What a server wants of a request. */
export interface Wanted {
  readonly path: string;
  readonly protocol?: string | undefined;
  /** `undefined` for those of the host that a request is for. */
  readonly origins: readonly string[] | undefined;
}

/** A request that is refused. */
export interface Refusal {
  /** The status, such as `"404 Not Found"`. */
  readonly status: string;
  readonly why: string;
  /** Further fields of the response. */
  readonly fields?: readonly string[];
}

/** Says why a request is refused, if it is: RFC 6455, section 4.2. */
export function refusalOf(head: Head, wanted: Wanted): Refusal | undefined {
  const { start: [method, target, version], fields } = head;
  const key = fields.get("sec-websocket-key") ?? "";
  if (version !== "HTTP/1.1") {
    return { status: BAD_REQUEST, why: "The request is not of HTTP/1.1" };
  }
  if (method !== "GET") {
    return {
      status: "405 Method Not Allowed",
      why: "Only GET is allowed here",
      fields: ["Allow: GET"],
    };
  }
  if (pathOf(target) !== pathOf(wanted.path)) {
    return { status: "404 Not Found", why: "There is nothing at this path" };
  }
  if (!hasToken(head, "upgrade", "websocket")) {
    return {
      status: "426 Upgrade Required",
      why: "This is for WebSocket only",
      fields: ["Upgrade: websocket"],
    };
  }
  if (fields.get("sec-websocket-version") !== "13") {
    return {
      status: "426 Upgrade Required",
      why: "Only version 13 of WebSocket is spoken here",
      fields: ["Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    };
  }
  const hasBody = (fields.get("content-length") ?? "0") !== "0" ||
    fields.has("transfer-encoding");
  const isWhole = hasToken(head, "connection", "upgrade") && !hasBody &&
    fields.has("host") && /^[A-Za-z\d+/]{22}==$/.test(key);
  if (!isWhole) {
    return {
      status: BAD_REQUEST,
      why: "The request is not one of WebSocket (RFC 6455, section 4.1)",
    };
  }
  if (!mayConnect(fields.get("origin"), fields.get("host"), wanted.origins)) {
    return {
      status: "403 Forbidden",
      why: "Pages of this origin may not connect",
    };
  }
  const { protocol } = wanted;
  const offered = fields.get("sec-websocket-protocol") ?? "";
  if (protocol === undefined || namesIn(offered).includes(protocol)) {
    return undefined;
  }
  return {
    status: BAD_REQUEST,
    why: `The protocol ${protocol} must be offered`,
  };
}

const BAD_REQUEST = "400 Bad Request";

/** The path of a request, without its query. */
export function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

function namesIn(list: string): string[] {
  return list.split(",").map((name) => name.trim());
}

function mayConnect(
  origin: string | undefined,
  host: string | undefined,
  origins: readonly string[] | undefined,
): boolean {
  if (origin === undefined) return true;
  if (origins !== undefined) {
    return origins.includes(origin.toLowerCase()) || origins.includes("*");
  }
  const scheme = /^https?:\/\//.exec(origin)?.[0];
  const from = hostOf(origin);
  // Of both, the port that is usual for the scheme can be left out.
  return scheme !== undefined && from !== undefined &&
    from === hostOf(`${scheme}${host}`);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
