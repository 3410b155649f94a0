/** SOCKS5 (RFC 1928) with a user name and a password (RFC 1929), both sides. */

import {
  connect,
  fixedLength,
  framed,
  type FramedConnection,
  handshake,
  headerPrefixed,
  serve,
  type Server,
} from "../../../mod.ts";
import { utf8 } from "../../support/bytes.ts";

/** A user name and a password. */
export type Login = readonly [name: string, password: string];

/** A version, a count, and so many bytes: methods, or VER and a user name. */
const counted = headerPrefixed({
  headerLength: 2,
  frameLength: (header) => 2 + header[1]!,
});

/** A length and so many bytes: a password. */
const password = headerPrefixed({
  headerLength: 1,
  frameLength: (header) => 1 + header[0]!,
});

/** A version, and a method or a status. */
const pair = fixedLength({ frameLength: 2 });

/** VER, CMD or REP, RSV, ATYP, an address of that type, the port. */
const target = headerPrefixed({
  headerLength: 5,
  frameLength: ([, , , type, length]) =>
    type === 1 ? 10 : type === 4 ? 22 : 7 + length!,
});

/** Asks a proxy for a connection, which goes on in a format of its own. */
export function throughSocks5(
  connection: FramedConnection<Uint8Array>,
  host: string,
  port: number,
  login?: Login,
): Promise<FramedConnection<Uint8Array>> {
  return handshake(connection, async (connection, step) => {
    step("the method");
    const wanted = login === undefined ? 0 : 2;
    const proxy = connection.switchCodec(counted);
    await proxy.send(Uint8Array.of(5, 1, wanted));
    const [version, method] = await proxy.switchCodec(pair).receive() ?? [];
    if (version !== 5 || method !== wanted) {
      throw new Error(`The proxy takes method ${method}`);
    }
    if (login !== undefined) {
      step("the password");
      const [name, secret] = login.map(utf8) as [Uint8Array, Uint8Array];
      await proxy.sendEncoded(
        Uint8Array.of(1, name.length, ...name, secret.length, ...secret),
      );
      const [, status] = await proxy.receive() ?? [];
      if (status !== 0) throw new Error("The proxy refuses the password");
    }
    step("CONNECT");
    const to = utf8(host);
    const asking = proxy.switchCodec(target);
    await asking.send(
      Uint8Array.of(5, 1, 0, 3, to.length, ...to, port >> 8, port & 255),
    );
    const [, reply] = await asking.receive() ?? [];
    if (reply !== 0) throw new Error(`The proxy answers ${reply}`);
    return asking;
  });
}

/** A proxy for clients with that password, or without one. */
export function serveSocks5(login?: Login): Promise<Server<Uint8Array>> {
  return serve({
    address: { port: 0 },
    codec: counted,
    onError: () => undefined,
  }, async (connection) => {
    const [client, peer] = await handshake(
      connection,
      async (connection, step) => {
        step("the method");
        const offered = await connection.receive();
        const wanted = login === undefined ? 0 : 2;
        const isOffered = offered?.subarray(2).includes(wanted) ?? false;
        const answer = isOffered ? wanted : 255;
        const waiting = connection.switchCodec(pair);
        await waiting.send(Uint8Array.of(5, answer));
        if (!isOffered) await refuse(waiting, "The client has no such method");
        if (login !== undefined) {
          step("the password");
          const name = await waiting.switchCodec(counted).receive();
          const secret = await waiting.switchCodec(password).receive();
          const given = [name?.slice(2), secret?.slice(1)].join();
          const isRight = given === login.map(utf8).join();
          waiting.switchCodec(pair);
          await waiting.send(Uint8Array.of(1, isRight ? 0 : 1));
          if (!isRight) await refuse(waiting, "The password is wrong");
        }
        step("CONNECT");
        const asking = waiting.switchCodec(target);
        const request = await asking.receive();
        if (request?.[3] !== 3) throw new Error("Expected a host name");
        const hostname = new TextDecoder().decode(request.subarray(5, -2));
        const [high, low] = request.subarray(-2);
        const peer = await connect({ hostname, port: high! * 256 + low! });
        await asking.send(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
        return [asking, peer] as const;
      },
    );
    // What came glued to the request goes first.
    const here = client.switchCodec(bytes);
    const there = framed(peer, bytes);
    await Promise.all([
      here.forEach((byte) => there.send(byte)).then(() => there.close()),
      there.forEach((byte) => here.send(byte)).then(() => here.closeWrite()),
    ]);
  });
}

/** Fails when the client has read why. */
async function refuse(
  connection: FramedConnection<Uint8Array>,
  why: string,
): Promise<never> {
  await connection.close();
  throw new Error(why);
}

const bytes = fixedLength({ frameLength: 1 });
