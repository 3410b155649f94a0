import { checkKind, checkOptions, type OptionKinds } from "../checks.ts";
import { FrameError } from "../codec/errors.ts";
import { delimited } from "../codec/formats/delimited.ts";
import { text } from "../codec/views/text.ts";
import {
  HEALTH_MAX_CONNECTIONS,
  HEALTH_TIMEOUT_MS,
  MAX_HEADER_LENGTH,
} from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import type { Address, AddressLike } from "../net/address.ts";
import type { Network } from "../net/types.ts";
import { serve } from "./serve.ts";
import type {
  ServerCloseOptions,
  ServerLifecycle,
  ServerState,
} from "./types.ts";

/** Options of {@linkcode healthEndpoint}. */
export interface HealthEndpointOptions {
  /**
   * Where to listen; port 0 takes a free one. Without a host name it is the
   * loopback interface only.
   */
  address: AddressLike;
  /** The servers that must all be open for the program to be ready. */
  servers: Iterable<{ readonly state: ServerState }>;
  /**
   * The text of `/metrics`, in the text format of Prometheus. Without it, there is no
   * such path.
   */
  metrics?: () => string | Promise<string>;
  /**
   * Called with what `metrics` throws, and with the errors of connections. By default,
   * errors of the program go to `console.error`, and those of clients go nowhere.
   */
  onError?: (error: unknown, peer: Address) => void;
  /** What to listen with; by default, the sockets of the runtime. */
  network?: Pick<Network, "listen">;
}

const kinds: OptionKinds<HealthEndpointOptions> = {
  address: "checked",
  servers: "checked",
  metrics: "function",
  onError: "function",
  network: ["listen"],
};

/** An endpoint that is listening; made by {@linkcode healthEndpoint}. */
export interface HealthEndpoint extends ServerLifecycle, AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** Closes it. Close it after the servers, so that it can say that they close. */
  close(options?: ServerCloseOptions): Promise<void>;
}

/** A response of HTTP: the status line, the body, and further fields. */
interface Answer {
  readonly status: string;
  readonly body: string;
  readonly fields?: string;
}

/**
 * Tells orchestrators, over HTTP/1.1, how a program is: whether it lives, and whether
 * it is to be sent clients.
 *
 * | request | response |
 * | --- | --- |
 * | `GET /live` | 200: the event loop turns |
 * | `GET /ready` | 200 while all servers are open; 503 as soon as one closes |
 * | `GET /metrics` | 200 and the text of `metrics`; 500 if that throws |
 * | `HEAD` of these | the same without the body |
 * | another method | 405 |
 * | another path | 404 |
 * | something else than HTTP/1 | 400; 431 if its head has more than 8 KiB |
 *
 * Each connection is closed after its response. A request may take 5 seconds to
 * arrive, and its response as long again; there are at most 100 connections at a time.
 *
 * @example
 * ```ts
 * import { healthEndpoint, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   (connection) => connection.forEach((line) => connection.send(line)),
 * );
 * await using health = await healthEndpoint({
 *   address: { port: 0 },
 *   servers: [server],
 * });
 * const { port } = health.address as { port: number };
 * const ready = () => fetch(`http://127.0.0.1:${port}/ready`);
 *
 * const response = await ready();
 * assertEquals([response.status, await response.text()], [200, "ready\n"]);
 * await server.close();
 * const later = await ready();
 * assertEquals([later.status, await later.text()], [503, "closed\n"]);
 * ```
 *
 * @param options Where, of which servers, and the metrics.
 * @returns The endpoint, listening.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {TypeError} If the address or a server is none, or there is no such option.
 */
export async function healthEndpoint(
  options: HealthEndpointOptions,
): Promise<HealthEndpoint> {
  checkOptions("healthEndpoint", options, kinds);
  const { address, metrics, onError, network } = options;
  const servers = [...options.servers];
  for (const server of servers) {
    checkKind("the state of a server", server?.state, "string");
  }
  return await serve({
    address,
    // The head of a request ends with an empty line.
    codec: text(delimited({
      delimiter: "\r\n\r\n",
      maxFrameLength: MAX_HEADER_LENGTH,
    })),
    maxConnections: HEALTH_MAX_CONNECTIONS,
    firstFrameTimeoutMs: HEALTH_TIMEOUT_MS,
    frameTimeoutMs: HEALTH_TIMEOUT_MS,
    handlerTimeoutMs: HEALTH_TIMEOUT_MS,
    writeTimeoutMs: HEALTH_TIMEOUT_MS,
    ...(onError && { onError }),
    ...(network && { network }),
  }, (connection) => answer(connection, servers, metrics));
}

async function answer(
  connection: FramedConnection<string>,
  servers: HealthEndpointOptions["servers"],
  metrics: HealthEndpointOptions["metrics"],
): Promise<void> {
  let head: string | undefined;
  try {
    head = await connection.receive();
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    if (error.code !== "FRAME_TOO_LARGE") throw error;
    return send(connection, status("431 Request Header Fields Too Large"));
  }
  if (head === undefined) return;
  const [, method = "", path = ""] =
    /^([!-~]+) (\/[!-~]*) HTTP\/1\.\d(?:\r\n|$)/.exec(head) ?? [];
  try {
    const given = await answerTo(method, path, servers, metrics);
    send(connection, given, method !== "HEAD");
  } catch (error) {
    send(connection, status("500 Internal Server Error"), method !== "HEAD");
    throw error;
  }
}

async function answerTo(
  method: string,
  path: string,
  servers: HealthEndpointOptions["servers"],
  metrics: HealthEndpointOptions["metrics"],
): Promise<Answer> {
  if (method === "") return status("400 Bad Request");
  const [place] = path.split("?");
  const known = place === "/live" || place === "/ready" ||
    (place === "/metrics" && metrics !== undefined);
  if (!known) return status("404 Not Found");
  if (method !== "GET" && method !== "HEAD") {
    return {
      ...status("405 Method Not Allowed"),
      fields: "Allow: GET, HEAD\r\n",
    };
  }
  if (place === "/live") return { status: "200 OK", body: "live\n" };
  if (place === "/metrics" && metrics !== undefined) {
    return { status: "200 OK", body: await metrics() };
  }
  const states = Array.from(servers, ({ state }) => state);
  const notOpen = states.find((state) => state !== "open");
  return notOpen === undefined
    ? { status: "200 OK", body: "ready\n" }
    : { status: "503 Service Unavailable", body: `${notOpen}\n` };
}

/** An answer whose body says its status. */
function status(status: string): Answer {
  return { status, body: `${status}\n` };
}

function send(
  connection: FramedConnection<string>,
  { status, body, fields = "" }: Answer,
  withBody = true,
): void {
  const utf8 = new TextEncoder();
  const { length } = utf8.encode(body);
  // The version is that of the text format of Prometheus.
  const head = `HTTP/1.1 ${status}\r\n` +
    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n" +
    `Content-Length: ${length}\r\n${fields}` +
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
  // Where the promise rejects, the connection ends with the same error.
  void connection.sendEncoded(utf8.encode(withBody ? head + body : head));
}
