/** Protocols that begin in one format and go on in another, both sides of each. */

import {
  createClient,
  delimited,
  fixedLength,
  type FramedConnection,
  handshake,
  lengthPrefixed,
  lines,
  presets,
  serve,
  type Server,
  text,
} from "../../../mod.ts";
import { utf8 } from "../../support/bytes.ts";
import type { Certificates } from "../../support/certificates.ts";
import { type Login, serveSocks5, throughSocks5 } from "./socks5.ts";

/** A server, and what its client gets in the end. */
export interface Exchange {
  readonly server: Pick<Server<never>, "address">;
  /** Connects to the server, or to what is between, and speaks to it. */
  run(address: Server<never>["address"]): Promise<unknown>;
  close(): Promise<void>;
}

function exchange<In, Out>(
  server: Server<In, Out>,
  run: Exchange["run"],
  close: () => Promise<void> = () => server.close({ graceMs: 1_000 }),
): Exchange {
  return { server, run, close };
}

const smtp = text(delimited({ delimiter: "\r\n" }));

/** A line of a server, which must begin with a code. */
async function expectCode(
  connection: FramedConnection<string>,
  code: string,
): Promise<void> {
  const line = await connection.receive();
  if (!line?.startsWith(code)) throw new Error(`Expected ${code}, got ${line}`);
}

/** STARTTLS of SMTP (RFC 3207). */
export async function startTls(
  { ca, server: tls }: Certificates,
  agree = "220 go ahead\r\n",
): Promise<Exchange> {
  const server = await serve(
    { address: { port: 0 }, codec: smtp },
    (connection) =>
      handshake(connection, async (connection, step) => {
        step("the greeting");
        await connection.send("220 hello");
        await expectCode(connection, "EHLO");
        await connection.send("250 STARTTLS");
        step("STARTTLS");
        await expectCode(connection, "STARTTLS");
        void connection.sendEncoded(utf8(agree));
        await connection.startTls("server", tls);
        await expectCode(connection, "EHLO");
        await connection.send(`250 ${connection.tls?.version}`);
      }),
  );
  return exchange(server, async (address) => {
    await using connection = await createClient({ address, codec: smtp });
    await using client = await handshake(
      connection,
      async (connection, step) => {
        step("the greeting");
        await expectCode(connection, "220");
        await connection.send("EHLO me");
        await expectCode(connection, "250 STARTTLS");
        step("STARTTLS");
        await connection.send("STARTTLS");
        await expectCode(connection, "220");
        return await connection.startTls("client", {
          ca,
          serverName: "localhost",
        });
      },
    );
    await client.send("EHLO me");
    return await client.receive();
  });
}

/** The head of a message of HTTP/1.1. */
const head = text(delimited({ delimiter: "\r\n\r\n" }));

/** An upgrade of HTTP/1.1 (RFC 9110, section 7.8). Both sides glue a frame to it. */
export async function upgrade(): Promise<Exchange> {
  const frames = lengthPrefixed();
  const server = await serve({ address: { port: 0 }, codec: head }, async (
    connection,
  ) => {
    const upgraded = await handshake(connection, async (connection, step) => {
      step("the request");
      const request = await connection.receive();
      if (!/^Upgrade: frames$/m.test(request ?? "")) {
        throw new Error(`Got ${request}`);
      }
      void connection.send("HTTP/1.1 101 Switching Protocols");
      return connection.switchCodec(frames);
    });
    await upgraded.send(utf8("welcome"));
    await upgraded.forEach((frame) => upgraded.send(frame));
  });
  return exchange(server, async (address) => {
    await using connection = await createClient({ address, codec: head });
    const client = await handshake(connection, async (connection, step) => {
      step("the response");
      const request = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: frames\r\n\r\n";
      await connection.sendEncoded(
        new Uint8Array([...utf8(request), ...frames.encode(utf8("early"))]),
      );
      const response = await connection.receive();
      if (!response?.startsWith("HTTP/1.1 101 ")) {
        throw new Error(`Got ${response}`);
      }
      return connection.switchCodec(frames);
    });
    const answers = [await client.receive(), await client.receive()];
    return answers.map((answer) => new TextDecoder().decode(answer));
  });
}

const startup = presets.postgres({ startup: true });
const messages = presets.postgres();
const byte = fixedLength({ frameLength: 1 });
const SSL_REQUEST = Uint8Array.of(4, 210, 22, 47);
const READY = { type: "Z", body: utf8("I") };

/** PostgreSQL without TLS: a byte answers the first message, types come later. */
export async function postgres(): Promise<Exchange> {
  const server = await serve({ address: { port: 0 }, codec: startup }, async (
    connection,
  ) => {
    const ready = await handshake(connection, async (connection, step) => {
      step("SSLRequest");
      const request = await connection.receive();
      if (request?.body.join() !== SSL_REQUEST.join()) {
        throw new Error("Expected an SSLRequest");
      }
      await connection.switchCodec(byte).send(utf8("N"));
      step("StartupMessage");
      const wanted = await connection.switchCodec(startup).receive();
      if (wanted?.body[1] !== 3) throw new Error("Expected version 3");
      const ready = connection.switchCodec(messages);
      void ready.send({ type: "R", body: new Uint8Array(4) });
      void ready.send(READY);
      return ready;
    });
    await ready.forEach(({ body }) => {
      void ready.send({ type: "D", body });
      void ready.send(READY);
    });
  });
  return exchange(server, async (address) => {
    await using connection = await createClient({ address, codec: startup });
    const client = await handshake(connection, async (connection, step) => {
      step("SSLRequest");
      await connection.send({ type: "", body: SSL_REQUEST });
      const [answer] = await connection.switchCodec(byte).receive() ?? [];
      if (answer !== 78) throw new Error(`Expected N, got ${answer}`);
      step("StartupMessage");
      const starting = connection.switchCodec(startup);
      const body = utf8("\0\x03\0\0user\0me\0\0");
      await starting.send({ type: "", body });
      const ready = connection.switchCodec(messages);
      let type: string | undefined;
      while (type !== "Z") {
        type = (await ready.receive())?.type;
        if (type === undefined || type === "E") {
          throw new Error("The server refuses");
        }
      }
      return ready;
    });
    await client.send({ type: "Q", body: utf8("SELECT 1\0") });
    const { type, body } = await client.receive() ?? {};
    return [type, new TextDecoder().decode(body)];
  });
}

/** A server that speaks first, behind a proxy of SOCKS5. */
export async function socks5(
  login?: Login,
  given: Login | undefined = login,
): Promise<Exchange> {
  const inner = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      await connection.send("welcome");
      await connection.forEach((line) => connection.send(`> ${line}`));
    },
  );
  const proxy = await serveSocks5(login);
  const { address: to } = inner;
  if (to.transport !== "tcp") throw new Error("Expected TCP");
  return exchange(proxy, async (address) => {
    await using connection = await createClient({ address, codec: byte });
    const through = await throughSocks5(
      connection,
      to.hostname,
      to.port,
      given,
    );
    const client = through.switchCodec(lines());
    await client.send("hello");
    return [await client.receive(), await client.receive()];
  }, async () => {
    await proxy.close({ graceMs: 1_000 });
    await inner.close({ graceMs: 1_000 });
  });
}
