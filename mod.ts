/**
 * Message framing for byte streams: TCP keeps bytes in order and forgets where
 * messages end; this gives the ends back.
 *
 * One description of a frame format, a {@linkcode Codec}, serves the pure codec,
 * the Web Streams, the framed connections, the server and the client.
 *
 * @example A server and a client
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   (connection) => connection.forEach((line) => connection.send(`> ${line}`)),
 * );
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * assertEquals(await client.receive(), "> hello");
 * ```
 *
 * @module
 */
export * from "./src/codec/mod.ts";
export * from "./src/stream/mod.ts";
export * from "./src/net/mod.ts";
export * from "./src/framed/mod.ts";
export * from "./src/server/mod.ts";
export * from "./src/client/mod.ts";
export * as presets from "./src/presets/mod.ts";
